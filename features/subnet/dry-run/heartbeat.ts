const AWAKE = 0
const BEATS = 1
const WAITING = 2
const WORDS = 3

// Taken before a contract is in the way.
const { add, load, notify, store, wait } = Atomics

/**
 * Memory that the thread of the contract shares with its watchdog. It beats while nothing runs, and when a run
 * begins, ends or hears from the parent: not while a contract has control, or has given it away and does not ask
 * for it back.
 */
export class Heartbeat {
  readonly memory: SharedArrayBuffer
  readonly #words: Int32Array

  constructor(memory = new SharedArrayBuffer(WORDS * Int32Array.BYTES_PER_ELEMENT)) {
    this.memory = memory
    this.#words = new Int32Array(memory)
  }

  // For the thread of the contract.

  beat(): void {
    add(this.#words, BEATS, 1)
  }

  /** It stands still because of the parent, and not because of a contract. */
  set waiting(waiting: boolean) {
    store(this.#words, WAITING, waiting ? 1 : 0)
    this.beat()
  }

  /** Stops this thread until the watchdog is there; false if it is not in time. */
  waitForWatchdog(milliseconds: number): boolean {
    return wait(this.#words, AWAKE, 0, milliseconds) !== 'timed-out'
  }

  // For the watchdog.

  get beats(): number {
    return load(this.#words, BEATS)
  }

  get waiting(): boolean {
    return load(this.#words, WAITING) === 1
  }

  awake(): void {
    store(this.#words, AWAKE, 1)
    notify(this.#words, AWAKE)
  }

  /** Nothing wakes it. */
  sleep(milliseconds: number): void {
    wait(this.#words, AWAKE, 1, milliseconds)
  }
}
