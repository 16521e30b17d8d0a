import b4a from 'b4a'
import { Feed } from '../../../features/sc-bridge/feed.ts'
import { History } from '../../../features/sc-bridge/history.ts'
import { resumption } from '../../../features/sc-bridge/resume.ts'
import type { Clock } from '../../../src/client/clock.ts'
import type { WebSocketLike } from '../../../src/client/socket.ts'
import { textFrame } from '../../../src/websocket/frames.ts'

type Listener = (event: unknown) => void
type Json = Record<string, unknown>

/** The name of a channel that is refused. */
export const BAD = 'bad'

/** The history, the queue and the replay of a real bridge, without the network: each frame moves when told to. */
export class ModelNode {
  readonly #held: number
  #starts = 0
  history: History
  connection: ModelConnection | null = null
  /** Whether it takes connections. */
  up = true
  /** With which code it refuses a filter. */
  refusal: string | null = null

  constructor(held: number) {
    this.#held = held
    this.history = new History(held)
  }

  get epoch(): string {
    return `start ${this.#starts}`
  }

  /** A message of another peer. */
  receive(channel: string): void {
    const kept = this.history.add(channel, (seq) =>
      textFrame(JSON.stringify({ type: 'sidechannel_message', channel, seq, message: `${channel} ${seq}` }))
    )
    this.connection?.offer({ channel, ...kept })
  }

  restart(): void {
    this.connection?.cut()
    this.#starts++
    this.history = new History(this.#held)
  }

  /** What the client makes its connections with. */
  socketClass(): new (url: string) => WebSocketLike {
    const node = this
    return class extends ModelConnection {
      constructor() {
        super(node)
        if (node.up) node.connection = this
        else this.cut()
      }
    }
  }
}

/** One connection as both sides see it. */
export class ModelConnection implements WebSocketLike {
  readonly #node: ModelNode
  readonly #feed: Feed
  readonly #followed = new Set<string>()
  readonly #listeners = new Map<string, Listener[]>()
  readonly #sent: string[] = []
  #authenticated = false
  #open = true

  constructor(node: ModelNode) {
    this.#node = node
    this.#feed = new Feed({
      history: node.history,
      wants: (channel) => this.#follows(channel),
      lagged: (dropped, channels) => textFrame(JSON.stringify({ type: 'lagged', dropped, channels }))
    })
    this.#reply({ type: 'hello', peer: 'peer', address: 'address', entryChannel: 'entry', filter: '' })
  }

  addEventListener(type: string, listener: Listener): void {
    this.#listeners.set(type, [...(this.#listeners.get(type) ?? []), listener])
  }

  send(data: string): void {
    if (this.#open) this.#sent.push(data)
  }

  close(): void {
    this.cut()
  }

  cut(): void {
    if (!this.#open) return
    this.#open = false
    if (this.#node.connection === this) this.#node.connection = null
    // As in every runtime: not before whoever made the socket can listen.
    queueMicrotask(() => this.#emit('close', { code: 1006, reason: '' }))
  }

  offer(event: { channel: string; seq: number; frame: Uint8Array }): void {
    if (this.#authenticated && this.#follows(event.channel)) this.#feed.event(event)
  }

  /** The node handles the next frame of the client, if there is one. */
  moveUp(): boolean {
    const text = this.#sent.shift()
    if (text === undefined || !this.#open) return false
    const { id, type, ...fields } = JSON.parse(text)
    if (type === 'auth') {
      this.#authenticated = true
      this.#reply({ type: 'auth_ok' })
    } else if (type === 'ping') this.#reply({ type: 'pong', id })
    else if (type === 'set_filter') this.#reply(this.#filterReply(id))
    else if ([fields.channels ?? []].flat().includes(BAD))
      this.#reply({ type: 'error', id, error: 'Invalid channel.', code: 'bad_request' })
    else if (type === 'subscribe') this.#reply({ type: 'subscribed', id, ...this.#subscribe(fields) })
    else this.#reply({ type: 'subscribed', id, ...this.#unsubscribe(fields) })
    return true
  }

  /** The client gets the next frame of the node, if there is one. */
  moveDown(): boolean {
    const frame = this.#open ? this.#feed.next({ bytes: Infinity }) : null
    if (frame === null) return false
    const length = (frame[1] ?? 0) & 0x7f
    const header = length === 126 ? 4 : length === 127 ? 10 : 2
    this.#emit('message', { data: b4a.toString(frame.subarray(header)) })
    return true
  }

  #emit(type: string, event: unknown): void {
    for (const listener of this.#listeners.get(type) ?? []) listener(event)
  }

  #reply(reply: Json): void {
    this.#feed.reply(textFrame(JSON.stringify(reply)))
  }

  #filterReply(id: unknown): Json {
    const { refusal } = this.#node
    if (refusal === null) return { type: 'filter_set', id, filter: '' }
    return { type: 'error', id, error: 'No filter.', code: refusal, next: 'Mend it.' }
  }

  #follows(channel: string): boolean {
    return this.#followed.size === 0 || this.#followed.has(channel)
  }

  /** As `BridgeClient` in features/sc-bridge/client.ts does it. */
  #subscribe(fields: { channels?: string[]; since?: Record<string, number>; epoch?: string }): Json {
    const { history, epoch } = this.#node
    const names = fields.channels ?? []
    const plan = resumption(fields, names, {
      history,
      epoch,
      followed: () => history.channels().filter((name) => this.#follows(name) || names.includes(name))
    })
    for (const name of names) this.#followed.add(name)
    for (const [channel, { from }] of Object.entries(plan.replay ?? {})) this.#feed.resume(channel, from)
    return { ...this.#subscribed(), ...plan }
  }

  #unsubscribe({ channels = [] }: { channels?: string[] }): Json {
    if (channels.length === 0) this.#followed.clear()
    for (const name of channels) {
      this.#followed.delete(name)
      this.#feed.stop(name)
    }
    return this.#subscribed()
  }

  #subscribed(): Json {
    const { history, epoch } = this.#node
    const names = history.channels().filter((name) => this.#follows(name))
    const positions = Object.fromEntries(names.map((name) => [name, history.last(name)]))
    return { channels: [...this.#followed], epoch, positions }
  }
}

/** Time passes when told to. */
export class ModelClock implements Clock {
  readonly #timers = new Map<number, { readonly run: () => void; readonly ms: number }>()
  #last = 0

  setTimeout(run: () => void, ms: number): unknown {
    this.#timers.set(++this.#last, { run, ms })
    return this.#last
  }

  clearTimeout(timer: unknown): void {
    this.#timers.delete(timer as number)
  }

  get waiting(): number {
    return this.#timers.size
  }

  /** Fires the timers that wait for no longer than this. */
  pass(ms: number): void {
    for (const [id, timer] of [...this.#timers]) {
      if (timer.ms > ms || !this.#timers.delete(id)) continue
      timer.run()
    }
  }
}

/** Until whatever promises there are have run. */
export async function calm(): Promise<void> {
  for (let i = 0; i < 30; i++) await null
}
