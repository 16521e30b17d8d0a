import * as v from 'valibot'
import { key, name, object } from '../fields.ts'
import { type Rules, SETTLEMENTS } from '../rules.ts'
import { KEYS } from '../state-keys.ts'
import { adminOnly, formB, namesItsType, person, signedB } from './forms.ts'
import { operation } from './operation.ts'

/** The newest ruleset this engine knows; a subnet with a later one cannot be followed. */
const NEWEST = 2

export const addAdmin = operation(
  () =>
    object({
      type: name,
      key,
      rules: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1))),
      settlement: v.optional(v.picklist(SETTLEMENTS))
    }),
  {
    form: null,
    async ready(_op, { from, subnet, state }) {
      return from === subnet && !(await state.has(KEYS.admin))
    },
    async apply(op, { state, host, emit }) {
      if ((op.rules ?? 1) > NEWEST) {
        host.interrupt(`This subnet has ruleset ${op.rules}; this version knows up to ${NEWEST}. Update it.`)
      }
      await state.put(KEYS.admin, op.key)
      if (op.rules !== undefined) await state.put(KEYS.rules, op.rules)
      if (op.settlement !== undefined) await state.put(KEYS.settlement, op.settlement)
      if (op.rules !== undefined || op.settlement !== undefined) await state.put(KEYS.rulesMark, '')
      emit({ op: 'addAdmin', line: `Admin added: ${op.key}`, details: { admin: op.key } })
    }
  }
)

export const updateAdmin = operation(
  (rules: Rules) => signedB({ admin: v.nullable(person(rules)), address: person(rules) }),
  {
    sound: namesItsType,
    form: formB,
    signers: adminOnly,
    async apply({ value }, { state, emit }) {
      const { admin } = value.dispatch
      const before = await state.admin()
      await state.put(KEYS.admin, admin)
      emit({ op: 'updateAdmin', line: `Changed admin ${before} to ${admin}`, details: { before, admin } })
    }
  }
)

/** Which app the admin says is in force, so that peers with another one can warn (D36). */
export const setApp = operation(() => signedB({ name, version: name, hash: key, address: key }), {
  sound: (op, rules) => rules.version >= 2 && namesItsType(op, rules),
  form: formB,
  signers: adminOnly,
  async apply({ value }, { state, emit }) {
    const { name, version, hash } = value.dispatch
    await state.put(KEYS.app, { name, version, hash })
    emit({ op: 'setApp', line: `App: ${name} ${version} (${hash})`, details: { name, version, hash } })
  }
})
