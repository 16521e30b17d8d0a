import type { ApplyHost } from 'autobase'
import b4a from 'b4a'
import { isHex32, toHex } from '../../../../src/base/hex.ts'
import { key, name, object, switchState } from '../fields.ts'
import type { Rules } from '../rules.ts'
import { KEYS } from '../state-keys.ts'
import { adminOnly, formA, sameTwice, signedA } from './forms.ts'
import { type ApplyContext, operation } from './operation.ts'

// Autobase throws at a key of another length, and takes the node down with it.
const writerOp = () => signedA(key, { op: name })

export const addIndexer = writer(true)
export const addWriter = writer(false)

function writer(isIndexer: boolean) {
  const op = isIndexer ? 'addIndexer' : 'addWriter'
  return operation(writerOp, {
    sound: sameTwice,
    form: formA,
    signers: adminOnly,
    // Without an indexer nothing is ever confirmed again, and Autobase fails an assertion.
    ready: async ({ key }, { host }) => isIndexer || host.removeable(bytes(key)),
    async apply({ key }, { rules, state, host, emit }) {
      await host.addWriter(bytes(key), { isIndexer })
      if (!isIndexer && rules.forgetsPending) forgetPending(key, host)
      if (rules.bansRemoved) await state.del(KEYS.banned(key))
      emit({ op, line: `${isIndexer ? 'Indexer' : 'Writer'} added: ${key}`, details: { key } })
    }
  })
}

export const removeWriter = operation(writerOp, {
  sound: sameTwice,
  form: formA,
  signers: adminOnly,
  ready: async ({ key }, { host }) => host.removeable(bytes(key)),
  async apply({ key }, { rules, state, host, emit }) {
    await host.removeWriter(bytes(key))
    if (rules.forgetsPending) forgetPending(key, host)
    if (rules.bansRemoved) await state.put(KEYS.banned(key), true)
    emit({ op: 'removeWriter', line: `Writer removed: ${key}`, details: { key } })
  }
})

/** Autobase keeps them waiting; one that was removed would come to sign, or to be what everybody waits for. */
function forgetPending(key: string, { system: { pendingIndexers } }: ApplyHost): void {
  const at = pendingIndexers.findIndex((pending) => toHex(pending) === key)
  if (at !== -1) pendingIndexers.splice(at, 1)
}

export const unban = operation(() => signedA(key), {
  sound: (op, rules: Rules) => rules.unban && sameTwice(op),
  form: formA,
  signers: adminOnly,
  ready: ({ key }, { state }) => state.has(KEYS.banned(key)),
  async apply({ key }, { state, emit }) {
    await state.del(KEYS.banned(key))
    emit({ op: 'unban', line: `Ban lifted: ${key}`, details: { key } })
  }
})

export const setAutoAddWriters = operation(() => signedA(switchState), {
  sound: sameTwice,
  form: formA,
  signers: adminOnly,
  async apply({ key }, { state, emit }) {
    await state.put(KEYS.autoAddWriters, key)
    emit({ op: 'setAutoAddWriters', line: `Set auto_add_writers: ${key}`, details: { status: key } })
  }
})

export const autoAddWriter = operation(() => object({ type: name, key }), {
  form: null,
  async ready({ key }, context) {
    const { state } = context
    if ((await state.get(KEYS.autoAddWriters)) !== 'on') return false
    return !(await state.has(KEYS.banned(key))) && (await mayInvite(key, context))
  },
  async apply({ key }, { host, emit }) {
    await host.addWriter(bytes(key), { isIndexer: false })
    emit({ op: 'autoAddWriter', line: `Writer auto added: ${key}`, details: { key } })
  }
})

/** An invitation makes writers of strangers; to a member it does nothing, but see `invitationDemotes`. */
async function mayInvite(key: string, { host, rules }: ApplyContext): Promise<boolean> {
  const member = await host.system.get(bytes(key))
  if (member === null || member.isRemoved) return true
  return member.isIndexer && rules.invitationDemotes && host.removeable(bytes(key))
}

function bytes(key: string): Uint8Array {
  if (!isHex32(key)) throw new RangeError('expected a writer key')
  return b4a.from(key, 'hex')
}
