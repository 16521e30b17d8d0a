import { DECISION_ARGUMENTS } from './decisions.ts'
import type { FlagKey } from './flags.ts'
import { channelName, token } from './sidechannel-types.ts'
import { bool, choice, hexKey, int, text, type ValueType, valueType } from './types.ts'

/** An argument of a subcommand: always to be had by its name, some of them by their place too. */
export interface SubcommandArgument<T = unknown> {
  readonly type: ValueType<T>
  readonly help: string
  readonly required: boolean
  /** `one` word in its place, or all that `rest`: those may be several values. */
  readonly place: 'none' | 'one' | 'rest'
}

export interface SubcommandRow {
  /** The request to the node that does it; null: it is a process of its own, and takes the flags of the node. */
  readonly request: string | null
  readonly args: Readonly<Record<string, SubcommandArgument>>
  readonly help: string
  readonly example: string
  readonly notes: readonly string[]
  /** Words that begin with dashes and are no flag of ours belong to the rest. */
  readonly passesFlags: boolean
  /** A word after it names the store. */
  readonly takesStore: boolean
}

const MIB = 1024 * 1024

function argument<T, const R extends boolean, const P extends SubcommandArgument['place']>(
  type: ValueType<T>,
  required: R,
  place: P,
  help: string
) {
  return { type, required, place, help }
}

function row<const Q extends string | null, const A extends Readonly<Record<string, SubcommandArgument>>>(
  request: Q,
  args: A,
  help: string,
  example: string,
  more: Partial<Pick<SubcommandRow, 'notes' | 'passesFlags' | 'takesStore'>> = {}
) {
  const { notes = [], passesFlags = false, takesStore = false } = more
  return { request, args, help, example, notes, passesFlags, takesStore }
}

const oneChannel = { ...channelName, hint: '<channel>' }
const url = valueType<string>({
  hint: '<ws://…>',
  expects: 'Expected ws://<host>:<port> or wss://<host>:<port>.',
  file: false,
  parse: (value) => (isBridgeUrl(value) ? value : undefined),
  show: (value) => value
})

const channel = argument(oneChannel, true, 'one', 'The channel.')
const invite = argument(token('invite'), false, 'none', 'A signed invite to this peer.')
const welcome = argument(token('welcome'), false, 'none', "The owner's signed welcome.")
const count = argument(int(1, 1_000_000_000), false, 'none', 'End after this many.')
const timeout = argument(
  int(1, 2_000_000, '<sec>'),
  false,
  'none',
  'End after this time; with --count unmet that is a failure.'
)
const unconfirmed = argument(
  bool,
  false,
  'none',
  'The latest state, of which the end may still be taken back.'
)
/** What each of them takes that asks a running node. */
export const COMMON_ARGUMENTS = {
  url: argument(url, false, 'none', 'Address of the bridge, instead of host and port.'),
  json: argument(bool, false, 'none', 'One JSON object a line on standard output, and nothing else there.')
}

