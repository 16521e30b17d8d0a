import { LOG_LEVELS } from '../base/log.ts'
import { channelMap, list } from './collections.ts'
import {
  bool,
  channel,
  choice,
  hexKey,
  hostPort,
  int,
  jsonText,
  label,
  listedPort,
  port,
  text,
  type ValueType
} from './types.ts'

/** The parts of the product a flag can belong to, in the order of the help. */
export const PLANES = {
  node: { title: 'Node', here: true },
  network: { title: 'Network', here: true },
  terminal: { title: 'Terminal and logs', here: true },
  sidechannel: { title: 'Sidechannels', here: true },
  bridge: { title: 'SC-Bridge', here: true },
  metrics: { title: 'Metrics', here: true },
  subnet: { title: 'Subnet', here: true },
  rpc: { title: 'HTTP RPC', here: true },
  settlement: { title: 'Paid settlement', here: false }
} as const

export type Plane = keyof typeof PLANES

export interface FlagSpec<T = unknown> {
  readonly type: ValueType<T>
  readonly plane: Plane
  /** `null`: not set unless somebody sets it. */
  readonly default: T | null
  /** One line, shown by --help and in the reference. */
  readonly help: string
  readonly aliases?: readonly string[]
  /** Environment names, first found wins; otherwise derived from the flag's own name. */
  readonly env?: readonly string[]
  /** Ours rather than the deployed product's: its environment name has the prefix INTERCOM_. */
  readonly ours?: true
  /** Masked wherever the configuration is shown. */
  readonly secret?: true
  /** Only on the command line: it picks the store or what this one run does. */
  readonly commandLineOnly?: true
  /** The name of a file or folder: `init` writes it down so that it stays the one that was meant. */
  readonly path?: true
}

const MIB = 1024 * 1024
const channels = list(channel, '<a,b>')
const keys = list(hexKey, '<hex,hex>')
const nodes = list(hostPort, '<host:port,…>', 64)

type Options = Pick<FlagSpec, 'aliases' | 'env' | 'ours' | 'secret' | 'commandLineOnly' | 'path'>

function flag<T, const D extends T | null>(
  plane: Plane,
  type: ValueType<T>,
  value: D,
  help: string,
  options: Options = {}
) {
  return { plane, type, default: value, help, ...options }
}

