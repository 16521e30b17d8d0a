import process from '#process'

/** Waiting for the state counts in the end, too: this many times the limit for all of it. */
const WHOLE = 5
/** When this process was busy itself, the answer may be there and not read yet. */
const GRACE_MS = 100

/** The time that somebody else has, without what he waits for us. */
export class TimeLimit {
  readonly #milliseconds: number
  readonly #onlate: () => void
  #left = 0
  #since = 0
  #own: Alarm | null = null
  #whole: Alarm | null = null

  constructor(milliseconds: number, onlate: () => void) {
    this.#milliseconds = milliseconds
    this.#onlate = onlate
  }

  start(): void {
    this.stop()
    this.#left = this.#milliseconds
    this.#whole = new Alarm(this.#milliseconds * WHOLE, this.#onlate)
    this.resume()
  }

  stop(): void {
    this.pause()
    this.#whole?.stop()
    this.#whole = null
  }

  pause(): void {
    if (this.#own === null) return
    this.#own.stop()
    this.#own = null
    this.#left = Math.max(0, this.#left - (now() - this.#since))
  }

  resume(): void {
    this.pause()
    this.#since = now()
    this.#own = new Alarm(this.#left, this.#onlate)
  }

  get passed(): boolean {
    return this.#own !== null && now() - this.#since >= this.#left
  }
}

class Alarm {
  #timer: ReturnType<typeof setTimeout>

  constructor(milliseconds: number, onlate: () => void) {
    this.#timer = setTimeout(() => {
      this.#timer = setTimeout(onlate, GRACE_MS)
    }, milliseconds)
  }

  stop(): void {
    clearTimeout(this.#timer)
  }
}

function now(): number {
  return process.uptime() * 1000
}
