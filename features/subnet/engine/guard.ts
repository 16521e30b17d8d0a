import { Protocol } from '../../../src/app/protocol.ts'

/** What differs between two peers, or between now and the next time the same operation is applied. */
const OUTSIDE = [
  ...['Date', 'setTimeout', 'setInterval', 'setImmediate', 'clearTimeout', 'clearInterval', 'clearImmediate'],
  ...[
    'queueMicrotask',
    'fetch',
    'WebSocket',
    'XMLHttpRequest',
    'process',
    'crypto',
    'performance',
    'navigator'
  ],
  ...['Bare', 'Pear', 'require', 'WeakRef', 'FinalizationRegistry', 'Intl', 'Worker', 'SharedArrayBuffer'],
  ...['Atomics', 'Temporal', 'MessageChannel', 'BroadcastChannel', 'AbortSignal', 'localStorage']
] as const

// Taken before anything can be in the way.
const enqueue = globalThis.queueMicrotask
const thenOf = Promise.prototype.then
const { getOwnPropertyDescriptor: own, defineProperty: define } = Object
const { set: assign } = Reflect

/** Whose contract has control. */
let active: Guard | null = null
/** In a process in which nothing else runs: what was taken where no guard saw it. */
let watch: { seen: string | null } | null = null

/** The same text on every peer: it can become part of the state. */
export class DeterminismError extends Error {
  override readonly name = 'DeterminismError'
  constructor(what: string) {
    super(`${what} is not available to a contract: every peer has to come to the same result`)
  }
}

export interface GuardOptions {
  /** What `console` writes to while a contract has control; without it, `console` is refused too. */
  readonly log?: ((words: readonly unknown[]) => void) | undefined
}

/** For the engine: the same, but what waits for it is not taken for the contract. */
export function unguarded<T>(value: T | PromiseLike<T>): PromiseLike<T> | T {
  if (!(value instanceof Promise)) return value
  return new Promise<T>((resolve, reject) => void thenOf.call(value, resolve as never, reject))
}

/**
 * Where nothing runs but contracts, all of what is kept from them is refused until this is over, also after an
 * `await` of whatever it is. `seen` names what was asked for where a guard alone would not have noticed.
 */
export async function watched<T>(work: () => Promise<T>): Promise<{ value: T; seen: string | null }> {
  const own = { seen: null as string | null }
  watch = own
  try {
    const value = await work()
    return { value, seen: own.seen }
  } finally {
    watch = null
  }
}

/** For the engine, meanwhile. */
export function unwatched<T>(call: () => T): T {
  const before = watch
  watch = null
  try {
    return call()
  } finally {
    watch = before
  }
}

/** Frames of this many bytes, nearly all of them arguments, so that they are as large however they are compiled. */
const PADDING: readonly number[] = new Array(1000).fill(0)
const FRAMES = 80
/** How many of them lie under contract code. */
let ballast = 0

/**
 * With two thirds of the stack gone. How deep calls may go depends on what a process has compiled by then, so what
 * comes near the end of the stack on one peer is over it on another.
 */
export async function cramped<T>(work: () => Promise<T>): Promise<T> {
  ballast = FRAMES
  try {
    return await work()
  } finally {
    ballast = 0
  }
}

function sink<T>(frames: number, call: () => T, ..._: readonly number[]): T {
  return frames === 0 ? call() : sink(frames - 1, call, ...PADDING)
}

/**
 * Keeps clock, chance and world away from a contract, and from nobody else: the globals are refused only while
 * contract code has control. That is from a call to the next `await`, and again from the return of a storage call
 * on. What runs after an `await` of anything else is not seen here, but by `watched`, and `findOutside` names it.
 */
export class Guard {
  /** What `console` is for the contract; without it, that is refused too, and so is reading the latest state. */
  readonly console: object | null
  #depth = 0
  #around: Guard | null = null
  #stackTraceLimit = 0

  constructor({ log }: GuardOptions = {}) {
    this.console = log === undefined ? null : logger(log)
  }

  /** Calls contract code. */
  inside<T>(call: () => T): T {
    this.#enter()
    try {
      return ballast === 0 ? call() : sink(ballast, call)
    } finally {
      this.#leave()
    }
  }

  /**
   * Calls the engine from within contract code; what it returns comes back to the contract guarded. The call is
   * made one step later: what it queues then comes after the steps that enclose the contract, not among them.
   */
  outside<T>(call: () => Promise<T>): Promise<T> {
    return this.#guarded(thenOf.call(Promise.resolve(), () => this.#lifted(call)) as Promise<T>)
  }

