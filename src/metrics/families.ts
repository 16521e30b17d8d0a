import { DROP_REASONS, type DropReason } from '../base/reasons.ts'
import { BRIDGE_CODES, type BridgeCode } from '../bridge/codes.ts'
import { REQUESTS, type RequestType } from '../bridge/protocol.ts'
import { RPC_CODES } from '../rpc/codes.ts'
import { ENDPOINT_NAMES } from '../rpc/endpoints.ts'
import { CHECKS } from './health.ts'

/** In front of every name. */
export const PREFIX = 'intercom_'

/** What stands for a value that is not in the list of its label. */
export const OTHER = 'other'

/** In place of a list: the one value that this process has for it. */
export const ONE = null

/** The values that a label may have. Names and keys of others are never among them: there is no end to those. */
export type LabelValues = readonly string[] | typeof ONE

export interface FamilySpec {
  readonly type: 'counter' | 'gauge' | 'histogram'
  readonly group: string
  /** One line, shown to whoever scrapes and in the reference. */
  readonly help: string
  readonly labels: Readonly<Record<string, LabelValues>>
  /** Upper bounds of a histogram, without infinity. */
  readonly buckets: readonly number[]
}

type Labels = Readonly<Record<string, LabelValues>>

function gauge<const L extends Labels = Record<never, never>>(group: string, help: string, labels?: L) {
  return { type: 'gauge', group, help, labels: (labels ?? {}) as L, buckets: [] } as const
}

function counter<const L extends Labels = Record<never, never>>(group: string, help: string, labels?: L) {
  return { type: 'counter', group, help, labels: (labels ?? {}) as L, buckets: [] } as const
}

function histogram(group: string, help: string, buckets: readonly number[]) {
  return { type: 'histogram', group, help, labels: {} as Record<never, never>, buckets } as const
}

const DIRECTIONS = ['in', 'out'] as const
const SERVERS = ['bridge', 'metrics', 'rpc'] as const
const REASONS = Object.keys(DROP_REASONS) as DropReason[]
const REQUEST_TYPES = Object.keys(REQUESTS) as RequestType[]
const RPC_STATUSES = [...new Set([200, ...Object.values(RPC_CODES).map(({ status }) => status)])].map(String)
const OUTCOMES: readonly ('ok' | BridgeCode)[] = ['ok', ...(Object.keys(BRIDGE_CODES) as BridgeCode[])]

// 12 bits take about a millisecond, 24 on a slow machine more than ten seconds.
const WORK_SECONDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 2.5, 10]
const LAG_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5]

// biome-ignore format: a table, one row a line
/**
 * Every family of metrics, in base units. What is exported, what a plane may count, and the reference page
 * come from here. There is an end to the series of each, whatever others send.
 */
