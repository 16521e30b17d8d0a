import process from '#process'
import { spawn } from '#subprocess'
import { messageOf } from './base/errors.ts'
import type { Log } from './base/log.ts'
import { programFile } from './base/program-file.ts'

/** What of the environment a supervisor with systemd's protocol sets. */
export type SupervisorEnvironment = Readonly<Record<string, string | undefined>>

/** As often as systemd asks for it, where it does. */
const LEAST_WATCHDOG_MS = 1000

/**
 * Tells the supervisor that started this process, if it asks to be told, how far it is. By way of the program
 * `systemd-notify`: no runtime of ours has the kind of socket it takes.
 */
export class Supervisor {
  /** The program; null where nobody asks to be told, or it is missing. */
  readonly #program: string | null
  readonly #watchdogMs: number | null
  readonly #log: Log
  #timer: ReturnType<typeof setInterval> | null = null
  #hasFailed = false

  constructor(log: Log, environment: SupervisorEnvironment = process.env) {
    const { NOTIFY_SOCKET, WATCHDOG_USEC, PATH } = environment
    const isAsked = NOTIFY_SOCKET !== undefined && NOTIFY_SOCKET !== ''
    this.#log = log
    this.#program = isAsked ? programFile('systemd-notify', PATH) : null
    this.#watchdogMs = watchdogInterval(WATCHDOG_USEC)
    if (isAsked && this.#program === null) this.#fail('it is not installed')
  }

  /** Everything that was asked for has started. */
  ready(): void {
    this.#tell('READY=1')
    if (this.#program === null || this.#watchdogMs === null || this.#timer !== null) return
    this.#tell('WATCHDOG=1')
    this.#timer = setInterval(() => this.#tell('WATCHDOG=1'), this.#watchdogMs)
    // It is not what the process lives for.
    this.#timer.unref()
  }

  /** The process is about to end; may be called several times. */
  stopping(): void {
    if (this.#timer !== null) clearInterval(this.#timer)
    this.#timer = null
    this.#tell('STOPPING=1')
  }

  /** Nothing waits for it, and the process need not live for it. */
  #tell(state: string): void {
    if (this.#program === null) return
    try {
      const child = spawn(this.#program, [state], { stdio: 'ignore' })
      child.on('error', (error) => this.#fail(messageOf(error)))
      child.on('exit', (code) => {
        if (code !== 0 && code !== null) this.#fail(`it ended with ${code}`)
      })
      child.unref()
    } catch (error) {
      this.#fail(messageOf(error))
    }
  }

  #fail(why: string): void {
    if (this.#hasFailed) return
    this.#hasFailed = true
    this.#log.warn('the supervisor cannot be told how this node is: systemd-notify does not work', {
      error: why
    })
  }
}

/** Twice in the time that systemd allows; null where it does not watch. */
function watchdogInterval(usec: string | undefined): number | null {
  if (usec === undefined || !/^\d{1,15}$/.test(usec) || Number(usec) === 0) return null
  return Math.max(LEAST_WATCHDOG_MS, Math.floor(Number(usec) / 2000))
}
