const AWAKE = 0
const BEATS = 1
const WORDS = 2

// Taken before a contract is in the way.
const { add, load, notify, store, wait } = Atomics

/** Memory that the thread of the contract shares with its watchdog. */
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

  /** Stops this thread until the watchdog is there; false if it is not in time. */
  waitForWatchdog(milliseconds: number): boolean {
    return wait(this.#words, AWAKE, 0, milliseconds) !== 'timed-out'
  }

  // For the watchdog.

  get beats(): number {
    return load(this.#words, BEATS)
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
