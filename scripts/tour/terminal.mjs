// Peers as their users have them: each a process, with what is typed into it and what it prints.
import { spawn } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const launcher = join(dirname(dirname(fileURLToPath(import.meta.url))), 'launch.mjs')
const PATIENCE = 60_000

/** A folder for their stores, and a DHT port of their own. */
export class Stage {
  /** What happened, in order: `{ peer, text }`, as it is shown. */
  shown = []
  folder = mkdtempSync(join(tmpdir(), 'intercom-tour-'))
  #names = new Map()
  #terminals = []
  #closing = false

  static async open() {
    return new Stage(await freePort())
  }

  constructor(localPort) {
    this.localPort = localPort
  }

  async start(name, flags) {
    const terminal = new Terminal(this, name, flags)
    this.#terminals.push(terminal)
    await terminal.saw(/^Sidechannel: ready$/m)
    return terminal
  }

  show(peer, line) {
    if (this.#closing) return
    this.shown.push({ peer, text: this.#shorten(line) })
  }

  async close() {
    this.#closing = true
    await Promise.all(this.#terminals.map((terminal) => terminal.end()))
    rmSync(this.folder, { recursive: true, force: true })
  }

  /** Long values are cut short, and what is another one at each recording is the same in all of them. */
  #shorten(line) {
    return line
      .replace(/^\{"payload":.*/, '{"payload":…')
      .replace(/[0-9a-f]{64}/g, (hex) => `${this.#stableName(hex)}…`)
      .replace(/trac1[0-9a-z]+/g, 'trac1…')
      .replace(/subnet-[0-9a-f]{25}/g, 'subnet-a14f…')
      .replace(/eyJ[\w+/=]+/g, 'eyJwYXls…')
      .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, '2026-11-28T14:34:38Z')
      .replace(/ --local-port \d+/g, '')
      .replace(/ +$/, '')
  }

  #stableName(hex) {
    const some = ['ed899e', 'd2e65a', 'b1579c', 'e2cb88', 'e67bc2', 'd76f48']
    if (!this.#names.has(hex)) this.#names.set(hex, some[this.#names.size] ?? '1c0ffe')
    return this.#names.get(hex)
  }
}

/** A peer, and what its terminal shows. */
class Terminal {
  #stage
  #name
  #child
  #closed
  #output = ''
  #hidden = false
  #waiting = new Set()

  constructor(stage, name, flags) {
    this.#stage = stage
    this.#name = name
    stage.show(name, `$ npm start -- start ${name} --local ${flags.join(' ')}`)
    const words = ['start', name, '--local', '--local-port', String(stage.localPort), ...flags]
    this.#child = spawn(process.execPath, [launcher, ...words], {
      cwd: stage.folder,
      env: { PATH: process.env.PATH, HOME: stage.folder },
      stdio: ['pipe', 'pipe', 'ignore']
    })
    this.#closed = once(this.#child, 'close')
    let rest = ''
    this.#child.stdout.setEncoding('utf8').on('data', (chunk) => {
      const lines = (rest + chunk).split('\n')
      rest = lines.pop()
      for (const line of lines) this.#take(line)
    })
    this.#child.on('close', () => this.#look())
  }

  /** What the first group found, or all of it, in anything printed so far or from now on. */
  saw(pattern, from = 0) {
    return new Promise((resolve, reject) => {
      const late = setTimeout(
        () => reject(new Error(`${this.#name} never said ${pattern}:\n${this.#output}`)),
        PATIENCE
      )
      const look = () => {
        const found = this.#output.slice(from).match(pattern)
        if (found === null && this.#child.exitCode === null) return
        clearTimeout(late)
        this.#waiting.delete(look)
        if (found === null)
          reject(new Error(`${this.#name} ended before it said ${pattern}:\n${this.#output}`))
        else resolve(found[1] ?? found[0])
      }
      this.#waiting.add(look)
      look()
    })
  }

  async type(line, answer) {
    if (!this.#hidden) this.#stage.show(this.#name, `> ${line}`)
    const from = this.#output.length
    this.#child.stdin.write(`${line}\n`)
    return this.saw(answer, from)
  }

  /** Until somebody takes part in the channel; what is asked for that is not shown. */
  meets(channel) {
    return this.#until('/sc_stats', new RegExp(`^"${channel}": (\\d+) neighbour.*\\n.*$`, 'm'), /^1$/)
  }

  confirms(key) {
    return this.#until(`/get --key ${key}`, /^.*$\n/m, /there is/)
  }

  async #until(line, answer, wanted) {
    this.#hidden = true
    while (!wanted.test(await this.type(line, answer)))
      await new Promise((resolve) => setTimeout(resolve, 100))
    // The answer to this one stands behind all that was asked for before.
    await this.type('/sc_pending', /^No requests.*$/m)
    this.#hidden = false
  }

  async end() {
    this.#child.stdin.end('/exit\n')
    await this.#closed
  }

  #take(line) {
    this.#output += `${line}\n`
    if (!this.#hidden) this.#stage.show(this.#name, line)
    this.#look()
  }

  #look() {
    for (const look of [...this.#waiting]) look()
  }
}

async function freePort() {
  const socket = createSocket('udp4').bind(0, '127.0.0.1')
  await once(socket, 'listening')
  const { port } = socket.address()
  socket.close()
  return port
}
