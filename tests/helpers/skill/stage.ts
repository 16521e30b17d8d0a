import type { Assertions } from 'brittle'
import fs from '#fs'
import path from '#path'
import process from '#process'
import { EVENTS, isRequestType, REQUESTS } from '../../../src/bridge/protocol.ts'
import { readRunFile } from '../../../src/run-file.ts'
import type { Json } from '../bridge-client.ts'
import { Peer, PROJECT } from '../peer.ts'
import { freePort } from '../ports.ts'
import { temporaryFolder } from '../tmp.ts'
import type { Section, Step, Talk } from './parse.ts'
import { runInfo, Talker, tokenOf } from './talker.ts'
import { Values } from './values.ts'

/** What the project consists of once it is installed, and its reader may use. */
const INSTALLED = ['package.json', 'index.js', 'contract', 'examples']
const BUILT = ['src', 'features', 'contract', 'examples']
/** Until something happened that is waited for. */
const PATIENCE = 60_000

/**
 * A folder of the project, on a network of its own. What SKILL.md says is typed there as it stands: a line of a shell
 * by a shell, a message over a WebSocket. Nodes end with their section, and each recipe begins without stores.
 */
export class SkillStage {
  readonly #t: Assertions
  readonly #project: string
  readonly #environment: Readonly<Record<string, string>>
  readonly #values = new Values()
  readonly #talkers = new Map<string, Talker>()
  /** By the name of their stores, in the order of their starts. */
  readonly #nodes = new Map<string, Peer>()
  #id = 0
  /** What came instead of what is waited for. */
  #last = ''

  static async open(t: Assertions): Promise<SkillStage> {
    const project = path.join(temporaryFolder(t), 'intercom')
    for (const folder of ['dist', 'scripts']) fs.mkdirSync(path.join(project, folder), { recursive: true })
    const copy = ['cp', '-R', ...INSTALLED.map((name) => path.join(PROJECT, name)), project]
    const copyBuilt = [
      'cp',
      '-R',
      ...BUILT.map((name) => path.join(PROJECT, 'dist', name)),
      `${project}/dist`
    ]
    for (const [command = '', ...args] of [copy, copyBuilt])
      await new Peer(t, { command: [command], args, cwd: project }).exited
    fs.copyFileSync(`${PROJECT}/scripts/launch.mjs`, `${project}/scripts/launch.mjs`)
    fs.symlinkSync(path.join(PROJECT, 'node_modules'), path.join(project, 'node_modules'))
    return new SkillStage(t, project, {
      ...{ INTERCOM_LOCAL: '1', INTERCOM_LOCAL_PORT: String(await freePort()) },
      ...{ SC_BRIDGE_PORT: '0', INTERCOM_METRICS_PORT: '0' }
    })
  }

