import type { ChildProcess } from 'node:child_process'
import type { Readable, Writable } from 'node:stream'
import b4a from 'b4a'
import path from '#path'
import process from '#process'
import { spawn } from '#subprocess'
import { type Deferred, deferred } from '../../../src/base/deferred.ts'
import { IntercomError, messageOf } from '../../../src/base/errors.ts'
import type { Log } from '../../../src/base/log.ts'
import { printable, quoted } from '../../../src/base/text.ts'
import type { Rules } from '../engine/rules.ts'
import type { RunInput, Verdict } from '../engine/runner.ts'
import type { Store } from '../engine/state.ts'
import { FrameReader } from './frames.ts'
import { type FromWorker, frameOf, fromWorkerOf, MAX_BYTES, type OfRun, PIPES } from './messages.ts'
import { TimeLimit } from './time-limit.ts'

const WORKER = path.join(import.meta.dirname, 'worker.js')
const START_MS = 30_000
const MEMORY_MIB = 512
/** Of what the worker prints, for the log. */
const MAX_SAID = 4096
/** The parent is given this long before the worker ends itself. */
const PATIENCE_MS = 1000

export interface Job {
  readonly input: RunInput
  readonly rules: Rules
  readonly store: Pick<Store, 'get'>
}

export interface WorkerOptions {
  readonly app: string | null
  readonly timeLimitMs: number
  readonly log: Log
}

interface Run {
  readonly id: number
  readonly job: Job
  readonly verdict: Deferred<Verdict>
  /** From here on it is the contract that is to blame. */
  begun: boolean
  /** What kept the contract from reading the state. */
  failure: { readonly cause: unknown } | null
}

/** The process ended before the contract had it: another one can try. */
export class NotBegun extends Error {
  override readonly name = 'NotBegun'
  override readonly cause: IntercomError
  constructor(cause: IntercomError) {
    super(cause.message)
    this.cause = cause
  }
}

/** A process that runs the contract of one app, as its parent has it. It is of no use once it has failed. */
export class WorkerProcess {
  readonly #options: WorkerOptions
  readonly #child: ChildProcess
  #isReady = false
  readonly #loading = deferred<void>()
  readonly #loaded = deferred<void>()
  readonly #ended = deferred<void>()
  #gone = false
  /** Why it was killed. */
  #why: IntercomError | null = null
  /** In the order in which the contract gets them: the first is the one that it has, or is about to get. */
  readonly #line: Run[] = []
  #runs = 0
  /** Of the first in the line: first to begin, then to end. */
  #limit: TimeLimit