// biome-ignore format: a table, one argument a line
/** Every subcommand. Parsing, --help, what was probably meant and the reference page come from here. */
export const SUBCOMMANDS = {
  start: row(null, {}, 'Start the node (the default). A word after it names the store.', 'start alice', { takesStore: true }),
  init: row(null, {
    yes: argument(bool, false, 'none', 'Ask nothing: what is not given is as it was, or as usual.'),
    answers: argument(text('<@file|json|->', { most: MIB }), false, 'none', 'A JSON object of decisions and flags by their names; - reads it from standard input. Nothing is asked.'),
    service: argument(choice(['systemd', 'launchd']), false, 'none', 'Write the file of a service, too.'),
    force: argument(bool, false, 'none', 'Replace scripts that were changed by hand.'),
    ...DECISION_ARGUMENTS
  }, 'Set a peer up: its identity, its config.json and a start script.', 'init alice', { takesStore: true, notes: [
    'Every flag of a node may be given, too. Asked again, it shows the present answers and changes only what is changed.'
  ] }),
  status: row(null, {
    json: argument(bool, false, 'none', 'One JSON object on standard output.')
  }, 'Tell from outside whether the node of a store runs and is healthy.', 'status alice', { takesStore: true, notes: [
    'It reads run.json in the store, and asks no node.',
    'A node is starting until all has started and the DHT was there once, for a minute at most.'
  ] }),
  doctor: row(null, {
    json: argument(bool, false, 'none', 'One JSON object on standard output.')
  }, 'Look for what keeps a node from working, and name the remedy.', 'doctor alice', { takesStore: true, notes: [
    'Nothing in the store is changed. Exit code 1 says that something fails; what is unknown, or only a warning, does not count.'
  ] }),
  dht: row(null, {}, 'Run only a DHT bootstrap node on loopback, for peers with --local.', 'dht'),
  'subnet import': row(null, {
    from: argument(text('<dir>'), true, 'none', 'The store of the old peer, which must be stopped. Nothing in it is changed.'),
    confirmed: argument(bool, false, 'none', 'Only what a majority of the indexers of the old subnet has signed (default 1).')
  }, 'Make a new subnet from the state in the store of an old peer.', 'subnet import --from old/stores/peer --peer-store-name new', { notes: [
    'This peer becomes its admin and only writer. What was interrupted goes on when the same is asked for again.',
    'The flags of the node say which store the new subnet gets, and on which network.'
  ] }),
  send: row('send', {
    channel,
    message: argument(text('<message|->', { most: 64 * MIB }), true, 'one', 'What to say; - reads standard input to its end.'),
    'json-message': argument(bool, false, 'none', 'The message is JSON: send that value instead of the text.'),
    invite,
    welcome,
    ...COMMON_ARGUMENTS
  }, 'Send a message to everybody in a channel.', 'send lobby "hello there"', { notes: [
    'A channel that is not joined is joined first, where its rules allow.',
    'Of text on standard input the last line end is left out. A message that begins with dashes goes behind --.'
  ] }),
  listen: row('subscribe', {
    channel: argument(oneChannel, false, 'rest', 'A channel to follow (default: all).'),
    count,
    timeout,
    filter: argument(text('<expr>'), false, 'none', 'Only messages with these words: "a+b|c" is (a and b) or c.'),
    since: argument(int(0, Number.MAX_SAFE_INTEGER, '<seq>'), false, 'none', 'First what came after this message of the one channel; 0: all that the node holds.'),
    epoch: argument(text('<epoch>', { most: 128 }), false, 'none', 'The start of the node that --since counts in; after another start all is shown that it holds.'),
    ...COMMON_ARGUMENTS
  }, 'Print messages as they come, until Ctrl-C.', 'listen lobby --count 1 --json', { notes: [
    'It listens to what was joined, and joins nothing itself.',
    'What was missed is a line on standard error, and with --json an object of type "gap" among the messages.'
  ] }),
  join: row('join', {
    channel,
    invite,
    welcome,
    owner: argument(hexKey, false, 'none', "The owner's peer public key, where none is configured."),
    ...COMMON_ARGUMENTS
  }, 'Join a channel, or create it.', 'join lobby'),
  leave: row('leave', { channel, ...COMMON_ARGUMENTS }, 'Leave a channel and forget its invite and welcome.', 'leave lobby'),
  open: row('open', {
    channel,
    via: argument(oneChannel, false, 'none', 'Where to ask (default: the entry channel).'),
    invite,
    welcome,
    ...COMMON_ARGUMENTS
  }, 'Ask others to open a channel.', 'open lobby'),
  invite: row('invite', {
    channel,
    pubkey: argument({ ...hexKey, hint: '<pubkey>' }, true, 'one', 'The peer public key of whoever is invited.'),
    ttl: argument(int(1, 10 * 365 * 86_400, '<sec>'), false, 'none', 'How long it is valid (default: --sidechannel-invite-ttl of the node).'),
    welcome,
    ...COMMON_ARGUMENTS
  }, 'Sign an invite for one peer.', 'invite lobby <pubkey> --ttl 3600'),
  welcome: row('welcome', {
    channel,
    text: argument(text('<text>'), true, 'one', 'What it says.'),
    ...COMMON_ARGUMENTS
  }, 'Sign the welcome of a channel, as its owner.', 'welcome lobby "Be kind."'),
  peers: row('peers', COMMON_ARGUMENTS, 'Show the neighbours: keys, channels, round-trip times, bytes, drops.', 'peers'),
  stats: row('stats', COMMON_ARGUMENTS, 'Show the channels and the number of connections.', 'stats'),
  info: row('info', COMMON_ARGUMENTS, 'Show keys, stores and networks of the peer, nothing secret.', 'info'),
  get: row('get', {
    key: argument(text('<key>'), true, 'one', 'The key.'),
    unconfirmed,
    ...COMMON_ARGUMENTS
  }, "Show the value of one key of the subnet's state.", 'get chat_status'),
  list: row('list', {
    prefix: argument(text('<prefix>'), false, 'one', 'How the keys begin (default: all).'),
    after: argument(text('<key>'), false, 'none', 'Only keys after this one.'),
    limit: argument(int(1, 1000), false, 'none', 'How many at most (default: 100).'),
    unconfirmed,
    ...COMMON_ARGUMENTS
  }, "Show keys of the subnet's state and their values.", 'list nick/ --limit 10'),
  watch: row('watch', {
    prefix: argument(text('<prefix>'), false, 'rest', 'How the keys begin (default: all).'),
    count,
    timeout,
    ...COMMON_ARGUMENTS
  }, "Print keys of the subnet's state as they change, until Ctrl-C.", 'watch nick/ --json', { notes: [
    'A value is the latest, which may still be taken back; then the key is printed again.'
  ] }),
  tx: row('tx', {
    command: argument(text('<command|->', { most: MIB }), true, 'one', 'A command of the app; - reads standard input to its end.'),
    sim: argument(bool, false, 'none', 'Only try it; nothing is written.'),
    ...COMMON_ARGUMENTS
  }, 'Make a transaction in the subnet.', 'tx something --sim', { notes: [
    'What the app says is wrong is an error with exit code 1.'
  ] }),
  post: row('post', {
    message: argument(text('<message|->', { most: MIB }), true, 'one', 'What to say; - reads standard input to its end.'),
    'reply-to': argument(int(0, Number.MAX_SAFE_INTEGER), false, 'none', 'The number of the message that it answers.'),
    ...COMMON_ARGUMENTS
  }, 'Say something in the chat of the subnet.', 'post "hello there"'),
  chat: row('watch', { count, timeout, ...COMMON_ARGUMENTS }, 'Print messages of the chat as they come, until Ctrl-C.', 'chat --count 1 --json'),
  roles: row('roles', COMMON_ARGUMENTS, 'Show who may do what in the subnet, and what is switched on.', 'roles'),
  'subnet-stats': row('subnet_stats', COMMON_ARGUMENTS, 'Show how the subnet stands: lengths, hashes, writers, the app.', 'subnet-stats'),
  cli: row('cli', {
    line: argument(text('<command line>', { most: MIB }), true, 'rest', 'As it is typed at the terminal.'),
    ...COMMON_ARGUMENTS
  }, 'Run a command of the terminal, where the node has --sc-bridge-cli 1.', 'cli /sc_send --channel lobby --message "hello there"', {
    notes: ["Flags that are not known here are the command's. What follows -- is so in any case."],
    passesFlags: true
  })
} as const satisfies Record<string, SubcommandRow>

