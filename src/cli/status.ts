import path from '#path'
import { printable, quoted } from '../base/text.ts'
import { type Listening, type RunInfo, type RunState, SILENT_MS } from '../run-file.ts'
import { duration } from './lines.ts'

/** For how long a node may be starting before that is a fault. */
export const START_MS = 60_000

export type NodeState =
  /** No node has the store, or the last one ended in order. */
  | 'stopped'
  /** The last one ended without closing its store. */
  | 'killed'
  /** `run.json` does not say anything that can be read. */
  | 'unreadable'
  /** No heartbeat for a while. */
  | 'silent'
  /** Not everything has started, or the network was not there yet; for a minute at most. */
  | 'starting'
  | 'degraded'
  | 'healthy'

export interface Problem {
  readonly check: string
  readonly detail: string
}

/** What can be told of a node from outside; `--json` prints it as it is. Times in ms since 1970. */
export interface Status {
  readonly peer: string
  /** Its folder. */
  readonly store: string
  readonly state: NodeState
  readonly healthy: boolean
  readonly pid: number | null
  readonly startedAt: number | null
  readonly uptimeSeconds: number | null
  readonly readyAt: number | null
  readonly heartbeatAt: number | null
  readonly heartbeatAgeSeconds: number | null
  readonly bridge: Listening | null
  readonly metrics: Listening | null
  readonly rpc: Listening | null
  readonly problems: readonly Problem[]
}

const NOTHING = {
  ...{ pid: null, startedAt: null, uptimeSeconds: null, readyAt: null, heartbeatAt: null },
  ...{ heartbeatAgeSeconds: null, bridge: null, metrics: null, rpc: null }
} as const

/** Judges what stands in `run.json`. */
export function statusOf(folder: string, run: RunState, now: number, isThere = true): Status {
  const which = { peer: path.basename(folder), store: path.resolve(folder) }
  const { info } = run
  if (info === null) {
    const isUnreadable = run.state === 'unreadable'
    const problems: Problem[] = []
    if (isUnreadable) problems.push({ check: 'run_file', detail: 'run.json cannot be read, or is none' })
    else if (!isThere) problems.push({ check: 'store', detail: 'there is no such store: is the name right?' })
    return { ...which, ...NOTHING, state: isUnreadable ? 'unreadable' : 'stopped', healthy: false, problems }
  }
  const isAlive = run.state !== 'dead'
  const { state, problems } = verdictOf(run, info, now)
  const { pid, startedAt, readyAt, heartbeatAt, bridge, metrics, rpc } = info
  return {
    ...which,
    ...{ state, healthy: state === 'healthy', pid, startedAt },
    uptimeSeconds: isAlive ? secondsBetween(startedAt, now) : null,
    ...{ readyAt, heartbeatAt, heartbeatAgeSeconds: secondsBetween(heartbeatAt, now) },
    // Of a node that has gone nothing listens any more.
    ...(isAlive ? { bridge, metrics, rpc } : { bridge: null, metrics: null, rpc: null }),
    problems
  }
}

function verdictOf(run: RunState, info: RunInfo, now: number): { state: NodeState; problems: Problem[] } {
  const { readyAt, startedAt, heartbeatAt, health } = info
  const found = (state: NodeState, check: string, detail: string) => ({
    state,
    problems: [{ check, detail }]
  })
  if (run.state === 'dead')
    return found('killed', 'process', `process ${info.pid} ended without closing its store`)
  if (heartbeatAt - now > SILENT_MS)
    return found('silent', 'heartbeat', 'the last sign of life is in the future: was the clock set back?')
  if (run.state === 'silent') {
    const age = duration(now - heartbeatAt)
    const others = info.birth === null ? ', or another program has its process number' : ''
    const causes = `it hangs, was suspended, or its disk is full${others}`
    return found('silent', 'heartbeat', `no sign of life for ${age}: ${causes}`)
  }
  const problems = [...(health?.failed ?? [])]
  if (readyAt === null) {
    if (now - startedAt <= START_MS) return { state: 'starting', problems }
    const detail = `not ready ${duration(now - startedAt)} after its start: see its log`
    return { state: 'degraded', problems: [...problems, { check: 'start', detail }] }
  }
  // A node of an earlier version does not say.
  const status = health?.status ?? 'ok'
  return { state: status === 'ok' ? 'healthy' : status === 'starting' ? 'starting' : 'degraded', problems }
}

function secondsBetween(from: number, to: number): number {
  return Math.max(0, Math.floor((to - from) / 1000))
}

/** 0 healthy, 1 it runs and is not, or nobody can tell; 3 it does not run. */
export function exitCodeOf({ state }: Status): number {
  if (state === 'healthy') return 0
  return state === 'stopped' || state === 'killed' ? 3 : 1
}

/** For people. What stands in the file may be anybody's. */
export function statusLines(status: Status): string[] {
  const { peer, store, state, pid, uptimeSeconds, readyAt, startedAt, heartbeatAgeSeconds } = status
  const who = uptimeSeconds === null ? '' : `: process ${pid}, up for ${duration(uptimeSeconds * 1000)}`
  const rows: (readonly [string, string | null])[] = [
    ['store', quoted(store, 300)],
    ['ready', readyAt === null || startedAt === null ? null : readyText(readyAt, startedAt)],
    ['heartbeat', heartbeatAgeSeconds === null ? null : `${duration(heartbeatAgeSeconds * 1000)} ago`],
    ['SC-Bridge', url(status.bridge, 'ws')],
    ['metrics', url(status.metrics, 'http')],
    ['RPC', url(status.rpc, 'http')],
    ...status.problems.map(({ check, detail }) => ['problem', `${check}: ${printable(detail)}`] as const)
  ]
  const width = Math.max(...rows.map(([name]) => name.length))
  return [
    `${printable(peer)} ${SENTENCES[state]}${who}`,
    ...rows.flatMap(([name, text]) => (text === null ? [] : [`  ${name.padEnd(width)}  ${printable(text)}`]))
  ]
}

const SENTENCES: Readonly<Record<NodeState, string>> = {
  stopped: 'is not running',
  killed: 'is not running',
  unreadable: 'cannot be judged',
  silent: 'is not healthy (silent)',
  starting: 'is starting',
  degraded: 'is not healthy (degraded)',
  healthy: 'is healthy'
}

/** The file may hold any number, and not each one is a time. */
function readyText(readyAt: number, startedAt: number): string {
  const time = new Date(readyAt)
  const since = Number.isNaN(time.getTime()) ? 'some time' : `${time.toISOString().slice(0, 19)}Z`
  return `since ${since}, ${duration(readyAt - startedAt)} after the start`
}

function url(at: Listening | null, scheme: string): string | null {
  if (at === null) return null
  return `${scheme}${at.tls ? 's' : ''}://${at.host.includes(':') ? `[${at.host}]` : at.host}:${at.port}`
}
