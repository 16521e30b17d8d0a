import type { Clock } from './clock.ts'
import { BridgeError, refusalOf } from './errors.ts'

export type Frame = Readonly<Record<string, unknown>>

/**
 * Who asked. Called right where the answer is read, and not a moment later as by a promise: what stands
 * behind the answer on the wire often depends on it.
 */
export interface Asker {
  resolve(reply: Frame): void
  reject(error: BridgeError): void
}

interface Entry {
  readonly type: string
  readonly text: string
  readonly timer: unknown
  readonly asker: Asker
  sent: boolean
}

/** The requests that wait, for a connection or for their replies. */
export class Requests {
  readonly #clock: Clock
  readonly #entries = new Map<number, Entry>()
  #lastId = 0

  constructor(clock: Clock) {
    this.#clock = clock
  }

  get size(): number {
    return this.#entries.size
  }

  /** `send`: how it goes out now; `null`: it waits for a connection. */
  add(
    type: string,
    fields: object,
    timeoutMs: number,
    send: ((text: string) => void) | null,
    asker: Asker
  ): void {
    const id = ++this.#lastId
    let text: string
    try {
      text = JSON.stringify({ ...fields, type, id })
    } catch (cause) {
      const message = `The fields of "${type}" cannot be written as JSON.`
      asker.reject(new BridgeError('unserialisable', message, { next: 'Send what JSON can hold.', cause }))
      return
    }
    const timer = this.#clock.setTimeout(() => this.#expire(id), timeoutMs)
    this.#entries.set(id, { type, text, timer, asker, sent: send !== null })
    send?.(text)
  }

  /** There is a connection: everything that waited for one goes out, in order. */
  flush(send: (text: string) => void): void {
    for (const entry of this.#entries.values()) {
      if (entry.sent) continue
      entry.sent = true
      send(entry.text)
    }
  }

  /** Whether the frame was the answer to a request. */
  settle(frame: Frame): boolean {
    const entry = this.#take(frame.id)
    if (entry === undefined) return false
    if (frame.type === 'error') entry.asker.reject(refusalOf(frame, 'denied'))
    else entry.asker.resolve(frame)
    return true
  }

  /**
   * The connection is gone; what had not gone out yet waits for the next. `refusal`: of the largest that had
   * gone out, which is what the node ended the connection for.
   */
  failSent(why: string, refusal: BridgeError | null = null): void {
    const refused = refusal === null ? null : this.#largestSent()
    for (const [id, entry] of this.#entries) {
      if (!entry.sent) continue
      this.#take(id)
      if (refusal !== null && entry === refused) {
        entry.asker.reject(refusal)
        continue
      }
      const message = `The connection was lost before the node answered "${entry.type}".`
      entry.asker.reject(new BridgeError('closed', message, { detail: `${why} It may have been done.` }))
    }
  }

  failAll(why: string): void {
    this.failSent(why)
    for (const [id, entry] of this.#entries) {
      this.#take(id)
      entry.asker.reject(
        new BridgeError('closed', `The client was closed before "${entry.type}" was sent.`, { detail: why })
      )
    }
  }

  #largestSent(): Entry | null {
    let largest: Entry | null = null
    for (const entry of this.#entries.values()) {
      if (entry.sent && entry.text.length > (largest?.text.length ?? 0)) largest = entry
    }
    return largest
  }

  #expire(id: number): void {
    const entry = this.#take(id)
    entry?.asker.reject(
      entry.sent
        ? new BridgeError('timeout', `The node did not answer "${entry.type}" in time.`)
        : new BridgeError('timeout', `There was no connection in time for "${entry.type}".`, {
            next: 'It was not sent. See whether the node runs, then try again.'
          })
    )
  }

  #take(id: unknown): Entry | undefined {
    const entry = this.#entries.get(id as number)
    if (entry === undefined) return undefined
    this.#entries.delete(id as number)
    this.#clock.clearTimeout(entry.timer)
    return entry
  }
}
