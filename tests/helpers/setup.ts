import type { Assertions } from 'brittle'
import fs from '#fs'
import path from '#path'
import process from '#process'
import { inviteFacts, welcomeFacts } from '../../features/sidechannel/handed.ts'
import { type ErrorCode, IntercomError } from '../../src/base/errors.ts'
import type { Hex32 } from '../../src/base/hex.ts'
import { readRunFile } from '../../src/run-file.ts'
import { init } from '../../src/setup/init.ts'
import { Peer, PROJECT } from './peer.ts'
import { temporaryFolder } from './tmp.ts'

export interface Said {
  /** What was printed. */
  readonly text: string
  /** The config file then; null: none. */
  readonly config: Readonly<Record<string, unknown>> | null
}

/** What a peer gets that has no key yet. */
const NEW_KEY = '07'.repeat(32) as Hex32

/** What an init is refused with. */
export async function fails(
  t: Assertions,
  code: ErrorCode,
  texts: readonly RegExp[],
  run: Promise<unknown>
): Promise<void> {
  try {
    await run
    t.fail('it was taken')
  } catch (error) {
    if (!(error instanceof IntercomError)) throw error
    t.is(error.code, code, error.message)
    for (const text of texts)
      t.ok(text.test(`${error.message} ${error.next}`), `${error.message} has ${text}`)
  }
}

/** A folder of stores in which peers are set up. */
export class SetupStage {
  readonly folder: string
  /** Of the peers that are set up; null: they have none yet. */
  ownKey: Hex32 | null = null
  /** The file of the password with which it was looked for the latest key. */
  passwordFile: string | null = null
  readonly environment: Record<string, string> = {}
  /** Where scripts go. */
  readonly project: string

  constructor(t: Assertions) {
    this.folder = temporaryFolder(t)
    this.project = temporaryFolder(t)
  }

  /** `init` with these words, and these lines on its standard input. */
  async init(words: readonly string[], input: readonly string[] = []): Promise<Said> {
    const waiting = [...input]
    let text = ''
    await init(
      ['init', ...words, '--peer-stores-directory', this.folder],
      {
        lines: { next: async () => waiting.shift() ?? null, rest: async () => waiting.splice(0).join('\n') },
        write: (part) => {
          text += part
        },
        piped: true,
        environment: this.environment,
        project: this.project,
        now: Date.now,
        // One for all: making each takes half a second.
        identity: {
          find: async (_, passwordFile) => {
            this.passwordFile = passwordFile
            return this.ownKey
          },
          make: async () => NEW_KEY
        }
      },
      { invite: inviteFacts, welcome: welcomeFacts }
    )
    return { text, config: this.config(words[0] ?? 'peer') }
  }

  config(peer: string): Readonly<Record<string, unknown>> | null {
    const file = this.file(peer)
    return fs.existsSync(file) ? JSON.parse(fs.readFileSync(file, 'utf-8')) : null
  }

  write(peer: string, content: object): void {
    fs.mkdirSync(path.join(this.folder, peer), { recursive: true })
    fs.writeFileSync(this.file(peer), JSON.stringify(content))
  }

  file(peer: string): string {
    return path.join(this.folder, peer, 'config.json')
  }
}

/** A peer as a start script starts it, from a folder that is nobody's. */
export function startScript(
  t: Assertions,
  script: string,
  store: string,
  args: readonly string[] = []
): Peer {
  const peer = new Peer(t, { command: ['sh', script], args, cwd: '/', input: false })
  // Where the launcher cannot become the node, ending it by force leaves the node behind.
  t.teardown(
    () => {
      const { state, info } = readRunFile(store)
      if (info !== null && state !== 'dead') process.kill(info.pid, 'SIGKILL')
    },
    { order: 5 }
  )
  return peer
}

/** What `init` and the banner have in common. */
export const KEY = /^Peer pubkey \(hex\): ([0-9a-f]{64})$/m
export const ADDRESS = /^Peer trac address \(bech32m\): (trac1\S+)$/m

export function keyOf(text: string): string {
  const [, key] = KEY.exec(text) ?? []
  if (key === undefined) throw new Error(`no key in: ${text}`)
  return key
}

let count = 0

/** A peer that is set up and started as its user does it, with a name that no other has. */
export class SetUp {
  readonly name = `test-${process.pid}-${++count}`
  readonly cwd: string
  readonly #t: Assertions

  constructor(t: Assertions) {
    this.#t = t
    this.cwd = temporaryFolder(t)
    t.teardown(() => this.#removeScripts(), { order: 90 })
  }

  get config(): Record<string, Record<string, unknown>> {
    return JSON.parse(fs.readFileSync(this.file('config.json'), 'utf-8'))
  }

  file(name: string): string {
    return path.join(this.cwd, 'stores', this.name, name)
  }

  async init(words: readonly string[]): Promise<string> {
    const peer = this.run(['init', this.name, '--yes', ...words])
    this.#t.alike(await peer.exited, { code: 0, signal: null }, peer.errors)
    return peer.output
  }

  start(): Peer {
    return this.run(['start', this.name])
  }

  /** By the script that `init` made. */
  startByScript(): Peer {
    return startScript(this.#t, path.join(PROJECT, 'scripts', `start-${this.name}.sh`), this.file(''))
  }

  run(args: readonly string[]): Peer {
    return new Peer(this.#t, { cwd: this.cwd, args })
  }

  /** They lie in the project, which is not the test's. */
  #removeScripts(): void {
    const folder = path.join(PROJECT, 'scripts')
    for (const file of fs.readdirSync(folder))
      if (file.startsWith(`start-${this.name}.`)) fs.rmSync(path.join(folder, file), { recursive: true })
  }
}
