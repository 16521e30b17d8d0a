/** What health is judged by. Null: not known, or not looked at. */
export interface NodeState {
  readonly uptimeMs: number
  readonly dhtReachable: boolean | null
  /** Which part of the last seconds the event loop was not there for others. */
  readonly lostShare: number | null
  readonly storeWritable: boolean | null
  readonly freeBytes: number | null
  /** Every channel was announced, once. */
  readonly announced: boolean | null
  /** What is written to the subnet is applied here. */
  readonly subnetRuns: boolean | null
  /** The indexers have signed another state than this peer has. */
  readonly subnetSplit: boolean | null
}

export type HealthStatus = 'ok' | 'degraded' | 'starting'

export interface Check {
  readonly ok: boolean | null
  /** What is the matter, and what to do about it. */
  readonly detail: string
}

export const CHECKS = ['dht', 'event_loop', 'store', 'disk', 'sidechannels', 'subnet'] as const
export type CheckName = (typeof CHECKS)[number]

export interface Health {
  readonly status: HealthStatus
  readonly uptimeSeconds: number
  readonly checks: Readonly<Record<CheckName, Check>>
}

/** How long the network may take before its being away is a fault. */
export const START_MS = 60_000
// With so much of the time lost, neighbours and clients wait for seconds.
const MOST_LOST = 0.5
// The database needs room to tidy up.
export const LEAST_FREE = 64 * 1024 * 1024
const SPLIT =
  'state_split: the indexers of the subnet have signed another state than the one here; /stats says what to do'

export function healthOf(state: NodeState): Health {
  const checks = {
    dht: check(state.dhtReachable, 'the DHT answers', 'the DHT does not answer: new peers are not found'),
    event_loop: check(
      state.lostShare === null ? null : state.lostShare < MOST_LOST,
      'the event loop is on time',
      'the event loop is late: the machine, or this process, has too much to do'
    ),
    store: check(
      state.storeWritable,
      'the store takes what is written',
      'the store cannot be written: check the disk (space, permissions)'
    ),
    disk: check(
      state.freeBytes === null ? null : state.freeBytes >= LEAST_FREE,
      'there is room on the disk',
      'the disk is all but full: make room'
    ),
    sidechannels: check(
      state.announced,
      'every channel was announced',
      'channels are not announced yet: others do not find this peer'
    ),
    subnet: subnetCheck(state)
  }
  return {
    status: statusOf(checks, state.uptimeMs),
    uptimeSeconds: Math.floor(state.uptimeMs / 1000),
    checks
  }
}

function subnetCheck({ subnetRuns, subnetSplit }: NodeState): Check {
  const good = 'what is written to the subnet is applied'
  if (subnetRuns === true && subnetSplit === true) return check(false, good, SPLIT)
  return check(subnetRuns, good, 'the subnet has stopped here: /stats says why')
}

/** What is told from outside: the verdict, and what is the matter. */
export function healthInShort({ status, checks }: Health) {
  const failed = CHECKS.filter((name) => checks[name].ok === false)
  return { status, failed: failed.map((check) => ({ check, detail: checks[check].detail })) }
}

function check(ok: boolean | null, good: string, bad: string): Check {
  return { ok, detail: ok === null ? 'not known yet' : ok ? good : bad }
}

/** Until the network was there once, and for a minute at most, what is missing of it is still to come. */
function statusOf(checks: Readonly<Record<CheckName, Check>>, uptimeMs: number): HealthStatus {
  const failed = CHECKS.filter((name) => checks[name].ok === false)
  const waiting = checks.dht.ok === null || checks.sidechannels.ok === false
  const local = failed.some((name) => name !== 'dht' && name !== 'sidechannels')
  if (waiting && !local && uptimeMs < START_MS) return 'starting'
  return failed.length > 0 || checks.dht.ok === null ? 'degraded' : 'ok'
}
