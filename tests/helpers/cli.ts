import type { Readable } from 'node:stream'
import b4a from 'b4a'
import type { Assertions } from 'brittle'
import { Peer } from './peer.ts'
import { type Member, Stage } from './recipe.ts'

export interface CliOptions {
  readonly env?: Readonly<Record<string, string>>
  /** What comes on standard input, to its end. */
  readonly input?: string | Uint8Array
}

export interface CliResult {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

/** One command of the shell while it runs. */
export class CliProcess {
  readonly peer: Peer
  readonly result: Promise<CliResult>

  constructor(t: Assertions, cwd: string, args: readonly string[], { env = {}, input }: CliOptions = {}) {
    this.peer = new Peer(t, { cwd, args, env, input: input !== undefined })
    const { stdin, stdout, stderr } = this.peer.child
    if (input !== undefined) stdin?.end(typeof input === 'string' ? b4a.from(input) : input)
    // What was printed may arrive after the news of the end.
    const ended = Promise.all([endOf(stdout), endOf(stderr), this.peer.exited])
    this.result = ended.then(([, , { code }]) => ({ code, out: this.peer.output, err: this.peer.errors }))
  }
}

function endOf(stream: Readable | null): Promise<void> {
  return new Promise((resolve) => stream?.on('end', () => resolve()))
}

/** Nodes with their bridges on, and the shell beside them. */
export class CliStage {
  readonly #t: Assertions
  readonly stage: Stage

  static async open(t: Assertions): Promise<CliStage> {
    return new CliStage(t, await Stage.open(t))
  }

  private constructor(t: Assertions, stage: Stage) {
    this.#t = t
    this.stage = stage
  }

  start(name: string, flags: readonly string[] = []): Promise<Member> {
    return this.stage.start(name, ['--sc-bridge', '1', '--sc-bridge-port', '0', ...flags])
  }

  begin(words: readonly string[], options: CliOptions = {}): CliProcess {
    return new CliProcess(this.#t, this.stage.cwd, words, options)
  }

  /** Runs to its end, asked of the node of that store. */
  run(store: string, words: readonly string[], options: CliOptions = {}): Promise<CliResult> {
    return this.begin(['--peer-store-name', store, ...words], options).result
  }

  /** The same where nothing may go wrong: what it printed. */
  async done(store: string, words: readonly string[], options: CliOptions = {}): Promise<string> {
    const { code, out, err } = await this.run(store, words, options)
    if (code !== 0) throw new Error(`${words.join(' ').slice(0, 200)}: code ${code}\n${out}${err}`)
    return out
  }

  /** The one object that it prints. */
  async json(
    store: string,
    words: readonly string[],
    options: CliOptions = {}
  ): Promise<Record<string, unknown>> {
    const out = await this.done(store, [...words, '--json'], options)
    this.#t.is(out.trim().split('\n').length, 1, `one line: ${words.join(' ').slice(0, 80)}`)
    return JSON.parse(out)
  }
}