  private constructor(t: Assertions, project: string, environment: Readonly<Record<string, string>>) {
    this.#t = t
    this.#project = project
    this.#environment = environment
    this.#values.set('project', project)
    t.teardown(() => this.#killAll(), { order: 5 })
  }

  async run({ title, steps }: Section): Promise<void> {
    for (const [index, step] of steps.entries()) {
      if (step.kind === 'hear' && steps[index - 1]?.kind === 'say' && !this.#isEvent(step)) continue
      try {
        this.#last = ''
        await within(this.#step(step, steps[index + 1]), () => this.#last)
        this.#t.pass(`${title}: ${step.text.slice(0, 100)}`)
      } catch (error) {
        this.#t.fail(
          `SKILL.md:${step.line} ${step.text.slice(0, 300)}\n${error instanceof Error ? error.message : error}`
        )
        break
      }
    }
    await this.#clear(!title.startsWith('Recipes /'))
  }

  #step(step: Step, next: Step | undefined): Promise<void> {
    switch (step.kind) {
      case 'shell':
        return this.#shell(this.#values.fill(step.text))
      case 'terminal':
        return this.#type(this.#values.fill(step.text))
      case 'say':
        return this.#ask(step, next?.kind === 'hear' && !this.#isEvent(next) ? next : null)
      case 'hear':
        return this.#hear(step)
    }
  }

  async #shell(line: string): Promise<void> {
    if (/^npm install\b/.test(line)) return this.#install()
    const store = startedStore(line)
    if (store === null) {
      const command = this.#peer(line)
      const { code } = await command.exited
      if (code !== 0) throw new Error(`ended with ${code}:\n${command.output}\n${command.errors}`)
      this.#assertPrivate(line)
      const [, name, key = ''] =
        /^Peer (\w+): [\s\S]*^Peer pubkey \(hex\): (\w+)$/m.exec(command.output) ?? []
      if (name !== undefined) this.#values.set(name, key)
      return
    }
    // One process per store: what the reader starts again was ended first.
    await this.#stop(store)
    const node = this.#peer(line)
    this.#nodes.set(store, node)
    const key = /Peer pubkey \(hex\): ([0-9a-f]{64})\n/
    // What it prints may go into a file, and its last line comes before it is ready: `readyAt` is all that tells.
    await until(() => readRunFile(this.#store(store)).info?.readyAt, node)
    if (runInfo(this.#store(store)).bridge === null)
      return this.#values.set(store, (await node.saw(key))[1] ?? '')
    // Connected from its start on, as an agent is: what comes meanwhile is not lost.
    const talker = await Talker.authenticated(this.#t, this.#store(store))
    this.#talkers.set(store, talker)
    this.#values.set(store, talker.peer)
    this.#values.set('token', tokenOf(this.#store(store)))
  }

  /** What the reader writes as JSON holds tokens. */
  #assertPrivate(line: string): void {
    const [, file] = /> (\S+\.json)/.exec(line) ?? []
    if (file === undefined) return
    const { mode } = fs.statSync(path.join(this.#project, file))
    this.#t.is(mode & 0o777, 0o600, `${file} is of the reader alone`)
  }

  /** Nothing is downloaded by a test: it is enough that nothing is missing, and that the build is part of it. */
  async #install(): Promise<void> {
    const args = ['install', '--dry-run', '--offline', '--ignore-scripts', '--no-audit', '--no-fund']
    const npm = new Peer(this.#t, { command: ['npm'], args, cwd: PROJECT })
    this.#t.is((await npm.exited).code, 0, npm.errors)
    const { scripts } = JSON.parse(fs.readFileSync(path.join(PROJECT, 'package.json'), 'utf-8'))
    this.#t.is(scripts.prepare, 'tsc -p tsconfig.build.json', 'and it builds')
  }

  async #type(line: string): Promise<void> {
    const node = [...this.#nodes.values()].at(-1)
    if (!node) throw new Error('no terminal')
    const [answer] = await node.answer(line, /^.+\n/m)
    if (/^(?:Command failed|Unknown)/.test(answer)) throw new Error(answer)
  }

  async #ask(step: Talk, expected: Talk | null): Promise<void> {
    const request = JSON.parse(this.#values.fill(step.text))
    // Before the token nothing is numbered.
    const id = request.type === 'auth' ? undefined : ++this.#id
    const talker = await this.#talker(step.peer)
    talker.say(id === undefined ? request : { ...request, id })
    const reply = await talker.take((message) =>
      id === undefined ? message.type === 'auth_ok' : message.id === id
    )
    const difference = expected === null ? this.#wrongType(request, reply) : this.#differs(expected, reply)
    if (difference === null) return
    this.#last = `${difference}\n${JSON.stringify(reply)}`
    if (!step.again) throw new Error(this.#last)
    // The document says "until", so its reader asks again; listening for an event would be another recipe.
    await new Promise((resolve) => setTimeout(resolve, 100))
    return this.#ask(step, expected)
  }

  async #hear(step: Talk): Promise<void> {
    const talker = await this.#talker(step.peer, JSON.parse(step.text).type === 'hello')
    await talker.take((message) => {
      if (message.type !== JSON.parse(step.text).type) return false
      const difference = this.#differs(step, message)
      this.#last = `${difference}\n${JSON.stringify(message)}`
      return difference === null
    })
  }

  #wrongType(request: Json, reply: Json): string | null {
    const { type } = request
    if (!isRequestType(type)) return `"${type}" is no request`
    return reply.type === REQUESTS[type].reply ? null : `expected ${REQUESTS[type].reply}`
  }

  #differs(expected: Talk, message: Json): string | null {
    const shown = JSON.parse(expected.text)
    const { id: _, ...rest } = message
    const { id: __, ...wanted } = shown
    const isReply = !this.#isEvent(expected)
    return this.#values.differs(isReply ? wanted : shown, isReply ? rest : message, expected.open)
  }

  #isEvent({ text }: Talk): boolean {
    return Object.hasOwn(EVENTS, JSON.parse(text).type)
  }

  /** Without a name, that of the node that was started last. */
  async #talker(peer: string | null, fresh = false): Promise<Talker> {
    const name = peer ?? [...this.#nodes.keys()].at(-1) ?? ''
    const known = this.#talkers.get(name)
    if (known !== undefined && !fresh) return known
    const store = this.#store(name)
    const talker = fresh ? await Talker.connect(this.#t, store) : await Talker.authenticated(this.#t, store)
    this.#talkers.set(name, talker)
    return talker
  }

  #peer(line: string): Peer {
    const env = { ...this.#environment }
    return new Peer(this.#t, { command: ['sh', '-c'], args: [line], cwd: this.#project, env })
  }

  #store(name: string): string {
    return path.join(this.#project, 'stores', name)
  }

  async #stop(name: string): Promise<void> {
    this.#talkers.get(name)?.destroy()
    this.#talkers.delete(name)
    const node = this.#nodes.get(name)
    if (node === undefined) return
    this.#nodes.delete(name)
    const { info } = readRunFile(this.#store(name))
    if (info !== null) signal(info.pid, 'SIGTERM')
    await node.exited
    // Where it runs in the background, that was only the shell, and nobody is told of the end of another's process.
    await until(() => info === null || !signal(info.pid, 0), null)
  }

  async #clear(keep: boolean): Promise<void> {
    for (const name of [...this.#nodes.keys()].reverse()) await this.#stop(name)
    if (!keep) this.#values.clear()
    if (!keep) fs.rmSync(path.join(this.#project, 'stores'), { recursive: true, force: true })
  }

  async #killAll(): Promise<void> {
    for (const [name, node] of this.#nodes) {
      const { info } = readRunFile(this.#store(name))
      if (info !== null) signal(info.pid, 'SIGKILL')
      await node.exited
    }
  }
}

/** `false`: it is gone. */
function signal(pid: number, name: NodeJS.Signals | 0): boolean {
  try {
    process.kill(pid, name)
    return true
  } catch {
    return false
  }
}

/** Of a line that starts a node; null: it does something else, to its end. */
function startedStore(line: string): string | null {
  const script = /scripts\/start-(\w+)\.sh/.exec(line)
  if (script !== null) return script[1] ?? null
  const words = /(?:npm start(?: -s)? --|launch\.mjs) +start(?: +(\w+))?/.exec(line)
  return words === null ? null : (words[1] ?? 'peer')
}

/** Asked again and again, as a reader would, where nothing tells: each place says why. */
async function until(holds: () => unknown, node: Peer | null): Promise<void> {
  const gone = node?.exited.then(({ code }) => code)
  for (;;) {
    if (holds()) return
    const code = await Promise.race([gone, new Promise<void>((resolve) => setTimeout(resolve, 50))])
    if (typeof code === 'number' && code !== 0)
      throw new Error(`ended with ${code}:\n${node?.output}\n${node?.errors}`)
  }
}

async function within<T>(work: Promise<T>, detail: () => string): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const slow = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not done after ${PATIENCE / 1000} s: ${detail()}`)), PATIENCE)
  })
  try {
    return await Promise.race([work, slow])
  } finally {
    clearTimeout(timer)
  }
}
