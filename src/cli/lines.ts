import { printable, quoted } from '../base/text.ts'
import type { EventFields, ReplyFields } from '../bridge/types.ts'

/** What people read. Nothing that others wrote gets through as it is: it could be meant for the terminal. */

export function sentLines({ channel, neighbours, queued, joined }: ReplyFields<'sent'>): string[] {
  const waiting = queued > 0 ? ` (${queued} of them a little later)` : ''
  const nobody = ': nobody else is in it at the moment'
  return [
    ...(joined ? [`Joined ${name(channel)} first.`] : []),
    `Sent to ${counted(neighbours, 'neighbour')} in ${name(channel)}${neighbours === 0 ? nobody : waiting}.`
  ]
}

export function joinedLines({ channel, already, owner, awaitingWelcome }: ReplyFields<'joined'>): string[] {
  return [
    already ? `Already in ${name(channel)}.` : `Joined ${name(channel)}.`,
    ...(owner === null ? [] : [`Owner: ${printable(owner)}`]),
    ...(awaitingWelcome
      ? [
          `It awaits its welcome: what others send is dropped until then. ${
            owner === null ? "Join with the owner's key (--owner)" : 'Join with the welcome (--welcome)'
          }, or wait until a neighbour shows it.`
        ]
      : [])
  ]
}

export function leftLines({ channel }: ReplyFields<'left'>): string[] {
  return [`Left ${name(channel)}; its invite and welcome are forgotten.`]
}

export function openLines({ channel, via, neighbours }: ReplyFields<'open_requested'>): string[] {
  return [`Asked ${counted(neighbours, 'neighbour')} in ${name(via)} to open ${name(channel)}.`]
}

export function inviteLines({ channel, invite_b64, notes, joiner, join }: ReplyFields<'invite'>): string[] {
  return [
    `Invite to ${name(channel)}.`,
    `invite_b64: ${printable(invite_b64)}`,
    'The peer with that key starts, in its own store, with:',
    printable(joiner),
    'or, while running, joins at its terminal with:',
    printable(join),
    ...notes.map((note) => printable(note))
  ]
}

export function welcomeLines({
  channel,
  owner,
  welcome_b64,
  joiner,
  join
}: ReplyFields<'welcome'>): string[] {
  return [
    `Welcome to ${name(channel)}, signed by this peer as its owner.`,
    `owner: ${printable(owner)}`,
    `welcome_b64: ${printable(welcome_b64)}`,
    'Others start with:',
    printable(joiner),
    'or, while running, join at their terminal with:',
    printable(join)
  ]
}

export function statsLines({
  channels,
  connectionCount,
  sidechannelStarted
}: ReplyFields<'stats'>): string[] {
  return [
    `Connections: ${connectionCount}`,
    `Sidechannels: ${sidechannelStarted ? 'ready' : 'not announced yet'}`,
    'Channels:',
    ...channels.map((channel) => `  ${name(channel)}`)
  ]
}

export function infoLines({ info }: ReplyFields<'info'>): string[] {
  return fieldLines(info)
}

/** A line for each: its name, and its value in a column of its own. */
export function fieldLines(fields: Readonly<Record<string, Shown>>): string[] {
  const width = Math.max(...Object.keys(fields).map((key) => key.length))
  return Object.entries(fields).map(([key, value]) => `${key.padEnd(width)}  ${shown(value)}`)
}

export function peersLines({ peers }: ReplyFields<'peers'>, now: number): string[] {
  if (peers.length === 0) return ['No neighbours.']
  const rows = peers.map(({ key, since, rttMs, bytesIn, bytesOut, drops, channels }) => [
    printable(key),
    duration(now - since),
    rttMs === null ? '-' : `${Math.round(rttMs)} ms`,
    bytes(bytesIn),
    bytes(bytesOut),
    String(drops),
    channels
      .map(({ channel, authorised }) => `${name(channel)}${authorised ? '' : ' (not authorised)'}`)
      .join(' ') || '-'
  ])
  return table([['peer', 'since', 'rtt', 'in', 'out', 'drops', 'channels'], ...rows])
}

export function messageLine({
  channel,
  from,
  verified,
  message
}: EventFields<'sidechannel_message'>): string {
  const text = typeof message === 'string' ? message : JSON.stringify(message)
  return `[${printable(channel)}] ${printable(from)}${verified ? '' : ' (unverified)'}: ${printable(text)}`
}

/** The same value on one line for programs, and safe on a screen: what is not plain text stands escaped. */
export function jsonLine(value: object): string {
  return printable(JSON.stringify(value))
}

/** Left-aligned columns; the last one is as wide as it has to be. */
function table(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  return rows.map((row) =>
    row
      .map((cell, column) => (column === row.length - 1 ? cell : cell.padEnd(widths[column] ?? 0)))
      .join('  ')
  )
}

function name(channel: string): string {
  return quoted(channel, 512)
}

type Shown = string | number | boolean | readonly string[] | null

function shown(value: Shown): string {
  if (value === null || value === '') return '-'
  if (typeof value === 'boolean') return value ? 'yes' : 'no'
  return typeof value === 'object' ? value.map(printable).join(', ') || '-' : printable(String(value))
}

export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}

function bytes(count: number): string {
  if (count < 1000) return `${count} B`
  const [size, unit] =
    count < 1_000_000 ? [count / 1000, 'kB'] : count < 1e9 ? [count / 1e6, 'MB'] : [count / 1e9, 'GB']
  return `${size.toFixed(1)} ${unit}`
}

/** How long, in the largest unit that fits. */
export function duration(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000))
  if (seconds < 60) return `${seconds} s`
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`
  return seconds < 86_400 ? `${Math.floor(seconds / 3600)} h` : `${Math.floor(seconds / 86_400)} d`
}
