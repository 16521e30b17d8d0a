import b4a from 'b4a'
import * as v from 'valibot'
import { hex, name, natural, object, strictObject, text } from '../fields.ts'
import type { Rules } from '../rules.ts'
import type { State } from '../state.ts'
import { KEYS } from '../state-keys.ts'
import { formB, namesItsType, person, signedB } from './forms.ts'
import { type ApplyContext, operation } from './operation.ts'

export const NICK_BYTES = 32
const NICK_VALUE_BYTES = 256

export const setNick = operation(
  (rules: Rules) => signedB({ nick: text(1, 256), address: person(rules), initiator: person(rules) }),
  {
    sound(op, rules) {
      const fits = b4a.byteLength(JSON.stringify(op.value)) <= NICK_VALUE_BYTES
      return fits && b4a.byteLength(op.value.dispatch.nick) <= NICK_BYTES && namesItsType(op, rules)
    },
    form: formB,
    async signers({ value }, { state }) {
      const { address, initiator } = value.dispatch
      const admin = await state.admin()
      const may =
        initiator !== address &&
        address !== admin &&
        (await state.isMod(initiator)) &&
        !(await state.isMod(address))
      return [address, admin, may ? initiator : null]
    },
    async ready({ value }, { state }) {
      const free = !(await state.has(KEYS.nickOwner(value.dispatch.nick)))
      return free && (await state.get(KEYS.chatStatus)) === 'on'
    },
    async apply({ value }, { state, emit }) {
      const { nick, address } = value.dispatch
      const old = await state.get(KEYS.nick(address))
      if (typeof old === 'string') {
        await state.del(KEYS.nick(address))
        await state.del(KEYS.nickOwner(old))
      }
      await state.put(KEYS.nick(address), nick)
      await state.put(KEYS.nickOwner(nick), address)
      emit({ op: 'setNick', line: `Changed nick to ${nick} (${address})`, details: { nick, address } })
    }
  }
)

export const msg = operation(
  (rules: Rules) =>
    strictObject({
      type: name,
      value: object({
        dispatch: object({
          type: v.literal('msg'),
          msg: v.pipe(v.string(), v.minLength(1)),
          address: person(rules),
          attachments: v.array(v.string()),
          deleted_by: v.nullable(hex),
          reply_to: v.nullable(natural),
          pinned: v.boolean(),
          pin_id: v.nullable(natural)
        })
      }),
      hash: hex,
      nonce: name
    }),
  {
    maxBytes: (limits) => limits.msgMaxBytes(),
    form: formB,
    signers: async ({ value }) => [value.dispatch.address],
    ready: async ({ value }, { state }) =>
      (await state.get(KEYS.chatStatus)) === 'on' && (await maySpeak(value.dispatch.address, state)),
    async apply({ value }, context) {
      const { rules, state, contract, emit } = context
      const dispatch = rules.normalisesMessages ? plainMessage(value.dispatch) : value.dispatch
      const verdict = await contract.run(
        { kind: 'msg', address: dispatch.address, tx: null, validator: null, dispatch },
        state.store,
        rules
      )
      for (const line of verdict.log) emit({ op: 'log', line, details: {} })
      if (verdict.error !== null) return 'refused'
      const n = await state.count(KEYS.messages)
      const u = await state.count(KEYS.userMessages(dispatch.address))
      await state.put(KEYS.message(n), verdict.dispatch)
      await state.put(KEYS.userMessage(dispatch.address, u), KEYS.message(n))
      await state.put(KEYS.messages, n + 1)
      await state.put(KEYS.userMessages(dispatch.address), u + 1)
      const who = (await state.get(KEYS.nick(dispatch.address))) ?? dispatch.address
      emit({ op: 'msg', line: `#${n + 1} | ${who}: ${dispatch.msg}`, details: { n, who, message: dispatch } })
      return 'accepted'
    }
  }
)

/** The admin is above mute and whitelist. */
export async function maySpeak(address: string, state: State): Promise<boolean> {
  if (address === (await state.admin())) return true
  if ((await state.get(KEYS.muted(address))) === true) return false
  if ((await state.get(KEYS.whitelist)) !== true) return true
  const status = await state.get(KEYS.whitelisted(address))
  return status !== null && status !== false
}