// biome-ignore format: a table, one row a line
/** Every flag of the product. Parsing, environment, config file, help and the reference page come from here. */
export const FLAGS = {
  peerStoreName: flag('node', label, 'peer', "Name of this peer's local store.", { commandLineOnly: true }),
  peerStoresDirectory: flag('node', text('<dir>'), 'stores', 'Folder that holds the stores.', { commandLineOnly: true }),
  walletPasswordFile: flag('node', text('<file>'), null, 'File with the password of the key file (default: an empty password).', { ours: true, path: true }),
  printConfig: flag('node', bool, false, 'Show every effective value and where it came from, then exit.', { ours: true, commandLineOnly: true }),
  help: flag('node', bool, false, 'Show this help, then exit.', { ours: true, commandLineOnly: true }),
  version: flag('node', bool, false, 'Show the version, then exit.', { ours: true, commandLineOnly: true }),
  dhtBootstrap: flag('network', nodes, null, 'HyperDHT bootstrap nodes (default: the public ones).', { aliases: ['peer-dht-bootstrap'], env: ['PEER_DHT_BOOTSTRAP', 'DHT_BOOTSTRAP'] }),
  local: flag('network', bool, false, 'Stay on this machine: a DHT on loopback, started by the first peer that needs it.', { ours: true }),
  localPort: flag('network', listedPort, 49737, 'Port of that DHT.', { ours: true }),
  terminal: flag('terminal', bool, true, 'Read commands from the terminal or from standard input.', { ours: true }),
  logLevel: flag('terminal', choice(LOG_LEVELS), 'info', 'Least important log lines to show.', { ours: true }),
  reportEvery: flag('terminal', int(0, 86_400, '<sec>'), 0, 'Log a line, at level info, about the state of the node every so often (0: never).', { ours: true }),
  logJson: flag('terminal', bool, false, 'Log lines as JSON objects.', { ours: true }),
  sidechannels: flag('sidechannel', channels, null, 'Extra sidechannels to join at start.', { aliases: ['sidechannel'] }),
  sidechannelDebug: flag('sidechannel', bool, false, 'Explain each message that is dropped or not sent.'),
  sidechannelQuiet: flag('sidechannel', bool, false, 'Do not print received messages (they are still relayed), nor log neighbours that come and go.'),
  sidechannelMaxBytes: flag('sidechannel', int(1, 64 * MIB, '<bytes>'), 1_000_000, 'Largest message, as JSON.'),
  sidechannelRateBytes: flag('sidechannel', int(0, 1024 * MIB, '<bytes>'), 64_000, 'Inbound budget of a connection per second (0: no limit).'),
  sidechannelRateBurst: flag('sidechannel', int(1, 1024 * MIB, '<bytes>'), 256_000, 'How far a connection may run ahead of that budget.'),
  sidechannelMaxStrikes: flag('sidechannel', int(0, 1_000_000), 3, 'Over-budget messages within 5 s before a connection is blocked for 30 s (0: never).'),
  sidechannelAllowRemoteOpen: flag('sidechannel', bool, true, 'Accept requests of others to open a channel.'),
  sidechannelAutoJoin: flag('sidechannel', bool, false, 'Join requested channels without asking.'),
  sidechannelPow: flag('sidechannel', bool, true, 'Require proof of work.'),
  sidechannelPowDifficulty: flag('sidechannel', int(0, 32, '<bits>'), 12, 'Leading zero bits it must have.'),
  sidechannelPowEntry: flag('sidechannel', bool, false, 'Require it on the entry channel only.'),
  sidechannelPowChannels: flag('sidechannel', channels, null, 'Require it on these channels only.'),
  sidechannelInviteRequired: flag('sidechannel', bool, false, 'Require signed invites.'),
  sidechannelInviteChannels: flag('sidechannel', channels, null, 'Require invites on these channels only.'),
  sidechannelInvitePrefixes: flag('sidechannel', channels, null, 'Require invites on channels whose name begins with one of these.'),
  sidechannelInviterKeys: flag('sidechannel', keys, null, 'Peer public keys whose invites count.'),
  sidechannelInviteTtl: flag('sidechannel', int(1, 10 * 365 * 86_400, '<sec>'), 604_800, 'How long an invite made here is valid.'),
  sidechannelWelcomeRequired: flag('sidechannel', bool, true, "Require the owner's signed welcome on every channel but the entry."),
  sidechannelOwner: flag('sidechannel', channelMap(hexKey, 'last', '<chan:hex,…>'), null, 'Owner public key of channels.'),
  sidechannelOwnerWriteOnly: flag('sidechannel', bool, false, 'Only owners may send, on every channel but the entry.'),
  sidechannelOwnerWriteChannels: flag('sidechannel', channels, null, 'Only owners may send, on these channels.'),
  sidechannelWelcome: flag('sidechannel', channelMap(text('<welcome>', { file: true, most: 65_536 }), 'first', '<chan:b64|@file,…>'), null, 'Signed welcome of channels (base64, JSON or @file).'),
  sidechannelInvite: flag('sidechannel', channelMap(text('<invite>', { file: true, most: 65_536 }), 'first', '<chan:b64|@file,…>'), null, 'Signed invites of this peer to channels (base64, JSON or @file).', { ours: true }),
  sidechannelRelay: flag('sidechannel', bool, true, 'Pass messages on to other neighbours.', { ours: true }),
  sidechannelTtl: flag('sidechannel', int(0, 32, '<hops>'), 3, 'How many hops a message may travel.', { ours: true }),
  sidechannelAllowUnsigned: flag('sidechannel', bool, false, 'Accept messages whose author is not proven (marked unverified).', { ours: true }),
  sidechannelMaxSkew: flag('sidechannel', int(0, 86_400, '<sec>'), 600, "How far a message's clock may be from ours (0: any).", { ours: true }),
  sidechannelMaxChannels: flag('sidechannel', int(1, 65_536), 256, 'Most channels joined at a time.', { ours: true }),
  sidechannelPersist: flag('sidechannel', bool, true, 'Keep invites, welcomes and joined channels over restarts.', { ours: true }),
  sidechannelHistory: flag('bridge', int(0, 1_000_000, '<n>'), 1000, 'Messages per channel kept for clients that reconnect.', { ours: true }),
  scBridge: flag('bridge', bool, false, 'Start the WebSocket bridge for agents.'),
  scBridgeHost: flag('bridge', text('<host>', { most: 253 }), '127.0.0.1', 'Address it listens on.'),
  scBridgePort: flag('bridge', port, 49222, 'Port it listens on (0: any free one).'),
  scBridgeToken: flag('bridge', text('<token>'), null, 'Token that clients must present.', { secret: true }),
  scBridgeTokenFile: flag('bridge', text('<file>'), null, 'File that holds the token (default: one is made in the store).', { ours: true, path: true }),
  scBridgeTokens: flag('bridge', jsonText('<json|@file>', 65_536), null, 'More tokens, each with its capabilities and channels.', { ours: true, secret: true }),
  scBridgeCli: flag('bridge', bool, false, 'Let clients run terminal commands.'),
  scBridgeFilter: flag('bridge', text('<expr>'), null, 'Default word filter of clients ("a+b|c").'),
  scBridgeFilterChannel: flag('bridge', channels, null, 'Apply filters to these channels only.'),
  scBridgeDebug: flag('bridge', bool, false, 'Log what clients do.'),
  scBridgeAllowOrigin: flag('bridge', list(text('<origin>'), '<origin,…>', 64), null, 'Web origins that may connect.', { ours: true }),
  scBridgeAllowHost: flag('bridge', list(text('<host>'), '<host,…>', 64), null, 'More Host headers to accept (a reverse proxy).', { ours: true }),
  scBridgeTlsCert: flag('bridge', text('<file>'), null, 'Certificate, to listen beyond loopback.', { ours: true, path: true }),
  scBridgeTlsKey: flag('bridge', text('<file>'), null, 'Key of that certificate.', { ours: true, path: true }),
  scBridgeInsecureRemote: flag('bridge', bool, false, 'Listen beyond loopback without TLS.', { ours: true }),
  metrics: flag('metrics', bool, false, 'Serve metrics over HTTP without the bridge.', { ours: true }),
  metricsHost: flag('metrics', text('<host>', { most: 253 }), '127.0.0.1', 'Address they are served on.', { ours: true }),
  metricsPort: flag('metrics', port, 49223, 'Port they are served on (0: any free one).', { ours: true }),
  subnet: flag('subnet', bool, true, 'Take part in a subnet (0: sidechannels only).', { ours: true }),
  subnetChannel: flag('subnet', text('<name>', { most: 256 }), null, 'Name of the subnet (default: a random one, kept in the store).'),
  subnetBootstrap: flag('subnet', hexKey, null, "Writer key of the subnet's admin, for joiners."),
  app: flag('subnet', text('<dir>'), null, 'Folder of the app: contract and protocol (default: contract/).', { ours: true, path: true }),
  subnetRelay: flag('subnet', bool, true, 'Write transactions of neighbours who may not write themselves.', { ours: true }),
  timer: flag('subnet', bool, false, 'Run the timer feature while this peer is admin.', { ours: true }),
  rpc: flag('rpc', bool, false, 'Serve the HTTP RPC (turns the terminal off).', { env: ['PEER_RPC'] }),
  rpcHost: flag('rpc', text('<host>', { most: 253 }), '127.0.0.1', 'Address it listens on.', { env: ['PEER_RPC_HOST'] }),
  rpcPort: flag('rpc', listedPort, 5001, 'Port it listens on.', { env: ['PEER_RPC_PORT'] }),
  rpcAllowOrigin: flag('rpc', text('<origin>'), null, 'Web origin that may call it (* only with --rpc-public 1).', { env: ['PEER_RPC_ALLOW_ORIGIN'] }),
  rpcMaxBodyBytes: flag('rpc', int(1, 64 * MIB, '<bytes>'), 1_000_000, 'Largest request body.', { env: ['PEER_RPC_MAX_BODY_BYTES'] }),
  apiTxExposed: flag('rpc', bool, false, 'Accept transactions over it (else they can only be tried).', { env: ['PEER_API_TX_EXPOSED'] }),
  rpcToken: flag('rpc', text('<token>'), null, 'Token that callers must present.', { ours: true, secret: true }),
  rpcTokenFile: flag('rpc', text('<file>'), null, 'File that holds the token (default: one is made in the store).', { ours: true, path: true }),
  rpcPublic: flag('rpc', bool, false, 'Answer callers without a token.', { ours: true }),
  rpcAllowHost: flag('rpc', list(text('<host>'), '<host,…>', 64), null, 'More Host headers to accept (a reverse proxy).', { ours: true }),
  rpcTlsCert: flag('rpc', text('<file>'), null, 'Certificate, to listen beyond loopback.', { ours: true, path: true }),
  rpcTlsKey: flag('rpc', text('<file>'), null, 'Key of that certificate.', { ours: true, path: true }),
  rpcInsecureRemote: flag('rpc', bool, false, 'Listen beyond loopback without TLS.', { ours: true }),
  msbStoreName: flag('settlement', label, null, 'Name of the settlement store (default: <peer store>-msb).'),
  msbStoresDirectory: flag('settlement', text('<dir>'), 'stores', 'Folder that holds it.', { path: true }),
  msbDhtBootstrap: flag('settlement', nodes, null, 'HyperDHT bootstrap nodes of the settlement network.'),
  msbBootstrap: flag('settlement', hexKey, null, 'Bootstrap key of the settlement network.', { ours: true }),
  msbChannel: flag('settlement', text('<name>', { most: 256 }), null, 'Channel of the settlement network.', { ours: true }),
  network: flag('settlement', choice(['mainnet', 'testnet1', 'testnet', 'development']), 'mainnet', 'Settlement network.', { ours: true })
} as const

