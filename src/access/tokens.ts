import * as v from 'valibot'
import { type ChannelName, channelName } from '../base/channel-name.ts'
import { IntercomError } from '../base/errors.ts'
import { CAPABILITIES, type Capability } from '../bridge/protocol.ts'
import { digestOf, sameDigest } from './secret.ts'

/** Shorter ones are guessed. */
export const SHORTEST_TOKEN = 16
/** Longer ones do not fit into what is read of a stranger. */
export const LONGEST_TOKEN = 2048

/** What a token gives. */
export interface Access {
  readonly capabilities: ReadonlySet<Capability>
  /** Null: every channel. */
  readonly channels: ReadonlySet<string> | null
}

export interface Token {
  readonly token: string
  readonly access: Access
}

/** Null for a token that nobody has. */
export type Authenticate = (token: string) => Access | null

const ALL = Object.keys(CAPABILITIES) as Capability[]
const MOST_TOKENS = 256
const MOST_CHANNELS = 1024

/** What the main token gives. */
export const FULL_ACCESS: Access = { capabilities: new Set(ALL), channels: null }

/** How long it takes does not depend on which token it was, or on how near a wrong one came. */
export function createAuthenticate(tokens: readonly Token[]): Authenticate {
  const known = tokens.map(({ token, access }) => ({ digest: digestOf(token), access }))
  return (token) => {
    const digest = digestOf(token)
    let found: Access | null = null
    for (const entry of known) if (sameDigest(entry.digest, digest)) found = entry.access
    return found
  }
}

const badCapabilities = `expected a list of one or more of ${ALL.join(', ')}`
const badChannels = `expected 1-${MOST_CHANNELS} channel names, or no "channels" at all for every channel`
const capabilities = v.pipe(
  v.array(v.picklist(ALL, badCapabilities), badCapabilities),
  v.minLength(1, badCapabilities)
)
const channels = v.pipe(
  v.array(v.string(badChannels), badChannels),
  v.minLength(1, badChannels),
  v.maxLength(MOST_CHANNELS, badChannels),
  v.check((names) => names.every((name) => channelName(name) !== null), badChannels)
)
const long = v.strictObject({ capabilities, channels: v.optional(channels) }, ({ path }) =>
  path?.[0]?.key === 'capabilities'
    ? badCapabilities
    : 'expected a list of capabilities, or an object of "capabilities" and "channels"'
)

/**
 * What `--sc-bridge-tokens` gave: tokens with what each may do. Entries are named by their place, since an
 * error must not show a token.
 */
export function parseTokens(text: string): Token[] {
  const keys = topKeys(text)
  if (keys.length > MOST_TOKENS) throw moreTokensFault(`expected at most ${MOST_TOKENS} tokens`)
  const values = JSON.parse(text) as Readonly<Record<string, unknown>>
  return keys.map((token, at) => {
    const where = `entry ${at + 1}`
    if (keys.indexOf(token) !== at)
      throw moreTokensFault(`${where} has the token of entry ${keys.indexOf(token) + 1}`)
    const fault = tokenFault(token)
    if (fault !== null) throw moreTokensFault(`the token of ${where} ${fault}`)
    return { token, access: accessOf(values[token], where) }
  })
}

/** What is wrong with it, as the end of a sentence. */
export function tokenFault(token: string): string | null {
  if (token.length < SHORTEST_TOKEN) return `is shorter than ${SHORTEST_TOKEN} characters`
  if (token.length > LONGEST_TOKEN) return `is longer than ${LONGEST_TOKEN} characters`
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused
  return /[\u0000-\u0020\u007f-\u00a0]/.test(token) ? 'has white space or control characters in it' : null
}

function accessOf(value: unknown, where: string): Access {
  const given = Array.isArray(value) ? { capabilities: value } : value
  const { success, output, issues } = v.safeParse(long, given)
  if (!success) throw moreTokensFault(`${where}: ${issues[0].message}`)
  const names = output.channels?.map((name) => channelName(name) as ChannelName)
  return {
    capabilities: new Set(output.capabilities),
    channels: names === undefined ? null : new Set(names)
  }
}

/** The keys of the one object that the text is, in their order; of one that stands twice JSON.parse keeps only one. */
function topKeys(text: string): string[] {
  const whole = parseJson(text)
  if (typeof whole !== 'object' || whole === null || Array.isArray(whole))
    throw moreTokensFault('expected a JSON object of tokens')
  const keys: string[] = []
  let depth = 0
  for (const [part] of text.matchAll(/"(?:[^"\\]|\\.)*"(?:\s*:)?|[[\]{}]/gs)) {
    if (part === '{' || part === '[') depth++
    else if (part === '}' || part === ']') depth--
    else if (depth === 1 && part.endsWith(':')) keys.push(JSON.parse(part.slice(0, -1)) as string)
  }
  return keys
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // The parser's own sentence would quote the text.
    return null
  }
}

export function moreTokensFault(what: string): IntercomError {
  return new IntercomError('bad_flag', `Invalid --sc-bridge-tokens: ${what}.`, {
    next: 'Write it as {"<token>": ["read"], "<token>": {"capabilities": ["read", "send"], "channels": ["lobby"]}}.'
  })
}
