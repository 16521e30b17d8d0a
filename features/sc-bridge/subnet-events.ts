import b4a from 'b4a'
import { messageOf } from '../../src/base/errors.ts'
import type { Log } from '../../src/base/log.ts'
import { CHANGE_BYTES, STATE_LIMITS } from '../../src/bridge/limits.ts'
import type { BridgeEvent } from '../../src/bridge/types.ts'
import type { SubnetEvents as PlaneEvents, SubnetPlane } from '../../src/subnet-plane.ts'
import { textFrame } from '../../src/websocket/frames.ts'
import type { FeedEvent } from './feed.ts'
import type { Watching } from './watching.ts'

type ChatEvent = Parameters<PlaneEvents['chat']>[0]

/** A client, as far as the subnet is concerned. */
export interface Watcher {
  readonly watching: Pick<
    Watching,
    'covers' | 'hearsChat' | 'hearsState' | 'change' | 'message' | 'loseChanges'
  >
}

/** What happens in the subnet, told to those who watch it: each value is read and encoded once for all of them. */
export class SubnetEvents {
  readonly #plane: SubnetPlane
  readonly #watchers: Iterable<Watcher>
  readonly #log: Log
  /** Keys that are to be read, the one that waits longest first. */
  readonly #changed = new Set<string>()
  #reading: Promise<void> | null = null
  #closed = false

  constructor(plane: SubnetPlane, watchers: Iterable<Watcher>, log: Log) {
    this.#plane = plane
    this.#watchers = watchers
    this.#log = log
    plane.on('changed', this.#handleChanged)
    plane.on('unnamed', this.#handleUnnamed)
    plane.on('chat', this.#handleChat)
  }

  async close(): Promise<void> {
    this.#closed = true
    this.#plane.off('changed', this.#handleChanged)
    this.#plane.off('unnamed', this.#handleUnnamed)
    this.#plane.off('chat', this.#handleChat)
    this.#changed.clear()
    await this.#reading
  }

  #handleChanged = (keys: ReadonlySet<string>): void => {
    for (const key of keys) {
      if (!this.#isWatched(key)) continue
      if (this.#changed.size >= STATE_LIMITS.maxItems) this.#lose()
      this.#changed.add(key)
    }
    this.#readOn()
  }

  #handleUnnamed = (): void => {
    for (const { watching } of this.#watchers) if (watching.hearsState) watching.loseChanges(1)
  }

  #handleChat = (message: ChatEvent): void => {
    let event: FeedEvent | null = null
    for (const { watching } of this.#watchers) {
      if (!watching.hearsChat) continue
      event ??= { channel: null, seq: 0, chat: message.n, frame: chatFrame(message) }
      watching.message(event)
    }
  }

  #readOn(): void {
    if (this.#changed.size === 0 || this.#reading !== null) return
    this.#reading = this.#read().then(() => {
      this.#reading = null
      this.#readOn()
    })
  }

  /** One after the other, so that what is told of a key last is what was read of it last. */
  async #read(): Promise<void> {
    for (const key of this.#changed) {
      this.#changed.delete(key)
      if (!this.#isWatched(key)) continue
      try {
        this.#deliver(key, await this.#plane.get(key, false))
      } catch (error) {
        if (this.#closed) break
        this.#log.error('a change of the state could not be read', { error: messageOf(error) })
        this.#changed.add(key)
        this.#lose()
      }
    }
  }

  #deliver(key: string, value: unknown): void {
    if (this.#closed) return
    let frame: Uint8Array | null = null
    for (const { watching } of this.#watchers) {
      if (!watching.covers(key)) continue
      frame ??= changeFrame(key, value)
      watching.change(key, frame)
    }
  }

  /** More than can be read, or nothing can be read at all: whoever watches has to look for themselves. */
  #lose(): void {
    const keys = [...this.#changed]
    this.#changed.clear()
    for (const { watching } of this.#watchers) {
      const count = keys.filter((key) => watching.covers(key)).length
      if (count > 0) watching.loseChanges(count)
    }
  }

  #isWatched(key: string): boolean {
    for (const { watching } of this.#watchers) if (watching.covers(key)) return true
    return false
  }
}

function changeFrame(key: string, value: unknown): Uint8Array {
  const isLarge = b4a.byteLength(JSON.stringify(value ?? null)) > CHANGE_BYTES
  const change: BridgeEvent<'state_changed'> = isLarge
    ? { type: 'state_changed', key, value: null, truncated: true }
    : { type: 'state_changed', key, value: value ?? null }
  return textFrame(JSON.stringify(change))
}

function chatFrame({ n, address, nick, message, attachments, replyTo, signature }: ChatEvent): Uint8Array {
  const told = { n, address, nick, message, attachments: [...attachments], replyTo, signature }
  const event: BridgeEvent<'chat_message'> = { type: 'chat_message', ...told }
  return textFrame(JSON.stringify(event))
}
