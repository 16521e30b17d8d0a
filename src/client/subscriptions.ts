import type { Reply, RequestFields, SidechannelMessage } from '../bridge/types.ts'
import { BridgeError } from './errors.ts'
import type { MessageStream } from './stream.ts'

type Subscribed = Reply<'subscribe'>

export interface SubscribeAsker {
  resolve(reply: Subscribed): void
  reject(error: BridgeError): void
}

export interface Wire {
  readonly connected: boolean
  readonly entryChannel: string
  /** On the connection there is now; `closed` when it goes. */
  request(type: 'subscribe' | 'unsubscribe', fields: RequestFields<'subscribe'>, asker: SubscribeAsker): void
  /** This connection is of no use any more. */
  drop(error: BridgeError): void
}

/** How many channels one request can name. */
const MOST_NAMES = 1024
const NONE: ReadonlySet<string> = new Set()

/**
 * All iterators share one connection, which follows the channels that any of them wants. Each knows where
 * it is; what one of them misses is asked for again, and the others know it already.
 */
export class Subscriptions {
  readonly #wire: Wire
  readonly #streams = new Set<MessageStream>()
  /** What the node was told to send; `null`: every channel, which is what a new connection gets. */
  #followed: ReadonlySet<string> | null = null
  #epoch: string | null = null
  /** Their first request is under way; and the channels of which a replay was ended since it was sent. */
  readonly #starting = new Map<MessageStream, Set<string>>()
  /** What is being asked for again. */
  #replaying: { readonly channels: ReadonlySet<string> | null } | null = null

  constructor(wire: Wire) {
    this.#wire = wire
  }

  /** Of the start of the node to which the numbers belong. */
  get epoch(): string | null {
    return this.#epoch
  }

