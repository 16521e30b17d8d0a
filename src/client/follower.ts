import type { Gap, GapReason } from './gap.ts'

/** Where one iterator starts. */
export interface Start {
  /** `null`: every channel. */
  readonly channels: ReadonlySet<string> | null
  /** After which `seq` of each channel; `null`: with what comes from now on. */
  readonly since: Readonly<Record<string, number>> | null
  /** What `since` belongs to; `null`: to this start of the node. */
  readonly epoch: string | null
}

type Positions = Readonly<Record<string, number>>
/** What the node says of a replay: the first `seq` it holds of those asked for. */
export type Replay = Readonly<Record<string, { readonly from: number }>>

/**
 * Where one iterator is in each channel, and which of the messages that arrive are next for it. No I/O.
 *
 * While it is behind in a channel it takes none of its messages: the node is asked to repeat them, and it
 * repeats all that came after the position, in order, before anything newer.
 */
export class Follower {
  readonly #start: Start
  /** `seq` of the last message taken or given up. A channel that is not in it has had no message yet. */
  readonly #positions = new Map<string, number>()
  readonly #behind = new Map<string, GapReason>()
  /** Behind in all channels: the connection was lost. */
  #cut = false
  #started = false

  constructor(start: Start) {
    this.#start = start
  }

  get started(): boolean {
    return this.#started
  }

  get channels(): ReadonlySet<string> | null {
    return this.#start.channels
  }

  get isBehind(): boolean {
    return this.#cut || this.#behind.size > 0
  }

  wants(channel: string): boolean {
    return this.#start.channels?.has(channel) ?? true
  }

  position(channel: string): number {
    return this.#positions.get(channel) ?? 0
  }

  /** Those with a position, and those that are followed by name. */
  known(): Set<string> {
    return new Set([...(this.#start.channels ?? []), ...this.#positions.keys()])
  }

  /** The channels that it is behind in, as far as it knows them. */
  behind(): Set<string> {
    return this.#cut ? this.known() : new Set(this.#behind.keys())
  }

  /** The node sends the messages of these channels from now on; `positions` are those before. */
  start(positions: Positions, epoch: string): Gap[] {
    this.#started = true
    const { since, epoch: given } = this.#start
    for (const [channel, last] of Object.entries(positions)) {
      if (this.wants(channel)) this.#positions.set(channel, last)
    }
    if (since === null) return []
    const gaps: Gap[] = []
    const places = new Map(Object.entries(since))
    for (const channel of new Set([...this.known(), ...places.keys()])) {
      if (!this.wants(channel)) continue
      const seen = places.get(channel) ?? 0
      // A number the channel has not reached can only be of an earlier start.
      const isOld = (given !== null && given !== epoch) || seen > this.position(channel)
      if (isOld && places.has(channel)) gaps.push(restartGap(channel, seen))
      this.#positions.set(channel, isOld ? 0 : seen)
      this.#behind.set(channel, 'history')
    }
    return gaps
  }

  /** Whether the message is the next one of its channel. */
  isNext(channel: string, seq: number): boolean {
    return (
      this.#started &&
      this.wants(channel) &&
      !this.#cut &&
      !this.#behind.has(channel) &&
      seq > this.position(channel)
    )
  }

  take(channel: string, seq: number): void {
    this.#positions.set(channel, seq)
  }

  fallBehind(channel: string, reason: GapReason): void {
    if (!this.#behind.has(channel)) this.#behind.set(channel, reason)
  }

  disconnected(): void {
    if (this.#start.channels === null) this.#cut = true
    for (const channel of this.#start.channels ?? []) this.fallBehind(channel, 'history')
  }

  /** The node was started anew and counts from 1 again. */
  restarted(entryChannel: string): Gap[] {
    const channels = this.known()
    // Whoever follows all channels is to hear of it even when there was no message before.
    if (this.#start.channels === null) channels.add(entryChannel)
    const gaps = [...channels].map((channel) => restartGap(channel, this.position(channel)))
    this.#positions.clear()
    return gaps
  }

  /** The node repeats what it holds of these channels (`null`: of all); the gaps are what it does not. */
  resumed(channels: ReadonlySet<string> | null, replay: Replay): Gap[] {
    const gaps: Gap[] = []
    for (const [channel, { from }] of Object.entries(replay)) {
      if (!this.wants(channel)) continue
      const position = this.position(channel)
      if (from <= position + 1) continue
      const reason = this.#behind.get(channel) ?? 'history'
      gaps.push({ channel, from: position + 1, to: from - 1, reason })
      this.#positions.set(channel, from - 1)
    }
    if (channels === null) {
      this.#behind.clear()
      this.#cut = false
    }
    for (const channel of channels ?? []) this.#behind.delete(channel)
    return gaps
  }
}

function restartGap(channel: string, position: number): Gap {
  return { channel, from: position + 1, to: null, reason: 'restart' }
}
