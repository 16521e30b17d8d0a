import { printable } from '../base/text.ts'
import type { EventFields, ReplyFields } from '../bridge/types.ts'
import { fieldLines } from './lines.ts'

/** What people read of the subnet. Values are JSON, so that a text can be told from a number. */

export function stateLines({ value }: ReplyFields<'state'>): string[] {
  return JSON.stringify(value, null, 2).split('\n').map(printable)
}

export function entriesLines({ entries, more }: ReplyFields<'entries'>): string[] {
  const last = entries.at(-1)
  if (last === undefined) return ['No keys.']
  return [
    ...entries.map(({ key, value }) => `${printable(key)}  ${json(value)}`),
    ...(more ? [`There are more: --after ${printable(JSON.stringify(last.key))}`] : [])
  ]
}

export function txLines({
  tx,
  simulated,
  error,
  value,
  log,
  appended,
  n
}: ReplyFields<'tx_result'>): string[] {
  const logged = log.map((line) => `  ${printable(line)}`)
  if (simulated) {
    return [
      'Simulated, nothing is written.',
      ...(error === null ? [`Result: ${json(value ?? null)}`] : []),
      ...(logged.length > 0 ? ['Log:', ...logged] : [])
    ]
  }
  const where = n === null ? 'It is in the log, and not applied here yet.' : `It is number ${n}.`
  return [
    `Transaction: ${printable(tx)}`,
    appended ? where : 'No writer has it yet: it is kept, and sent again.'
  ]
}

export function postedLines({ n }: ReplyFields<'posted'>): string[] {
  return [n === null ? 'Posted; it is not applied here yet.' : `Posted as #${n}.`]
}

export function rolesLines({ roles }: ReplyFields<'roles'>): string[] {
  const { writers, mods, muted, whitelisted, banned, ...switches } = roles
  const keys = (title: string, list: readonly string[]) =>
    list.length === 0 ? [] : [`${title}:`, ...list.map(line)]
  const line = (key: string) => `  ${printable(key)}`
  return [
    ...fieldLines(switches),
    ...keys(
      'Writers',
      writers.map(({ key, indexer }) => (indexer ? `${key} (indexer)` : key))
    ),
    ...keys('Moderators', mods),
    ...keys('Muted', muted),
    ...keys('On the whitelist', whitelisted),
    ...keys('Banned', banned)
  ]
}

export function subnetStatsLines({ stats }: ReplyFields<'subnet_stats'>): string[] {
  const { app, ...fields } = stats
  const { inForce, ...ours } = app
  return fieldLines({ ...fields, app: appText(ours), appInForce: inForce === null ? null : appText(inForce) })
}

export function changeLine({ key, value, truncated }: EventFields<'state_changed'>): string {
  return `${printable(key)}  ${truncated ? '(too large to show here: get it)' : json(value)}`
}

export function chatLine({
  n,
  nick,
  address,
  message,
  replyTo,
  attachments
}: EventFields<'chat_message'>): string {
  const who = nick === null ? printable(address) : `${printable(nick)} (${printable(address)})`
  const to = replyTo === null ? '' : ` (to #${replyTo})`
  const more = attachments.map((attachment) => ` [${printable(attachment)}]`).join('')
  return `#${n} ${who}${to}: ${printable(message ?? '')}${more}`
}

function appText({ name, version, hash }: { name: string; version: string; hash: string }): string {
  return `${name} ${version} (${hash})`
}

function json(value: unknown): string {
  return printable(JSON.stringify(value))
}
