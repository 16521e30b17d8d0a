import b4a from 'b4a'
import { IntercomError } from '../../../src/base/errors.ts'
import type { Hex32 } from '../../../src/base/hex.ts'
import { quoted } from '../../../src/base/text.ts'
import type { Who } from '../../../src/commands/row.ts'
import { maySpeak, NICK_BYTES } from '../engine/operations/chat.ts'
import type { Rules } from '../engine/rules.ts'
import type { State } from '../engine/state.ts'
import { KEYS } from '../engine/state-keys.ts'
import type { Subnet } from '../subnet.ts'
import { noAdmin } from '../transactions/standing.ts'

/**
 * What is looked at before an operation is written, so that its author reads why it would be refused: what was
 * written stays in the log for ever. What counts is decided when it is applied.
 */

/** Who asks, and how things stand. */
export interface Asking {
  readonly subnet: Subnet
  readonly state: State
  readonly rules: Rules
  readonly own: Hex32
}

const MOST_ATTACHMENTS = 20

export async function rulesInForce(subnet: Subnet): Promise<Rules> {
  const rules = await subnet.rules()
  if (rules === null) throw noAdmin(subnet)
  return rules
}

export async function assertFirstAdmin({ subnet, state }: Asking): Promise<void> {
  if (subnet.bootstrap !== subnet.writerKey)
    throw denied('Only the subnet bootstrap node may set the initial admin.')
  if (await state.has(KEYS.admin)) throw denied('Admin is already set.')
}

/** `id`: the message that is asked about, where its author may do what others may not. */
export async function assertRole(who: Who, asking: Asking, id: unknown): Promise<void> {
  const { state, own } = asking
  if (who === 'anyone') return
  if (who === 'the peer that made the subnet') return assertFirstAdmin(asking)
  if ((await state.admin()) === own) return
  if (who === 'admin') throw denied('Only admin may perform this operation.')
  if (await state.isMod(own)) return
  if (who === 'admin, mod or author' && typeof id === 'number' && (await authorOf(state, id)) === own) return
  throw denied('Only admin or mod may perform this operation.')
}

export function assertWritable({ isWriter }: Subnet): void {
  if (!isWriter) throw new IntercomError('not_writable', 'Peer is not writable.')
}

/** A mod is nobody's superior but that of users. */
export async function assertBelow({ state, own }: Asking, user: Hex32): Promise<void> {
  const admin = await state.admin()
  if (own === admin || user === own) return
  if (user === admin || (await state.isMod(user)))
    throw denied('A mod may not do this to the admin or to another mod.')
}

/** Without an indexer nothing is ever confirmed again. */
export async function assertNotLastIndexer({ subnet }: Asking, key: Hex32): Promise<void> {
  const indexers = (await subnet.writers()).filter(({ indexer }) => indexer)
  if (indexers.length > 1 || indexers[0]?.key !== key) return
  throw new IntercomError(
    'denied',
    'This is the last indexer: without it nothing would be confirmed any more.',
    {
      next: 'Add another one first: /add_indexer --key <key>.'
    }
  )
}

export async function assertMember({ subnet }: Asking, key: Hex32): Promise<void> {
  if ((await subnet.writers()).some((writer) => writer.key === key)) return
  throw new IntercomError('bad_arguments', `There is no writer ${key}.`, { next: 'List them with /roles.' })
}

export async function assertMessage({ state }: Asking, id: number): Promise<void> {
  if ((await state.record(KEYS.message(id))) === null) throw noSuch(`There is no message ${id}.`)
}

export async function assertDeletable({ state, own }: Asking, id: number): Promise<void> {
  const message = await state.record(KEYS.message(id))
  if (message === null) throw noSuch(`There is no message ${id}.`)
  if (message.deleted_by !== null) throw noSuch(`Message ${id} has been deleted already.`)
  const admin = await state.admin()
  if (message.address === admin && own !== admin) throw denied('A mod may not delete a message of the admin.')
}

export async function assertPin({ state }: Asking, id: number): Promise<void> {
  if (!(await state.has(KEYS.pin(id)))) throw noSuch(`There is no pin ${id}.`)
}

export async function assertBanned({ state, rules }: Asking, key: Hex32): Promise<void> {
  assertNewRules(rules)
  if (!(await state.has(KEYS.banned(key))))
    throw new IntercomError('bad_arguments', `The writer ${key} is not banned.`, {
      next: 'List them with /roles.'
    })
}

export function assertNewRules({ version }: Rules): void {
  if (version < 2) throw denied('A subnet of ruleset 1 does not know this operation.')
}

export async function assertChat({ state }: Asking): Promise<void> {
  if ((await state.get(KEYS.chatStatus)) === 'on') return
  throw new IntercomError('denied', 'Chat is disabled.', {
    next: 'The admin switches it on with /set_chat_status --enabled 1.'
  })
}

export async function assertMaySpeak({ state, own }: Asking): Promise<void> {
  if (await maySpeak(own, state)) return
  if ((await state.get(KEYS.muted(own))) === true) throw denied('You are muted in this chat.')
  throw denied('This chat is for those on its whitelist, and you are not on it.')
}

/** What was said once cannot be said again by somebody else. */
export async function assertUnspent({ state }: Asking, signature: string): Promise<void> {
  if (await state.has(KEYS.spent(signature)))
    throw new IntercomError('subnet_refused', 'This message has been posted already.')
}

export async function assertNick({ state }: Asking, nick: string): Promise<void> {
  if (b4a.byteLength(nick) > NICK_BYTES)
    throw new IntercomError('bad_arguments', `A nick has at most ${NICK_BYTES} bytes.`)
  if (!(await state.has(KEYS.nickOwner(nick)))) return
  throw new IntercomError('denied', `The nick ${quoted(nick)} is taken.`, { next: 'Take another one.' })
}

export function assertAttachments(attachments: readonly unknown[]): void {
  if (attachments.length > MOST_ATTACHMENTS)
    throw new IntercomError('bad_arguments', `Too many attachments: at most ${MOST_ATTACHMENTS}.`)
  const at = attachments.findIndex((attachment) => typeof attachment !== 'string')
  if (at !== -1) throw new IntercomError('bad_arguments', `Attachment at index ${at} is not a string.`)
}

async function authorOf(state: State, id: number): Promise<unknown> {
  return (await state.record(KEYS.message(id)))?.address
}

function denied(why: string): IntercomError {
  return new IntercomError('denied', why)
}

function noSuch(why: string): IntercomError {
  return new IntercomError('bad_arguments', why, { next: 'List the messages with /messages.' })
}
