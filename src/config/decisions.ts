import type { Hex32 } from '../base/hex.ts'
import { channelMap } from './collections.ts'
import { FLAGS, type FlagKey, flagName, flagSpec } from './flags.ts'
import { tokens } from './sidechannel-types.ts'
import { bool, choice, hexKey, type ValueType, valueType } from './types.ts'

/** Who uses a peer, which says what is usual for it. */
export const ROLES = ['agent', 'person', 'backbone', 'admin', 'joiner'] as const
export type Role = (typeof ROLES)[number]

/** What is no flag: kept as `firstRun` in config.json. */
export type FirstRunKey =
  | 'role'
  | 'admin'
  | 'chat'
  | 'autoAddWriters'
  | 'valueTransfer'
  | 'invites'
  | 'welcomes'

/** What a decision sets. */
export type Target =
  | { readonly flag: FlagKey; readonly firstRun?: never }
  | { readonly firstRun: FirstRunKey; readonly flag?: never }

/** The values decided so far, by flag or key of `firstRun`; null: not set. */
export type Decided = ReadonlyMap<FlagKey | FirstRunKey, unknown>

export interface Decision<T = unknown> {
  readonly sets: Target
  readonly type: ValueType<T>
  /** A sentence or two, as the first run asks it. */
  readonly question: string
  /** One line for --help and the reference. */
  readonly help: string
  /** What is usual where the role has no usage of its own. */
  readonly usual: T | null
  readonly usualOf: { readonly [R in Role]?: T }
  /** Of which roles it is asked; the others have what is usual, or was given. */
  readonly asked: readonly Role[]
  /** These cannot do without. */
  readonly needed: readonly Role[]
  /** Asked only where this holds, and of no use elsewhere. */
  readonly when?: (decided: Decided) => boolean
}

type More<T> = Partial<Pick<Decision<T>, 'usualOf' | 'needed' | 'when'>> & { readonly type?: ValueType<T> }

const ALL: readonly Role[] = ROLES
const NOBODY: readonly Role[] = []
const PEOPLE: readonly Role[] = ['agent', 'person', 'admin', 'joiner']

/** Keys of channels, or one key that owns them all. */
const ownerMap = channelMap(hexKey, 'last', '<chan:hex,…>')
const owners = valueType<Hex32 | Readonly<Record<string, Hex32>>>(
  {
    hint: '<hex|chan:hex,…>',
    expects: `Expected one key, or <channel>:<key> pairs separated by commas. ${hexKey.expects}`,
    file: true,
    parse: (text, readFile) => hexKey.parse(text, readFile) ?? ownerMap.parse(text, readFile),
    show: (value) => (typeof value === 'string' ? value : ownerMap.show(value))
  },
  ownerMap.fromJson
)

/** A flag of the node: its own type, help and default. */
function flag(
  key: FlagKey,
  asked: readonly Role[],
  question: string,
  { usualOf = {}, needed = NOBODY, ...more }: More<unknown> = {}
): Decision {
  const { type, help, default: usual } = flagSpec(key)
  return { sets: { flag: key }, type, question, help, usual, usualOf, needed, asked, ...more }
}

function first<T>(
  key: FirstRunKey,
  type: ValueType<T>,
  usual: T | null,
  asked: readonly Role[],
  question: string,
  help: string,
  { usualOf = {}, needed = NOBODY, ...more }: More<T> = {}
): Decision<T> {
  return { sets: { firstRun: key }, type, question, help, usual, usualOf, needed, asked, ...more }
}

const makesSubnet = (decided: Decided) =>
  decided.get('subnet') === true && (decided.get('subnetBootstrap') ?? null) === null
const isAdmin = (decided: Decided) => makesSubnet(decided) && decided.get('admin') === true