interface Message {
  readonly type: string
  readonly msg: string
  readonly address: string
  readonly attachments: readonly string[]
  readonly reply_to: number | null
}

/** A message as its author may have it: neither pinned nor deleted, and nothing that nobody asked for. */
function plainMessage({ type, msg, address, attachments, reply_to }: Message) {
  return { type, msg, address, attachments, deleted_by: null, reply_to, pinned: false, pin_id: null }
}

export const deleteMessage = operation((rules: Rules) => signedB({ id: natural, address: person(rules) }), {
  sound: namesItsType,
  form: formB,
  async signers({ value }, { state }) {
    const { id, address } = value.dispatch
    const author = (await state.record(KEYS.message(id)))?.address
    const admin = await state.admin()
    const may = (await state.isMod(address)) ? author !== admin : author === address && address !== admin
    return [admin, may ? address : null]
  },
  async ready({ value }, { state }) {
    return (await state.record(KEYS.message(value.dispatch.id)))?.deleted_by === null
  },
  async apply({ value }, { state, emit }, signer) {
    const { id } = value.dispatch
    const by = signer
    const message = await state.record(KEYS.message(id))
    const n = await state.count(KEYS.deleted)
    await state.put(KEYS.message(id), { ...message, msg: null, attachments: [], deleted_by: by })
    await state.put(KEYS.deletedMessage(n), id)
    await state.put(KEYS.deleted, n + 1)
    // In ruleset 1 a contract may have put anything in its place.
    const author = typeof message?.address === 'string' ? message.address : null
    emit({
      op: 'deleteMessage',
      line: `Deleted message ${id} of user ${author} by ${by}`,
      details: { id, author, by }
    })
  }
})

export const pinMessage = operation(
  (rules: Rules) => signedB({ id: natural, pinned: v.boolean(), address: person(rules) }),
  {
    sound: namesItsType,
    form: formB,
    signers: adminOrMod,
    async ready({ value }, { state }) {
      const message = await state.record(KEYS.message(value.dispatch.id))
      return message !== null && (message.pin_id === null || typeof message.pin_id === 'number')
    },
    async apply({ value }, { state, emit }, signer) {
      const { id, pinned } = value.dispatch
      const message = { ...(await state.record(KEYS.message(id))), pinned } as Record<string, unknown>
      if (message.pin_id === null) {
        const n = await state.count(KEYS.pins)
        await state.put(KEYS.pin(n), { msg: id, pinned })
        await state.put(KEYS.pins, n + 1)
        message.pin_id = n
      } else {
        await state.put(KEYS.pin(message.pin_id as number), { msg: id, pinned })
      }
      await state.put(KEYS.message(id), message)
      emit({
        op: 'pinMessage',
        line: `Pinned message ${id} by ${signer}`,
        details: { id, pinned, by: signer }
      })
    }
  }
)

export const unpinMessage = operation((rules: Rules) => signedB({ id: natural, address: person(rules) }), {
  sound: namesItsType,
  form: formB,
  signers: adminOrMod,
  ready: async ({ value }, { state }) => (await state.record(KEYS.pin(value.dispatch.id))) !== null,
  async apply({ value }, { state, emit }, signer) {
    const { id } = value.dispatch
    const of = (await state.record(KEYS.pin(id)))?.msg as number
    const message = await state.record(KEYS.message(of))
    if (message !== null) {
      await state.put(KEYS.message(of), { ...message, pinned: false, pin_id: null })
      await state.put(KEYS.pin(id), { msg: of, pinned: false })
    }
    emit({ op: 'unpinMessage', line: `Unpinned message ${of} by ${signer}`, details: { id: of, by: signer } })
  }
})

async function adminOrMod(
  { value }: { readonly value: { readonly dispatch: { readonly address: string } } },
  { state }: ApplyContext
): Promise<readonly (string | null)[]> {
  const { address } = value.dispatch
  return [await state.admin(), (await state.isMod(address)) ? address : null]
}
