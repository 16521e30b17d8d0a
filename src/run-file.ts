import path from '#path'
import process from '#process'
import { mayBe } from './base/birth.ts'
import { systemCode } from './base/errors.ts'
import { readSmallFile } from './base/small-file.ts'

/** Where a server of the node listens. */
export interface Listening {
  readonly host: string
  readonly port: number
  readonly tls: boolean
}

/** How the node finds itself, in short. */
export interface RunHealth {
  readonly status: string
  /** What is the matter. */
  readonly failed: readonly { readonly check: string; readonly detail: string }[]
}

/** What `stores/<peer>/run.json` says of the process that has the store; nothing in it is secret. Times in ms. */
export interface RunInfo {
  readonly pid: number
  /** Tells this process from a later one of the same number; null where the system does not. */
  readonly birth: string | null
  readonly startedAt: number
  /** When everything that was asked for had started; null until then. */
  readonly readyAt: number | null
  readonly heartbeatAt: number
  readonly bridge: Listening | null
  readonly metrics: Listening | null
  /** Where the token for both is. */
  readonly tokenFile: string | null
  readonly rpc: Listening | null
  /** Where its token is. */
  readonly rpcTokenFile: string | null
  /** As of the last heartbeat; null before the first one. */
  readonly health: RunHealth | null
}

export const RUN_FILE = 'run.json'
/** Three heartbeats. */
export const SILENT_MS = 30_000

export type RunState =
  /** No node has this store, or it ended in order. */
  | { readonly state: 'absent'; readonly info: null }
  /** What the file says is no run file, or it cannot be read. */
  | { readonly state: 'unreadable'; readonly info: null }
  /** It was killed: the file was left behind. Its number may be another's by now. */
  | { readonly state: 'dead'; readonly info: RunInfo }
  /** No heartbeat for a while: it hangs, was stopped, has a full disk, or (without `birth`) another process has its number. */
  | { readonly state: 'silent'; readonly info: RunInfo }
  | { readonly state: 'running'; readonly info: RunInfo }

/** For who looks at the store from outside. Total. */
export function readRunFile(folder: string, now: number = Date.now()): RunState {
  const text = readText(path.join(folder, RUN_FILE))
  if (text === null) return { state: 'absent', info: null }
  const info = parseRunInfo(text)
  if (info === null) return { state: 'unreadable', info: null }
  if (!isAlive(info)) return { state: 'dead', info }
  // Of a clock that was set back nothing can be told.
  return { state: now - info.heartbeatAt > SILENT_MS ? 'silent' : 'running', info }
}

/** Total: whatever stands in the file. Those of earlier versions have fewer fields; the first two are in all. */
export function parseRunInfo(text: string | null): RunInfo | null {
  const value = parseJson(text ?? '')
  if (typeof value !== 'object' || value === null) return null
  const fields = value as Record<string, unknown>
  const { pid, startedAt } = fields
  if (!Number.isSafeInteger(pid) || (pid as number) <= 0) return null
  if (typeof startedAt !== 'number') return null
  return {
    pid: pid as number,
    birth: textOrNull(fields.birth),
    startedAt,
    readyAt: numberOr(fields.readyAt, null),
    heartbeatAt: numberOr(fields.heartbeatAt, startedAt),
    bridge: listeningOf(fields.bridge),
    metrics: listeningOf(fields.metrics),
    tokenFile: textOrNull(fields.tokenFile),
    rpc: listeningOf(fields.rpc),
    rpcTokenFile: textOrNull(fields.rpcTokenFile),
    health: healthOf(fields.health)
  }
}

function healthOf(value: unknown): RunHealth | null {
  if (typeof value !== 'object' || value === null) return null
  const { status, failed } = value as Record<string, unknown>
  if (typeof status !== 'string' || !Array.isArray(failed)) return null
  return { status, failed: failed.flatMap((entry: unknown) => failedCheck(entry)) }
}

function failedCheck(value: unknown): RunHealth['failed'] {
  if (typeof value !== 'object' || value === null) return []
  const { check, detail } = value as Record<string, unknown>
  return typeof check === 'string' && typeof detail === 'string' ? [{ check, detail }] : []
}

function listeningOf(value: unknown): Listening | null {
  if (typeof value !== 'object' || value === null) return null
  const { host, port, tls } = value as Record<string, unknown>
  if (typeof host !== 'string' || !Number.isSafeInteger(port)) return null
  if ((port as number) < 1 || (port as number) > 65_535) return null
  return { host, port: port as number, tls: tls === true }
}

function textOrNull(value: unknown): string | null {
  return typeof value === 'string' ? value : null
}

function numberOr<T>(value: unknown, otherwise: T): number | T {
  return typeof value === 'number' ? value : otherwise
}

/** Null when there is none; empty when it cannot be read. */
function readText(file: string): string | null {
  try {
    return readSmallFile(file)
  } catch (error) {
    return systemCode(error) === 'ENOENT' || systemCode(error) === 'ENOTDIR' ? null : ''
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // A write that a crash of the machine cut short; nobody needs what it said.
    return null
  }
}

/** A process that we may not signal lives too. */
function isAlive({ pid, birth }: RunInfo): boolean {
  try {
    process.kill(pid, 0)
  } catch (error) {
    if (systemCode(error) === 'ESRCH') return false
  }
  return mayBe(pid, birth)
}