// biome-ignore format: a table, one row a line
const ROWS = {
  'peer-store-name': flag('peerStoreName', ALL, 'What is this peer called? Its folder has that name.'),
  role: first('role', choice(ROLES), 'agent', ALL, 'Who uses it? An agent has the bridge, a person the terminal, a backbone only relays, an admin makes a subnet, a joiner takes part in one.', 'Who uses this peer: an agent (bridge), a person (terminal), a quiet backbone, the admin of a new subnet, or a joiner of one.'),
  channels: flag('sidechannels', ALL, 'Which sidechannels does it join, besides the entry channel where all can meet?'),
  owner: flag('sidechannelOwner', ALL, 'Whose are they? One key for all of them, or <channel>:<key>. Without the owner no welcome counts, and what others send there is dropped.', { type: owners, when: (decided) => (decided.get('sidechannels') ?? null) !== null }),
  invite: first('invites', tokens('invite'), null, NOBODY, '', 'Invites to this peer. Their channels are joined at the next start, which keeps them.'),
  welcome: first('welcomes', tokens('welcome'), null, NOBODY, '', 'Welcomes of owners. Their channels are joined at the next start, which keeps them.'),
  subnet: flag('subnet', ['agent', 'person'], 'Does it take part in a subnet, with contract and shared state? Without, it has sidechannels only.', { usualOf: { backbone: false, admin: true, joiner: true } }),
  'subnet-bootstrap': flag('subnetBootstrap', ['joiner'], "Which subnet does it join? Its key, which the admin's banner shows as \"Peer subnet bootstrap\".", { needed: ['joiner'] }),
  'subnet-channel': flag('subnetChannel', ['admin', 'joiner'], 'What is the subnet called? The admin picks a name, and all of its members have the same.'),
  admin: first('admin', bool, false, ['agent', 'person'], 'Is this peer the admin of a subnet of its own? Only then can anything be written there.', 'Make this peer the admin of the subnet that it makes.', { usualOf: { admin: true }, when: makesSubnet }),
  chat: first('chat', bool, false, ['admin', 'agent', 'person'], 'Has the subnet a chat? Leave it off unless it is needed.', 'Turn on the chat of the subnet, as its admin.', { when: isAdmin }),
  'auto-add-writers': first('autoAddWriters', bool, false, ['admin', 'agent', 'person'], 'May everybody who joins the subnet write? Yes for an open app; otherwise the admin adds writers one by one.', 'Let everybody who joins the subnet write, as its admin.', { when: isAdmin }),
  'sidechannel-relay': flag('sidechannelRelay', PEOPLE, 'Does it pass messages on? That is how peers without a direct connection hear each other.', { usualOf: { backbone: true } }),
  'sidechannel-ttl': flag('sidechannelTtl', ALL, 'How many hops may a message of this peer travel?'),
  'sidechannel-allow-remote-open': flag('sidechannelAllowRemoteOpen', PEOPLE, 'May others ask it to open a channel?', { usualOf: { backbone: false } }),
  'sidechannel-auto-join': flag('sidechannelAutoJoin', PEOPLE, 'Does it join what is asked for by itself? Otherwise each request is accepted by hand.', { usualOf: { backbone: false }, when: (decided) => decided.get('sidechannelAllowRemoteOpen') === true }),
  'sidechannel-rate-bytes': flag('sidechannelRateBytes', ALL, 'How many bytes a second does it take from one connection? 0: any number.'),
  'sidechannel-rate-burst': flag('sidechannelRateBurst', ALL, 'How many bytes may a connection run ahead of that?'),
  'sidechannel-max-strikes': flag('sidechannelMaxStrikes', ALL, 'After how many messages over the budget within 5 s is a connection blocked for 30 s? 0: never.'),
  'sidechannel-max-bytes': flag('sidechannelMaxBytes', ALL, 'How large may a message be, in bytes?'),
  'value-transfer': first('valueTransfer', bool, false, ['agent', 'person', 'admin', 'joiner'], 'Will it pay for transactions? Nothing is paid in this version; the answer is kept for one that can.', 'Whether this peer will pay for transactions; without effect in this version.'),
  'sc-bridge': flag('scBridge', PEOPLE, 'Do programs use it, over the bridge? Messages of others then go to them instead of the terminal.', { usualOf: { agent: true } }),
  'sc-bridge-port': flag('scBridgePort', PEOPLE, 'On which port of this machine? 0 takes any free one; each peer needs its own.', { when: (decided) => decided.get('scBridge') === true }),
  terminal: flag('terminal', NOBODY, '', { usualOf: { agent: false, backbone: false } }),
  'sidechannel-quiet': flag('sidechannelQuiet', NOBODY, '', { usualOf: { backbone: true } }),
  'report-every': flag('reportEvery', NOBODY, '', { usualOf: { backbone: 3600 } }),
  metrics: flag('metrics', NOBODY, '', { usualOf: { backbone: true } }),
  'metrics-port': flag('metricsPort', ['backbone'], 'On which port of this machine are its metrics? 0 takes any free one.')
} as const satisfies Readonly<Record<string, unknown>>

export type DecisionName = keyof typeof ROWS

/** Every decision of the first run, in the order in which they are asked. */
export const DECISIONS = ROWS as unknown as Readonly<Record<DecisionName, Decision>>
export const DECISION_NAMES = Object.keys(ROWS) as DecisionName[]

export function isDecisionName(name: string): name is DecisionName {
  return Object.hasOwn(ROWS, name)
}

export function targetKey({ sets }: Decision): FlagKey | FirstRunKey {
  return sets.flag ?? sets.firstRun
}

/** What is usual for a role, whatever was decided before. */
export function usualFor({ usual, usualOf }: Decision, role: Role): unknown {
  return usualOf[role] ?? usual
}

/** Those that the flags do not cover: they are arguments of `init`. */
export const DECISION_ARGUMENTS: Readonly<
  Record<string, { type: ValueType<unknown>; help: string; required: false; place: 'none' }>
> = Object.fromEntries(
  DECISION_NAMES.filter((name) => !isFlagName(name)).map((name) => {
    const { type, help } = DECISIONS[name]
    return [name, { type, help, required: false, place: 'none' }]
  })
)

function isFlagName(name: string): boolean {
  return (Object.keys(FLAGS) as FlagKey[]).some((key) => flagName(key) === name)
}
