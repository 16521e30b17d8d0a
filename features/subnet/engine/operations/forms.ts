import type * as v from 'valibot'
import { anything, hex, key, name, object } from '../fields.ts'
import type { Rules } from '../rules.ts'
import type { ApplyContext, SignedForm } from './operation.ts'

/** The signature forms of spec/subnet 2.1. */

interface FormA {
  readonly type: string
  readonly key: string
  readonly value: { readonly msg: { readonly type: string; readonly key: string } }
  readonly hash: string
  readonly nonce: string
}

interface FormB {
  readonly type: string
  readonly value: { readonly dispatch: { readonly type: string } }
  readonly hash: string
  readonly nonce: string
}

interface FormC {
  readonly type: string
  readonly key: string
  readonly value: {
    readonly dispatch: { readonly hash: string; readonly nonce: string; readonly value?: unknown }
  }
}

export const formA: SignedForm<FormA> = {
  statement: ({ type, key, value, nonce }) => ({ type, key, plain: value.msg, value: value.msg, nonce }),
  signature: ({ hash }) => hash
}

export const formB: SignedForm<FormB> = {
  statement: ({ type, value, nonce }) => ({ type, plain: value, value: value.dispatch, nonce }),
  signature: ({ hash }) => hash
}

export const formC: SignedForm<FormC> = {
  statement({ type, key, value: { dispatch } }) {
    const { hash: _hash, nonce, ...value } = dispatch
    return { type, key, plain: dispatch.value, value, nonce }
  },
  signature: ({ value }) => value.dispatch.hash
}

/** What messages of form A say twice must be the same both times. */
export function sameTwice(op: FormA): boolean {
  return op.value.msg.key === op.key && op.value.msg.type === op.type
}

/** Ruleset 2: a dispatch that was signed for one operation is not good for another. */
export function namesItsType(op: FormB, rules: Rules): boolean {
  return !rules.dispatchNamesType || op.value.dispatch.type === op.type
}

export async function adminOnly(_op: unknown, { state }: ApplyContext): Promise<readonly (string | null)[]> {
  return [await state.admin()]
}

/** The key of a person: any hex in ruleset 1. */
export function person(rules: Rules): v.GenericSchema<unknown, string> {
  return rules.wholeKeys ? key : hex
}

export function signedA<
  K extends v.GenericSchema<unknown, string>,
  T extends v.ObjectEntries = Record<never, never>
>(key: K, more: T = {} as T) {
  return object({
    ...more,
    type: name,
    key,
    value: object({ msg: object({ type: name, key }) }),
    hash: hex,
    nonce: name
  })
}

export function signedB<T extends v.ObjectEntries>(dispatch: T) {
  return object({
    type: name,
    value: object({ dispatch: object({ ...dispatch, type: name }) }),
    hash: hex,
    nonce: name
  })
}

export const signedC = object({
  type: name,
  key: name,
  value: object({
    dispatch: object({ type: name, hash: hex, nonce: name, value: anything })
  })
})
