import * as v from 'valibot'
import { switchState } from '../fields.ts'
import type { Rules } from '../rules.ts'
import { KEYS } from '../state-keys.ts'
import { adminOnly, formA, formB, namesItsType, person, sameTwice, signedA, signedB } from './forms.ts'
import { operation } from './operation.ts'

export const setChatStatus = operation(() => signedA(switchState), {
  sound: sameTwice,
  form: formA,
  signers: adminOnly,
  async apply({ key }, { state, emit }) {
    await state.put(KEYS.chatStatus, key)
    emit({ op: 'setChatStatus', line: `Set chat_status: ${key}`, details: { status: key } })
  }
})

export const enableTransactions = enabled('enableTransactions', KEYS.transactions, 'transactions')
export const enableWhitelist = enabled('enableWhitelist', KEYS.whitelist, 'whitelist')

function enabled(op: string, key: string, what: string) {
  return operation((rules: Rules) => signedB({ enabled: v.boolean(), address: person(rules) }), {
    sound: namesItsType,
    form: formB,
    signers: adminOnly,
    async apply({ value }, { state, emit }) {
      const { enabled } = value.dispatch
      await state.put(key, enabled)
      emit({ op, line: `Changed ${what} enabled ${enabled}`, details: { enabled } })
    }
  })
}

export const setWhitelistStatus = operation(
  (rules: Rules) => signedB({ user: person(rules), status: v.boolean(), address: person(rules) }),
  {
    sound: namesItsType,
    form: formB,
    signers: adminOnly,
    async apply({ value }, { state, emit }) {
      const { user, status } = value.dispatch
      await state.put(KEYS.whitelisted(user), status)
      const line = `Changed whitelist status ${user} to ${status}`
      emit({ op: 'setWhitelistStatus', line, details: { user, status } })
    }
  }
)

export const setMod = operation(
  (rules: Rules) => signedB({ user: person(rules), mod: v.boolean(), address: person(rules) }),
  {
    sound: namesItsType,
    form: formB,
    signers: adminOnly,
    async apply({ value }, { state, emit }) {
      const { user, mod } = value.dispatch
      await state.put(KEYS.mod(user), mod)
      emit({ op: 'setMod', line: `Changed mod status ${user} to ${mod}`, details: { user, mod } })
    }
  }
)

export const muteStatus = operation(
  (rules: Rules) => signedB({ user: person(rules), muted: v.boolean(), address: person(rules) }),
  {
    sound: namesItsType,
    form: formB,
    async signers({ value }, { state }) {
      const { user, address } = value.dispatch
      const admin = await state.admin()
      const may = user !== admin && (await state.isMod(address)) && !(await state.isMod(user))
      return [admin, may ? address : null]
    },
    async apply({ value }, { state, emit }) {
      const { user, muted } = value.dispatch
      await state.put(KEYS.muted(user), muted)
      emit({ op: 'muteStatus', line: `Changed mute status ${user} to ${muted}`, details: { user, muted } })
    }
  }
)
