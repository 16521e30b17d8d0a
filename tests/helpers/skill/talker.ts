import fs from '#fs'
import { type RunInfo, readRunFile } from '../../../src/run-file.ts'
import type { Json } from '../bridge-client.ts'
import { RawWebSocket } from '../raw-websocket.ts'
import type { Scope } from '../tmp.ts'

/** A plain WebSocket to the bridge of a running peer; what nobody has taken yet is kept. */
export class Talker {
  readonly #socket: RawWebSocket
  readonly #waiting: Json[] = []
  #peer = ''

  /** Connected, and nothing said yet. */
  static async connect(t: Scope, store: string): Promise<Talker> {
    const port = runInfo(store).bridge?.port
    if (port === undefined) throw new Error(`the node of ${store} has no bridge`)
    return new Talker(await RawWebSocket.connect(t, port))
  }

  static async authenticated(t: Scope, store: string): Promise<Talker> {
    const talker = await Talker.connect(t, store)
    talker.#peer = String((await talker.take(({ type }) => type === 'hello')).peer)
    talker.say({ type: 'auth', token: tokenOf(store) })
    await talker.take(({ type }) => type === 'auth_ok')
    return talker
  }

  private constructor(socket: RawWebSocket) {
    this.#socket = socket
  }

  /** Its public key, as it says at the beginning. */
  get peer(): string {
    return this.#peer
  }

  say(message: object): void {
    this.#socket.sendJson(message)
  }

  /** The first message like that, whatever came before it. */
  async take(fits: (message: Json) => boolean): Promise<Json> {
    for (let at = 0; ; at++) {
      if (at === this.#waiting.length) this.#waiting.push(await this.#next())
      const message = this.#waiting[at]
      if (message !== undefined && fits(message)) {
        this.#waiting.splice(at, 1)
        return message
      }
    }
  }

  destroy(): void {
    this.#socket.destroy()
  }

  async #next(): Promise<Json> {
    for (;;) {
      const event = await this.#socket.next()
      if (event.kind === 'text') return JSON.parse(event.text)
      if (event.kind !== 'ping') throw new Error(`the bridge closed: ${JSON.stringify(event)}`)
      this.#socket.sendFrame({ opcode: 10, payload: event.payload })
    }
  }
}

export function runInfo(store: string): RunInfo {
  const { info } = readRunFile(store)
  if (info === null) throw new Error(`no node has ${store}`)
  return info
}

export function tokenOf(store: string): string {
  return fs.readFileSync(runInfo(store).tokenFile ?? '', 'utf-8').trim()
}