export type Subcommand = keyof typeof SUBCOMMANDS
/** Those that ask something of a node that runs. */
export type BridgeSubcommand = {
  [S in Subcommand]: (typeof SUBCOMMANDS)[S]['request'] extends null ? never : S
}[Subcommand]

/** Those that print what comes, until they are ended. */
const FOLLOWING = ['listen', 'watch', 'chat'] as const satisfies readonly BridgeSubcommand[]
export type FollowingSubcommand = (typeof FOLLOWING)[number]

export const SUBCOMMAND_NAMES = Object.keys(SUBCOMMANDS) as Subcommand[]

export function subcommandRow(name: Subcommand): SubcommandRow {
  return SUBCOMMANDS[name] as unknown as SubcommandRow
}

/** The one that these words begin with: some consist of two. */
export function subcommandOf(words: readonly string[]): Subcommand | null {
  const starts = (name: Subcommand) => name.split(' ').every((word, i) => word === words[i])
  return SUBCOMMAND_NAMES.find(starts) ?? null
}

export function isBridgeSubcommand(name: Subcommand): name is BridgeSubcommand {
  return SUBCOMMANDS[name].request !== null
}

export function isFollowing(name: Subcommand): name is FollowingSubcommand {
  return FOLLOWING.some((each) => each === name)
}

/** The flags of the node that those take too, and what they mean there. */
export const CONNECTION_FLAGS = {
  peerStoreName: 'Store of the node that is asked (default: peer).',
  peerStoresDirectory: 'Folder that holds the stores (default: stores).',
  scBridgeHost: 'Where its bridge is (default: what the node wrote into run.json in its store).',
  scBridgePort: 'The port of the bridge (default: likewise).',
  scBridgeToken: 'What to authenticate with. The environment or a file hide it better than a command line.',
  scBridgeTokenFile: 'File that holds it (default: the one that the node made).',
  scBridgeTlsCert: 'Certificate of the bridge, where no public authority signed it.'
} as const satisfies { readonly [K in FlagKey]?: string }
export type ConnectionFlag = keyof typeof CONNECTION_FLAGS
export const CONNECTION_FLAG_KEYS = Object.keys(CONNECTION_FLAGS) as ConnectionFlag[]

/** What every process of ours answers. */
export const ANSWERED_FLAGS = ['help', 'version', 'printConfig'] as const satisfies readonly FlagKey[]

type ArgumentValue<A> = A extends {
  readonly type: ValueType<infer T>
  readonly required: infer R
  readonly place: infer P
}
  ? P extends 'rest'
    ? readonly T[]
    : true extends R
      ? T
      : T | undefined
  : never

/** The checked arguments of a subcommand. */
export type SubcommandArgs<S extends Subcommand> = {
  readonly [K in keyof (typeof SUBCOMMANDS)[S]['args']]: ArgumentValue<(typeof SUBCOMMANDS)[S]['args'][K]>
}

/** `send <channel> <message|->` */
export function usageOf(name: Subcommand): string {
  const places = Object.entries(subcommandRow(name).args).flatMap(([key, { type, required, place }]) => {
    if (place === 'none') return required ? [`--${key} ${type.hint}`] : []
    const hint = place === 'rest' && !required ? `${type.hint} …` : type.hint
    return required ? hint : `[${hint}]`
  })
  const store = subcommandRow(name).takesStore ? ['[<store>]'] : []
  return [name, ...store, ...places].join(' ')
}

function isBridgeUrl(text: string): boolean {
  if (text.length > 1024 || !URL.canParse(text)) return false
  const { protocol, hostname, username, password } = new URL(text)
  return (protocol === 'ws:' || protocol === 'wss:') && hostname !== '' && username === '' && password === ''
}