export type FlagKey = keyof typeof FLAGS

type ValueOf<S> = S extends { readonly type: ValueType<infer T>; readonly default: infer D }
  ? T | (null extends D ? null : never)
  : never

/** The effective configuration, frozen. */
export type Config = { readonly [K in FlagKey]: ValueOf<(typeof FLAGS)[K]> }

export const FLAG_KEYS = Object.keys(FLAGS) as FlagKey[]

export function flagSpec(key: FlagKey): FlagSpec {
  return FLAGS[key] as unknown as FlagSpec
}

/** `peerStoreName` -> `peer-store-name` */
export function flagName(key: FlagKey): string {
  return key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
}

export function environmentNames(key: FlagKey): readonly string[] {
  const { env, ours, commandLineOnly } = flagSpec(key)
  if (env) return env
  const name = flagName(key).replaceAll('-', '_').toUpperCase()
  if (!ours) return [name]
  return commandLineOnly ? [] : [`INTERCOM_${name}`]
}

/** Every spelling of every flag. */
export const FLAG_NAMES: ReadonlyMap<string, FlagKey> = new Map(
  FLAG_KEYS.flatMap((key) =>
    [flagName(key), ...(flagSpec(key).aliases ?? [])].map((name) => [name, key] as const)
  )
)

/** The texts in a configuration that must never be shown. */
export function secretsOf(config: Config): string[] {
  return FLAG_KEYS.filter((key) => flagSpec(key).secret).flatMap((key) => {
    const value = config[key]
    return typeof value === 'string' ? [value] : []
  })
}
