import type { Hex32 } from '../base/hex.ts'
import { quoted } from '../base/text.ts'
import { parseTokenText, tokenText } from '../base/token-text.ts'
import { channel as channelType } from '../config/types.ts'
import type { Present } from './decide.ts'
import type { DecisionKey } from './given.ts'

/** What an invite or a welcome says of itself, as far as that can be told without the peer. */
export interface GrantFacts {
  readonly channel: string
  /** Who signed it. */
  readonly by: Hex32
  /** Whom an invite is for; null: everybody. */
  readonly to: Hex32 | null
  readonly isSigned: boolean
  readonly expired: boolean
}

/** The sidechannels know what a grant looks like; null: it is none. */
export interface GrantReader {
  invite(token: object, now: number): GrantFacts | null
  welcome(token: object): GrantFacts | null
}

type Values = Map<DecisionKey, unknown>

export interface GrantContext {
  readonly before: Pick<Present, 'values' | 'firstRun'>
  readonly reader: GrantReader
  readonly now: number
  /** This peer's own key; null: it has none yet. */
  readonly own: Hex32 | null
}

/**
 * Checks the invites and welcomes that were given, and makes room for them: their channels are joined, those of
 * invites are for the invited.
 */
export function admitGrants(values: Values, { before, reader, now, own }: GrantContext): string[] {
  const readInvite = (token: object) => reader.invite(token, now)
  const invites = tokensOf(values, 'invites').map(readInvite)
  const welcomes = tokensOf(values, 'welcomes').map(reader.welcome)
  const all = [...invites, ...welcomes]
  const unheld = [...invites.flatMap(unheldFault('invite')), ...welcomes.flatMap(unheldFault('welcome'))]
  if (unheld.length > 0) return unheld
  for (const facts of all) if (facts !== null) addTo(values, 'sidechannels', facts.channel)
  const faults = spreadOwner(values, before.values.get('sidechannelOwner'))
  if (all.length > 0 && values.get('sidechannelPersist') === false)
    faults.push('Invites and welcomes are kept by --sidechannel-persist 1, which is off.')
  faults.push(...invites.flatMap((facts) => inviteFault(values, facts, own) ?? []))
  faults.push(...welcomes.flatMap((facts) => welcomeFault(values, facts) ?? []))
  values.set('invites', merged(before.firstRun.invites, values.get('invites'), readInvite))
  values.set('welcomes', merged(before.firstRun.welcomes, values.get('welcomes'), reader.welcome))
  return faults
}

/** The name in a token may be one that no list of channels in config.json can hold. */
function unheldFault(kind: string): (facts: GrantFacts | null) => string[] {
  return (facts) =>
    facts === null || channelType.parse(facts.channel, String) === facts.channel
      ? []
      : [`The ${kind} to ${quoted(facts.channel)} cannot be kept in config.json. ${channelType.expects}`]
}

function tokensOf(values: Values, key: 'invites' | 'welcomes'): readonly object[] {
  return (values.get(key) ?? []) as readonly object[]
}

/** A new one takes the place of one to the same channel that waits for a start; null takes all away. */
function merged(
  before: readonly string[] = [],
  given: unknown,
  read: (token: object) => GrantFacts | null
): readonly string[] {
  if (given === null) return []
  const tokens = (given ?? []) as readonly object[]
  const channels = new Set(tokens.map((token) => read(token)?.channel))
  const kept = before.filter((text) => {
    const token = parseTokenText<object>(text)
    return token !== null && !channels.has(read(token)?.channel)
  })
  return [...kept, ...tokens.map(tokenText)]
}

function addTo(
  values: Values,
  key: 'sidechannels' | 'sidechannelInviteChannels' | 'sidechannelInviterKeys',
  item: string
): void {
  const before = (values.get(key) ?? []) as readonly string[]
  if (!before.includes(item)) values.set(key, [...before, item])
}

/** One key that was given alone owns all the channels. Owners of channels that were not named again stay. */
function spreadOwner(values: Values, before: unknown): string[] {
  const given = values.get('sidechannelOwner') ?? null
  if (given === null) return []
  const channels = (values.get('sidechannels') ?? []) as readonly string[]
  if (typeof given === 'string' && channels.length === 0)
    return ['--owner names the owner of --channels, and there are none.']
  // No prototype: a channel may be called "__proto__".
  const owners: Record<string, string> = Object.assign(Object.create(null), before)
  if (typeof given === 'string') for (const channel of channels) owners[channel] = given
  else Object.assign(owners, given)
  values.set('sidechannelOwner', owners)
  return []
}

function inviteFault(values: Values, facts: GrantFacts | null, own: Hex32 | null): string | null {
  if (facts === null) return 'What --invite holds is not an invite.'
  const { channel, by, to, isSigned, expired } = facts
  const name = `The invite to ${quoted(channel)}`
  if (!isSigned) return `${name} was refused: its signature is not valid.`
  if (expired) return `${name} was refused: it has expired.`
  if (own === null)
    return `${name} was refused: it is for ${to}, and this peer has no key yet. Ask without it first: that makes the key, and shows it.`
  if (to !== own) return `${name} was refused: it is for ${to}, and this peer is ${own}.`
  const inviters = (values.get('sidechannelInviterKeys') ?? []) as readonly string[]
  if (ownerOf(values, channel) !== by && !inviters.includes(by))
    return `${name} is by ${by}, whose invites do not count: give --owner where that is the owner, or --sidechannel-inviter-keys.`
  addTo(values, 'sidechannelInviterKeys', by)
  if (!isForInvited(values, channel)) addTo(values, 'sidechannelInviteChannels', channel)
  return null
}

function welcomeFault(values: Values, facts: GrantFacts | null): string | null {
  if (facts === null) return 'What --welcome holds is not a welcome.'
  const { channel, by, isSigned } = facts
  const name = `The welcome to ${quoted(channel)}`
  if (!isSigned) return `${name} was refused: its signature is not valid.`
  const owner = ownerOf(values, channel)
  if (owner === by) return null
  return owner === null
    ? `${name} is by ${by}: say with --owner who the owner is.`
    : `${name} was refused: it is not signed by the channel's owner, ${owner}.`
}

function ownerOf(values: Values, channel: string): string | null {
  const owners = (values.get('sidechannelOwner') ?? {}) as Readonly<Record<string, string>>
  return Object.hasOwn(owners, channel) ? (owners[channel] ?? null) : null
}

/** A list of channels narrows down a rule that holds for all. */
function isForInvited(values: Values, channel: string): boolean {
  const listed = values.get('sidechannelInviteChannels') as readonly string[] | null | undefined
  const prefixes = values.get('sidechannelInvitePrefixes') as readonly string[] | null | undefined
  if (!listed && !prefixes) return values.get('sidechannelInviteRequired') === true
  return prefixes?.some((prefix) => channel.startsWith(prefix)) === true || listed?.includes(channel) === true
}