  /** Throws when the system makes no more processes. */
  constructor(options: WorkerOptions) {
    this.#options = options
    this.#limit = this.#startLimit(START_MS)
    this.#child = spawn(process.execPath, [WORKER], {
      cwd: path.dirname(WORKER),
      env: environment(),
      stdio: ['ignore', 'ignore', 'pipe', 'pipe', 'pipe'],
      windowsHide: true
    })
    this.#child.on('exit', (code, signal) => this.#handleEnd(endText(code, signal)))
    this.#child.on('error', (error) => this.#handleEnd(printable(messageOf(error))))
    // What is written to a worker that has just ended goes nowhere; its end is told by itself.
    this.#input.on('error', () => {})
    this.#listenToErrors(this.#child.stderr as Readable)
    void this.#listen(this.#output)
    const stuckMs = options.timeLimitMs + PATIENCE_MS
    const memoryBytes = MEMORY_MIB * 1024 * 1024
    void this.#write(frameOf({ type: 'open', app: options.app, memoryBytes, stuckMs }))
  }

  get #input(): Writable {
    return this.#child.stdio[PIPES.in] as Writable
  }

  get #output(): Readable {
    return this.#child.stdio[PIPES.out] as Readable
  }

  get pid(): number | null {
    return this.#gone ? null : (this.#child.pid ?? null)
  }

  get gone(): boolean {
    return this.#gone
  }

  /** From here on it is the app that holds it up. Like `loaded` it rejects with why the process ended before. */
  get loading(): Promise<void> {
    return this.#loading.promise
  }

  /** The app is loaded, or is none: either way the process came back from its code. */
  get loaded(): Promise<void> {
    return this.#loaded.promise
  }

  /** One after the other, in this order. Rejects with `NotBegun` where it was not this one that went wrong. */
  run(job: Job): Promise<Verdict> {
    const { input, rules } = job
    const run: Run = {
      id: ++this.#runs,
      job,
      verdict: deferred<Verdict>(),
      begun: false,
      failure: null
    }
    const frame = frameOf({ type: 'run', run: run.id, rules: rules.version, input })
    if (this.#gone) throw new NotBegun(this.#why ?? this.#failed('its process ended'))
    this.#line.push(run)
    if (this.#isReady && this.#line.length === 1) this.#awaitBeginning()
    void this.#write(frame)
    return run.verdict.promise
  }

  /** Resolves when it is gone. What it was doing fails with the reason. */
  async end(why: IntercomError): Promise<void> {
    this.#kill(why)
    await this.#ended.promise
  }

  /** Not an orderly end: contract code would not let it come to that. */
  #kill(why: IntercomError | null): void {
    if (this.#gone) return
    this.#why ??= why
    this.#child.kill('SIGKILL')
  }

  #startLimit(milliseconds: number, why = () => this.#failed('its process does not answer')): TimeLimit {
    const limit = new TimeLimit(milliseconds, () => this.#kill(why()))
    limit.start()
    return limit
  }

  #awaitBeginning(): void {
    this.#limit.stop()
    if (this.#line.length > 0) this.#limit = this.#startLimit(this.#options.timeLimitMs)
  }

  #handleEnd(how: string): void {
    if (this.#gone) return
    this.#gone = true
    const late = this.#line[0]?.begun === true && this.#limit.passed
    const why = this.#why ?? (late ? this.#tooSlow() : this.#failed(how))
    this.#limit.stop()
    for (const stage of [this.#loading, this.#loaded]) stage.reject(this.#why ?? new Error(how))
    for (const { begun, verdict } of this.#line.splice(0)) verdict.reject(begun ? why : new NotBegun(why))
    this.#options.log.debug('the process of the contract ended', { how, why: why.message })
    // They go both ways, so the end of one way is not the end of them.
    for (const pipe of [this.#input, this.#output]) pipe.destroy()
    this.#ended.resolve()
  }

  #listenToErrors(errors: Readable): void {
    let said = ''
    // Of no use but to a debug log; the end of the process is told by itself.
    errors.on('error', () => {})
    errors.on('data', (chunk: Uint8Array) => {
      const room = MAX_SAID - said.length
      if (room > 0) said += b4a.toString(chunk.subarray(0, room))
    })
    errors.on('end', () => {
      if (said !== '') this.#options.log.debug('the process of the contract said', { said })
    })
  }

  async #listen(output: Readable): Promise<void> {
    const reader = new FrameReader(MAX_BYTES.out)
    try {
      // One by one, and no further chunk meanwhile: a worker that asks for more than is answered has to wait.
      for await (const chunk of output) {
        for (const message of reader.read(chunk)) await this.#handle(fromWorkerOf(message))
      }
      // It is about to end, or a contract has closed the pipe.
      this.#kill(null)
    } catch (error) {
      this.#kill(this.#failed(`what its process says is unclear: ${printable(messageOf(error))}`))
    }
  }

  async #handle(message: FromWorker): Promise<void> {
    const [first] = this.#line
    if (message.type === 'loading') this.#loading.resolve()
    else if (message.type === 'ready') this.#handleReady()
    else if (message.type === 'broken') {
      this.#loaded.resolve()
      this.#kill(this.#failed(`the app is not loaded: ${quoted(message.message, 300)}`))
    } else if (first?.id === message.run) await this.#handleOfRun(first, message)
  }

  #handleReady(): void {
    if (this.#isReady) return
    this.#isReady = true
    this.#loaded.resolve()
    this.#awaitBeginning()
  }

  async #handleOfRun(run: Run, message: OfRun): Promise<void> {
    const { verdict, failure } = run
    if (message.type === 'get') return this.#answer(run, message.id, message.key)
    if (message.type === 'started') {
      run.begun = true
      this.#limit.stop()
      this.#limit = this.#startLimit(this.#options.timeLimitMs, () => this.#tooSlow())
      return
    }
    if (failure !== null) verdict.reject(failure.cause)
    else if (message.type === 'failed') verdict.reject(this.#failed(quoted(message.message, 300)))
    else if (message.differs !== null) verdict.reject(differing(message.differs))
    else verdict.resolve({ ...message.verdict, value: message.verdict.value })
    this.#line.shift()
    this.#awaitBeginning()
  }

  async #answer(run: Run, id: number, key: string): Promise<void> {
    const limit = this.#limit
    limit.pause()
    const frame = await answerOf(run, id, key)
    // Meanwhile it can be over.
    if (this.#line[0] !== run || this.#gone) return
    limit.resume()
    await this.#write(frame)
  }

  /** Resolves once there is room for more. */
  async #write(frame: Uint8Array): Promise<void> {
    const written = deferred<void>()
    if (this.#input.write(frame, () => written.resolve())) return
    await Promise.race([written.promise, this.#ended.promise])
  }

  #failed(why: string): IntercomError {
    const code = this.#line[0]?.begun === true ? 'contract_crashed' : 'contract_untried'
    return new IntercomError(code, `The contract cannot be tried: ${why}.`)
  }

  #tooSlow(): IntercomError {
    const { timeLimitMs } = this.#options
    return new IntercomError(
      'contract_too_slow',
      `The contract takes longer than ${timeLimitMs} ms for this.`
    )
  }
}

function differing(why: string): IntercomError {
  return new IntercomError(
    'contract_differs',
    `The contract would not come to the same result on every peer: ${quoted(why, 300).slice(1, -1)}.`
  )
}

async function answerOf(run: Run, id: number, key: string): Promise<Uint8Array> {
  try {
    const entry = await run.job.store.get(key)
    return frameOf({ type: 'entry', id, entry: entry === null ? null : { value: entry.value } })
  } catch (cause) {
    run.failure ??= { cause }
    return frameOf({ type: 'unread', id })
  }
}

function endText(code: number | null, signal: string | null): string {
  if (signal === null) return `its process ended with code ${code}`
  const hint = signal === 'SIGKILL' ? `; more than ${MEMORY_MIB} MiB of memory end it so` : ''
  return `its process ended (${signal})${hint}`
}

/** Nothing of ours is for a contract to see. */
function environment(): Record<string, string> {
  // Windows starts no process without it.
  const { SystemRoot } = process.env
  return SystemRoot === undefined ? {} : { SystemRoot }
}
