import { printable } from '../../../src/base/text.ts'
import type { ChatMessage, SubnetRoles } from '../../../src/subnet-plane.ts'

/** What people read of the state. Names and messages are those of others: they are cleaned. */

export function rolesLines(roles: SubnetRoles): string[] {
  const { admin, ruleset, writers, mods, muted, whitelisted, banned } = roles
  return [
    `admin: ${admin ?? (ruleset === null ? 'unset' : 'none (the role was given up)')}`,
    `auto_add_writers: ${onOff(roles.autoAddWriters)}`,
    `chat_status: ${onOff(roles.chat)}`,
    `transactions: ${onOff(roles.transactions)}`,
    `whitelist: ${onOff(roles.whitelist)}`,
    ...list(
      'writers',
      writers.map(({ key, indexer }) => (indexer ? `${key} (indexer)` : key))
    ),
    ...list('mods', mods),
    ...list('muted', muted),
    ...list('whitelisted', whitelisted),
    ...list('banned writers', banned)
  ]
}

export function messagesLines({
  total,
  messages
}: {
  readonly total: number
  readonly messages: readonly ChatMessage[]
}): string[] {
  return [`Messages: ${messages.length} of ${total}`, ...messages.map(messageLine)]
}

/** Told with one more than its place, as deployed peers do; commands name the place. */
function messageLine({ n, nick, address, message, ...rest }: ChatMessage): string {
  const notes = [
    `id ${n}`,
    ...(rest.replyTo === null ? [] : [`reply to ${rest.replyTo}`]),
    ...(rest.attachments.length === 0 ? [] : [`${rest.attachments.length} attached`]),
    ...(rest.pinned ? ['pinned'] : [])
  ]
  const text = rest.deletedBy === null ? message : `(deleted by ${rest.deletedBy})`
  return printable(`#${n + 1} (${notes.join(', ')}) | ${nick ?? address}: ${text}`)
}

function list(title: string, names: readonly string[]): string[] {
  return [
    `${title}: ${names.length === 0 ? 'none' : names.length}`,
    ...names.map((name) => `  ${printable(name)}`)
  ]
}

function onOff(on: boolean): string {
  return on ? 'on' : 'off'
}