  add(stream: MessageStream): void {
    this.#streams.add(stream)
    if (this.#wire.connected) this.#start(stream)
  }

  remove(stream: MessageStream): void {
    this.#streams.delete(stream)
    this.#narrow()
  }

  handleMessage(message: SidechannelMessage, size: number): void {
    for (const stream of this.#streams) stream.handleMessage(message, size)
  }

  /** Whether an iterator is to be told of messages that the node left out. */
  handleLagged(channels: Readonly<Record<string, { readonly from: number; readonly to: number }>>): void {
    for (const { follower } of this.#streams) {
      for (const [channel, { to }] of Object.entries(channels)) {
        if (follower.started && follower.wants(channel) && follower.position(channel) < to)
          follower.fallBehind(channel, 'lagged')
      }
    }
    this.replay()
  }

  handleDisconnect(): void {
    this.#replaying = null
    this.#starting.clear()
    for (const { follower } of this.#streams) if (follower.started) follower.disconnected()
  }

  /** There is a new connection, and it follows every channel. */
  handleConnect(): void {
    this.#followed = null
    this.replay()
    for (const stream of this.#streams) if (!stream.follower.started) this.#start(stream)
  }

  /** Nothing more comes: every iterator ends with the error, or, without one, at once. */
  close(error: BridgeError | null): void {
    for (const stream of [...this.#streams]) {
      if (error === null) stream.end()
      else stream.fail(error)
    }
  }

  /** Asks again for what iterators are behind with, as far as they have room for it. */
  replay(): void {
    if (!this.#wire.connected || this.#replaying !== null) return
    const behind = [...this.#streams].filter((stream) => stream.wantsReplay)
    if (behind.length === 0) return
    const channels = this.#needsAll()
      ? null
      : new Set(behind.flatMap(({ follower }) => [...follower.behind()]))
    // Naming the first narrows it down to those that are named.
    if (channels !== null && this.#followed === null) this.#addStarted(channels)
    const asked = { channels }
    this.#replaying = asked
    const fields = {
      ...(channels !== null && { channels: [...channels] }),
      since: this.#positions(channels),
      ...(this.#epoch !== null && { epoch: this.#epoch })
    }
    this.#handleFollowed(channels)
    this.#wire.request('subscribe', fields, {
      resolve: (reply) => {
        const isLatest = this.#replaying === asked
        if (isLatest) this.#replaying = null
        this.#handleEpoch(reply.epoch)
        for (const stream of this.#streams) {
          if (!stream.follower.started) continue
          // What is gone is gone, but who was asked for anew is still behind.
          stream.handleGaps(stream.follower.resumed(isLatest ? channels : NONE, reply.replay ?? {}))
        }
        if (isLatest) this.replay()
      },
      reject: (error) => {
        if (this.#replaying === asked) this.#replaying = null
        this.#handleFailure(error, [...this.#streams])
      }
    })
  }

  #start(stream: MessageStream): void {
    const { channels } = stream.follower
    const all = this.#needsAll()
    this.#starting.set(stream, new Set())
    if (!all && channels !== null) this.#followToo(channels, this.#asker(stream))
    else if (this.#followed !== null) {
      this.#followed = null
      this.#wire.request('unsubscribe', {}, this.#asker(stream))
    } else if (channels === null) this.#wire.request('subscribe', {}, this.#asker(stream))
    else this.#check(channels, this.#asker(stream))
  }

  #asker(stream: MessageStream): SubscribeAsker {
    const settle = () => {
      for (const name of this.#starting.get(stream) ?? []) stream.follower.fallBehind(name, 'lagged')
      this.#starting.delete(stream)
      this.#narrow()
      this.replay()
    }
    return {
      resolve: (reply) => {
        if (typeof reply.epoch === 'string') {
          this.#handleEpoch(reply.epoch)
          if (!stream.ended) stream.handleStarted(reply.positions, reply.epoch)
        } else
          stream.fail(
            new BridgeError('protocol', 'This node does not number its messages.', {
              next: 'Use a newer one.'
            })
          )
        settle()
      },
      reject: (error) => {
        this.#handleFailure(error, [stream])
        if (error.code === 'closed') return
        this.#handleRefused()
        settle()
      }
    }
  }

  #followToo(channels: ReadonlySet<string>, asker: SubscribeAsker): void {
    const names = new Set(channels)
    if (this.#followed === null) this.#addStarted(names)
    this.#handleFollowed(names)
    this.#wire.request('subscribe', { channels: [...names] }, asker)
  }

  #addStarted(names: Set<string>): void {
    for (const { follower } of this.#streams) {
      if (follower.started) for (const name of follower.channels ?? []) names.add(name)
    }
  }

  /** Whether every channel is to be followed, also because iterators that are beginning count on it. */
  #needsAll(): boolean {
    return this.#wanted() === null || (this.#followed === null && this.#starting.size > 0)
  }

  /**
   * Every channel is followed already, but the node has not said whether these may be. Leaving out what was
   * not named changes nothing but that it ends a replay of them, which is therefore asked for again.
   */
  #check(channels: ReadonlySet<string>, asker: SubscribeAsker): void {
    for (const stream of this.#streams) {
      const { follower } = stream
      for (const name of channels) {
        if (!follower.wants(name)) continue
        if (follower.started) follower.fallBehind(name, 'lagged')
        else this.#starting.get(stream)?.add(name)
      }
    }
    this.#wire.request('unsubscribe', { channels: [...channels] }, asker)
    this.#replaying = null
    this.replay()
  }

  /** What nobody wants any more. The last one stays: following none would be following all. */
  #narrow(): void {
    const wanted = this.#wanted()
    if (wanted === null || wanted.size === 0 || this.#starting.size > 0 || !this.#wire.connected) return
    if (this.#followed === null) this.#wire.request('subscribe', { channels: [...wanted] }, this.#ignorer())
    else {
      const channels = [...this.#followed].filter((name) => !wanted.has(name))
      if (channels.length > 0) this.#wire.request('unsubscribe', { channels }, this.#ignorer())
    }
    this.#followed = wanted
  }

  /** What any iterator wants; `null`: every channel, or too many to name. */
  #wanted(): ReadonlySet<string> | null {
    const wanted = new Set<string>()
    for (const { follower } of this.#streams) {
      if (follower.channels === null) return null
      for (const name of follower.channels) wanted.add(name)
    }
    return wanted.size > MOST_NAMES ? null : wanted
  }

  /** From where each channel is asked for again: whoever is furthest back in it decides. */
  #positions(channels: ReadonlySet<string> | null): Record<string, number> {
    const positions = new Map<string, number>()
    for (const { follower } of this.#streams) {
      if (!follower.started) continue
      for (const name of channels ?? follower.known()) {
        if (follower.wants(name))
          positions.set(name, Math.min(positions.get(name) ?? Infinity, follower.position(name)))
      }
    }
    return Object.fromEntries(positions)
  }

  #handleFollowed(names: ReadonlySet<string> | null): void {
    this.#followed = names === null ? null : new Set([...(this.#followed ?? []), ...names])
  }

  /** What is followed now depends on what else was on its way: begin again with all, and then narrow that down. */
  #handleRefused(): void {
    if (this.#followed === null) return
    this.#followed = null
    this.#wire.request('unsubscribe', {}, this.#ignorer())
  }

  #ignorer(): SubscribeAsker {
    return { resolve: () => {}, reject: (error) => this.#handleFailure(error, []) }
  }

  #handleEpoch(epoch: string): void {
    if (this.#epoch !== null && this.#epoch !== epoch) {
      for (const stream of this.#streams) {
        if (stream.follower.started) stream.handleGaps(stream.follower.restarted(this.#wire.entryChannel))
      }
    }
    this.#epoch = epoch
  }

  #handleFailure(error: BridgeError, streams: readonly MessageStream[]): void {
    // All is asked for anew on the next connection.
    if (error.code === 'closed') return
    if (error.code === 'timeout') this.#wire.drop(error)
    else for (const stream of streams) stream.fail(error)
  }
}