export const FAMILIES = {
  build_info: gauge('Node', 'Always 1; says what runs.', { version: ONE, runtime: ['bare', 'node'], runtime_version: ONE }),
  start_time_seconds: gauge('Node', 'When the node was opened, since 1970.'),
  uptime_seconds: gauge('Node', 'For how long it has been open.'),
  health: gauge('Node', '1 while the check is passed, 0 while it is not; without a value while nothing is known.', { check: CHECKS }),
  cpu_seconds_total: counter('Node', 'Processor time of the process.', { mode: ['user', 'system'] }),
  resident_memory_bytes: gauge('Node', 'Memory that the process holds.'),
  heap_used_bytes: gauge('Node', 'Part of the JavaScript heap that is in use.'),
  heap_total_bytes: gauge('Node', 'Size of the JavaScript heap.'),
  event_loop_lag_seconds: histogram('Node', 'How late the event loop comes to what is due; sampled ten times a second.', LAG_SECONDS),
  event_loop_lag_max_seconds: gauge('Node', 'The most of it within the last minute.'),
  store_bytes: gauge('Node', "Size of the peer's folder; looked at once a minute at most."),
  store_free_bytes: gauge('Node', 'What is free where it lies.'),
  store_writable: gauge('Node', '1 when the last attempt to write to the store worked.'),
  collect_failures_total: counter('Node', 'How often something could not be measured; the log says why.'),
  connections: gauge('Network', 'Neighbours at the moment.'),
  connections_opened_total: counter('Network', 'Connections made, in either direction.'),
  connections_closed_total: counter('Network', 'Connections ended.'),
  neighbour_bytes_total: counter('Network', 'Bytes exchanged with neighbours, on the wire.', { direction: DIRECTIONS }),
  dht_reachable: gauge('Network', '1 when the DHT answers.'),
  dht_hosting: gauge('Network', '1 when the local DHT is hosted in this process.'),
  nat: gauge('Network', '1 for what stands between this node and others.', { type: ['unknown', 'open', 'consistent', 'random'] }),
  topics: gauge('Network', 'Topics under which the node is found.'),
  sidechannel_channels: gauge('Sidechannels', 'Channels joined.'),
  sidechannel_messages_total: counter('Sidechannels', 'Messages accepted, own ones sent, and copies passed on.', { direction: ['received', 'sent', 'relayed'] }),
  sidechannel_dropped_total: counter('Sidechannels', 'Messages dropped, by reason (docs/wire/sidechannel.md).', { reason: REASONS }),
  sidechannel_open_requests: gauge('Sidechannels', 'Requests of others that wait for somebody to accept them.'),
  sidechannel_blocked_connections: gauge('Sidechannels', 'Connections that are not listened to for the moment, for what they did.'),
  sidechannel_outbox_messages: gauge('Sidechannels', 'Messages that wait for their neighbour, all neighbours together.'),
  sidechannel_outbox_bytes: gauge('Sidechannels', 'The same in bytes.'),
  sidechannel_outbox_max_messages: gauge('Sidechannels', 'Messages that wait for the neighbour with the longest queue (10,000 at most).'),
  sidechannel_outbox_max_bytes: gauge('Sidechannels', 'The same in bytes (4 MiB at most).'),
  sidechannel_work_seconds: histogram('Sidechannels', 'Time spent on the proof of work of a message of our own.', WORK_SECONDS),
  sidechannel_work_hashes_total: counter('Sidechannels', 'Hashes tried for it.'),
  clock_offset_seconds: gauge('Sidechannels', "How far neighbours' clocks are ahead of ours (median)."),
  clock_offset_neighbours: gauge('Sidechannels', 'How many neighbours that is taken from.'),
  auth_failures_total: counter('Access', 'Wrong tokens, by where they were given.', { server: SERVERS }),
  bridge_clients: gauge('SC-Bridge', 'Clients connected.', { state: ['authenticated', 'pending'] }),
  bridge_requests_total: counter('SC-Bridge', 'Requests of clients, by type and by what came of them.', { type: REQUEST_TYPES, code: OUTCOMES }),
  bridge_events_total: counter('SC-Bridge', 'Events for clients: sent, or dropped for those that lag behind.', { outcome: ['sent', 'dropped'] }),
  bridge_history_messages: gauge('SC-Bridge', 'Messages held for clients that come back.'),
  bridge_history_bytes: gauge('SC-Bridge', 'The same in bytes.'),
  rpc_requests_total: counter('HTTP RPC', 'Requests to endpoints, by HTTP status.', { endpoint: ENDPOINT_NAMES, status: RPC_STATUSES })
} as const

export type FamilyName = keyof typeof FAMILIES

export const FAMILY_NAMES = Object.keys(FAMILIES) as FamilyName[]

export function familySpec(name: FamilyName): FamilySpec {
  return FAMILIES[name]
}

export type NamesOf<T extends FamilySpec['type']> = {
  [N in FamilyName]: (typeof FAMILIES)[N]['type'] extends T ? N : never
}[FamilyName]

type LabelTable<N extends FamilyName> = (typeof FAMILIES)[N]['labels']

/** A value for each label of the family. */
export type LabelsOf<N extends FamilyName> = {
  readonly [L in keyof LabelTable<N>]: LabelTable<N>[L] extends readonly (infer V)[]
    ? V | typeof OTHER
    : string
}

/** How many series a family can have at most. */
export function mostSeries(name: FamilyName): number {
  const { labels, buckets, type } = familySpec(name)
  const lines = type === 'histogram' ? buckets.length + 3 : 1
  return Object.values(labels).reduce(
    (most, values) => most * (values === ONE ? 1 : values.length + 1),
    lines
  )
}
