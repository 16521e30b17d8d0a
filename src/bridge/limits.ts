const KIB = 1024
const MIB = 1024 * KIB

/** What a stranger may send at once: a token, and little else. And in all: some tokens, pongs, a few mistakes. */
export const STRANGER = { frameBytes: 4 * KIB, frames: 64, bytes: 32 * KIB } as const

/** Connections that have not authenticated. */
export const PENDING = { max: 64, timeMs: 10_000 } as const

/** How wrong tokens are answered (spec/bridge 2.1). */
export const THROTTLE = { firstMs: 100, mostMs: 10_000, addresses: 1024, forgetMs: 600_000 } as const

/** How many wrong tokens a connection may try. */
export const MOST_GUESSES = 5

/** What a request may have around its message: an invite and a welcome, escapes. */
export const ENVELOPE_BYTES = 512 * KIB

/** What one client may have under way before no more of it is read. */
export const BUSY = { requests: 64, replyBytes: MIB } as const

/** What may wait for one client before the oldest events are dropped. */
export const FEED_LIMITS = { maxItems: 16_384, maxBytes: 8 * MIB } as const

/** What is held for clients that come back (spec/bridge 2.6). */
export const HISTORY_BYTES = { channel: 4 * MIB, all: 64 * MIB } as const

/** How long events wait for a client that comes back to say where it left off. */
export const HOLD_TIME = 100

/** Names are free to make, so what is remembered of them is bounded. */
export const MOST_FOLLOWED = 4096

/**
 * Looking for words takes its time, which is everybody's: so many words, of so many characters. `work` is words
 * times characters of a message: what would cost more is passed on without a look.
 */
export const FILTER_LIMITS = { words: 64, characters: 256, work: 8 * MIB } as const

/** What one client may watch of the subnet's state. */
export const WATCH_LIMITS = { prefixes: 256, prefixBytes: 256 } as const

/** The JSON of a value that goes along with its change. */
export const CHANGE_BYTES = 64 * KIB

/** Changes of different keys that may wait for one client, and for the node to read them. */
export const STATE_LIMITS = { maxItems: 10_000, maxBytes: 8 * MIB } as const

/** What one answer holds of a list; the next request goes on after it. */
export const LIST_LIMITS = { usual: 100, most: 1000, bytes: MIB } as const

/** A client that says nothing, in ms. */
export const PATIENCE = { idle: 30_000, answer: 30_000 } as const

const kib = (bytes: number) => `${bytes / KIB} KiB`
const mib = (bytes: number) => `${bytes / MIB} MiB`
const seconds = (ms: number) => `${ms / 1000} s`

/** What clients can run into, for the reference. */
export const LIMITS: readonly (readonly [what: string, limit: string])[] = [
  ['a frame before `auth_ok`', kib(STRANGER.frameBytes)],
  [
    'all that comes before it',
    `${STRANGER.frames} frames, pings among them, and ${kib(STRANGER.bytes)} in all; then the connection is closed (1008)`
  ],
  ['a frame after it', `the largest message (\`--sidechannel-max-bytes\`, 1 MB) and ${kib(ENVELOPE_BYTES)}`],
  ['time to authenticate', `${seconds(PENDING.timeMs)}, then the connection is closed (1008)`],
  [
    'connections that have not authenticated',
    `${PENDING.max}; one more takes the place of one of the address that holds most of them`
  ],
  [
    'wrong tokens',
    `answered after ${THROTTLE.firstMs} ms, twice as long each time up to ${seconds(THROTTLE.mostMs)}, for each address; after ${MOST_GUESSES} the connection is closed (1008). A right one is answered at once`
  ],
  [
    'requests of one client under way',
    `${BUSY.requests}, or ${mib(BUSY.replyBytes)} of replies that it has not taken; then no more of it is read until there are fewer`
  ],
  [
    'events that wait for one client',
    `${FEED_LIMITS.maxItems} or ${mib(FEED_LIMITS.maxBytes)}; then the oldest are dropped, and \`lagged\` says which`
  ],
  [
    'what is held for `since`',
    `1000 messages of a channel (\`--sidechannel-history\`) or ${mib(HISTORY_BYTES.channel)}, ${mib(HISTORY_BYTES.all)} over all channels; it ends with the node`
  ],
  [
    'how long events wait for the first request after `auth_ok`',
    `${HOLD_TIME} ms, so that \`since\` comes before them`
  ],
  ['channels that one client follows by name', `${MOST_FOLLOWED}`],
  ['a filter', `${FILTER_LIMITS.words} words of ${FILTER_LIMITS.characters} characters each`],
  [
    'a message that a filter looks at',
    `its characters times the words of the filter are at most ${mib(FILTER_LIMITS.work)}; one that is longer is passed on without a look`
  ],
  ['prefixes that one client watches', `${WATCH_LIMITS.prefixes}, of ${WATCH_LIMITS.prefixBytes} bytes each`],
  [
    'a value in a `state_changed`',
    `${kib(CHANGE_BYTES)} of JSON; a larger one is \`null\` with \`truncated: true\`, and \`get\` has it`
  ],
  [
    'changes of the state that wait for one client',
    `one for each key, ${STATE_LIMITS.maxItems} keys or ${mib(STATE_LIMITS.maxBytes)}; then all of them are dropped, and \`lagged\` says so`
  ],
  [
    'entries in one answer to `list`, messages in one to `messages`',
    `${LIST_LIMITS.most}, and of entries ${mib(LIST_LIMITS.bytes)}; at least one in any case`
  ],
  [
    'a client that says nothing',
    `is asked by a WebSocket ping after ${seconds(PATIENCE.idle)} and dropped after ${seconds(PATIENCE.answer)} more`
  ]
]