  #lifted<T>(call: () => T): T {
    const depth = this.#depth
    if (depth > 0) this.#release()
    this.#depth = 0
    try {
      return call()
    } finally {
      this.#depth = depth
      if (depth > 0) this.#hold()
    }
  }

  #guarded<T>(promise: Promise<T>): Promise<T> {
    return silenced(Guarded.of(promise, this.#resume))
  }

  /** Runs a continuation, and encloses what it queues for the contract between two steps of ours. */
  readonly #resume: Resume = (call) => {
    enqueue(this.#enter)
    try {
      return this.inside(call)
    } finally {
      enqueue(this.#leave)
    }
  }

  readonly #enter = (): void => {
    if (this.#depth++ === 0) this.#hold()
  }

  readonly #leave = (): void => {
    if (this.#depth > 0 && --this.#depth === 0) this.#release()
  }

  #hold(): void {
    this.#around = active
    active = this
    // Where an error comes from has the paths of this machine in it.
    this.#stackTraceLimit = Error.stackTraceLimit
    assign(Error, 'stackTraceLimit', 0)
  }

  #release(): void {
    // Without throwing, whatever a contract has made of it.
    assign(Error, 'stackTraceLimit', this.#stackTraceLimit)
    // The one around it may have come to its end meanwhile.
    if (active === this) active = this.#around !== null && this.#around.#depth > 0 ? this.#around : null
    this.#around = null
  }
}

type Resume = <R>(call: () => R) => R

/** A promise whose continuations run inside. `await` calls `then`, since it is not a plain promise. */
class Guarded<T> extends Promise<T> {
  #resume: Resume | null = null

  static of<T>(promise: Promise<T>, resume: Resume): Guarded<T> {
    const guarded = new Guarded<T>((done, failed) => thenOf.call(promise, done as never, failed))
    guarded.#resume = resume
    return guarded
  }

  // biome-ignore lint/suspicious/noThenProperty: this is what makes it guarded
  override then<R1 = T, R2 = never>(
    done?: ((value: T) => R1 | PromiseLike<R1>) | null,
    failed?: ((reason: unknown) => R2 | PromiseLike<R2>) | null
  ): Promise<R1 | R2> {
    const resume = this.#resume
    const next = super.then(inside(resume, done), inside(resume, failed))
    // A contract can have made something else of what a promise makes of itself.
    const made: object = next
    if (#resume in made) made.#resume = resume
    return silenced(next)
  }
}

function inside<A, R>(
  resume: Resume | null,
  then: ((value: A) => R) | null | undefined
): ((value: A) => R) | null | undefined {
  if (resume === null || typeof then !== 'function') return then
  return (value) => resume(() => then(value))
}

/** A contract that does not wait for a refusal does not see it; the process must not end by it. */
function silenced<T extends Promise<unknown>>(promise: T): T {
  thenOf.call(promise, undefined, () => {})
  return promise
}

function refuse(what: string): never {
  throw new DeterminismError(what)
}

/**
 * Puts a getter in the place of a property, for good: what it costs to put it there and take it away again would be
 * paid several times in each run. `inside` is what a contract gets, or throws.
 */
function cover(object: object, name: string, inside: (guard: Guard) => unknown, label = name): void {
  const before = own(object, name)
  if (before?.configurable === false) return
  let value: unknown = before?.value
  define(object, name, {
    get() {
      if (active !== null) return inside(active)
      if (watch !== null && !isRuntimes(new Error().stack)) return unseen(label)
      return before?.get === undefined ? value : before.get.call(this)
    },
    set(next: unknown) {
      if (active !== null) refuse(label)
      if (watch !== null) unseen(label)
      if (before?.set !== undefined) before.set.call(this, next)
      else value = next
    },
    enumerable: before?.enumerable ?? false,
    configurable: false
  })
}

/** Timers of Bare are written in the same language, and read the same clock: the caller of the getter tells. */
function isRuntimes(stack: string | undefined): boolean {
  return /^\s*at .*\b(?:bare|node):/.test(stack?.split('\n')[2] ?? '')
}

function unseen(name: string): never {
  if (watch !== null) watch.seen ??= name
  return refuse(name)
}

for (const name of OUTSIDE) cover(globalThis, name, () => refuse(name))
cover(globalThis, 'console', (guard) => guard.console ?? refuse('console'))
const random = () => refuse('Math.random')
cover(Math, 'random', () => random, 'Math.random')
// The latest state as this peer has it is not the one that the operation is applied to.
for (const name of ['get', 'getSigned'] as const) {
  const method = Protocol.prototype[name]
  const refused = () => refuse(`protocol.${name}`)
  cover(Protocol.prototype, name, (guard) => (guard.console === null ? refused : method), `protocol.${name}`)
}

function logger(log: (words: readonly unknown[]) => void): object {
  const write = (...words: unknown[]) => log(words)
  const silent = () => {}
  return {
    ...{ log: write, info: write, warn: write, error: write, debug: write, trace: write, dir: write },
    ...{ table: write, group: write, groupCollapsed: write, groupEnd: silent, clear: silent },
    ...{ time: silent, timeLog: silent, timeEnd: silent, count: silent, countReset: silent, assert: silent }
  }
}
