import type { ChildProcess } from 'node:child_process'
import b4a from 'b4a'
import type { Assertions } from 'brittle'
import path from '#path'
import process from '#process'
import { spawn } from '#subprocess'

/** The project's folder: this file is compiled to dist/tests/helpers. */
export const PROJECT = path.resolve(
  path.dirname(decodeURIComponent(new URL(import.meta.url).pathname)),
  '..',
  '..',
  '..'
)

export interface PeerOptions {
  /** Another program than the peer's, below dist/. */
  readonly program?: string
  /** What to run in place of it: the first word is a program of the system. */
  readonly command?: readonly [string, ...string[]]
  readonly args: readonly string[]
  readonly cwd: string
  readonly env?: Readonly<Record<string, string>>
  /** `false`: standard input is /dev/null. */
  readonly input?: boolean
}

/** A whole peer, as its user has it: a process of its own on the runtime that runs the test. */
export class Peer {
  readonly child: ChildProcess
  readonly exited: Promise<{ code: number | null; signal: string | null }>
  output = ''
  errors = ''
  readonly #waiting = new Set<() => void>()
  #gone = false

  constructor(t: Assertions, options: PeerOptions) {
    const { program = path.join('..', 'index.js') } = options
    const own = [process.execPath, path.join(PROJECT, 'dist', program)] as const
    const [file, ...before] = options.command ?? own
    this.child = spawn(file, [...before, ...options.args], {
      cwd: options.cwd,
      env: { ...cleanEnvironment(), ...options.env },
      stdio: [options.input === false ? 'ignore' : 'pipe', 'pipe', 'pipe']
    })
    this.child.stdout?.on('data', (chunk: Uint8Array) => {
      this.output += b4a.toString(chunk)
      this.#changed()
    })
    this.child.stderr?.on('data', (chunk: Uint8Array) => {
      this.errors += b4a.toString(chunk)
      this.#changed()
    })
    // What is written to a peer that has just ended goes nowhere.
    this.child.stdin?.on('error', () => {})
    this.exited = new Promise((resolve) => {
      this.child.on('exit', (code, signal) => {
        this.#gone = true
        resolve({ code, signal: signal || null })
      })
    })
    t.teardown(() => this.kill(), { order: 10 })
  }

  get pid(): number {
    return this.child.pid ?? 0
  }

  /** Resolves once the text stands in what the peer printed on either output. */
  saw(text: string | RegExp): Promise<RegExpMatchArray> {
    return this.#until(text, () => this.output + this.errors)
  }

  /** Types a line; resolves once the text stands in what is printed on standard output from then on. */
  answer(line: string, text: string | RegExp): Promise<RegExpMatchArray> {
    const from = this.output.length
    this.type(line)
    return this.#until(text, () => this.output.slice(from))
  }

  async #until(text: string | RegExp, printed: () => string): Promise<RegExpMatchArray> {
    const look = () => printed().match(text)
    for (;;) {
      const found = look()
      if (found !== null) return found
      let wake: () => void = () => {}
      const changed = new Promise<'changed'>((resolve) => {
        wake = () => resolve('changed')
      })
      this.#waiting.add(wake)
      const what = await Promise.race([changed, this.exited])
      this.#waiting.delete(wake)
      if (what !== 'changed' && look() === null) {
        throw new Error(`the peer ended before it printed ${text}:\n${this.output}\n${this.errors}`)
      }
    }
  }

  /** Forgets what was printed so far. */
  forget(): void {
    this.output = ''
    this.errors = ''
  }

  type(line: string): void {
    this.child.stdin?.write(b4a.from(`${line}\n`))
  }

  end(): void {
    this.child.stdin?.end()
  }

  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<{ code: number | null; signal: string | null }> {
    this.#signal(signal)
    return this.exited
  }

  async kill(): Promise<void> {
    this.#signal('SIGKILL')
    await this.exited
  }

  /** Not by way of the child's handle: on Bare it sends only the first signal. */
  #signal(signal: NodeJS.Signals): void {
    if (!this.#gone) process.kill(this.pid, signal)
  }

  #changed(): void {
    for (const wake of this.#waiting) wake()
  }
}

/** Configuration of whoever runs the tests must not reach the peers. */
function cleanEnvironment(): Record<string, string> {
  const { PATH, HOME, TMPDIR, LANG } = process.env
  return Object.fromEntries(
    Object.entries({ PATH, HOME, TMPDIR, LANG }).filter(([, value]) => value)
  ) as Record<string, string>
}
