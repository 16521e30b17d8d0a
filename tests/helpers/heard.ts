import type { ChannelName } from '../../features/sidechannel/names.ts'
import type { Received, Sidechannels } from '../../features/sidechannel/sidechannels.ts'
import type { DropReason } from '../../src/base/reasons.ts'

/** What came, in order, and a way to wait for more of it. */
export class Heard<T> {
  readonly all: T[] = []
  readonly #waiting = new Set<() => void>()

  add(value: T): void {
    this.all.push(value)
    for (const look of this.#waiting) look()
  }

  /** Resolves once it is so; asked again whenever something came. */
  until(isSo: (all: readonly T[]) => boolean): Promise<void> {
    return new Promise((resolve) => {
      const look = () => {
        if (!isSo(this.all)) return
        this.#waiting.delete(look)
        resolve()
      }
      this.#waiting.add(look)
      look()
    })
  }

  count(count: number): Promise<void> {
    return this.until((all) => all.length >= count)
  }
}

/** All messages that a node hands out. */
export function hear(sidechannels: Sidechannels): Heard<Received> {
  const heard = new Heard<Received>()
  sidechannels.on('message', (received: Received) => heard.add(received))
  return heard
}

/** All drops of a node. */
export function hearDrops(sidechannels: Sidechannels): Heard<DropReason> {
  const heard = new Heard<DropReason>()
  sidechannels.on('dropped', (_channel: ChannelName, reason: DropReason) => heard.add(reason))
  return heard
}

/** Resolves once it is so; asked again at each such event. */
export function until(
  emitter: {
    on(name: string, listener: () => void): unknown
    off(name: string, listener: () => void): unknown
  },
  name: string,
  isSo: () => boolean
): Promise<void> {
  return new Promise((resolve) => {
    const look = () => {
      if (!isSo()) return
      emitter.off(name, look)
      resolve()
    }
    emitter.on(name, look)
    look()
  })
}

/** Resolves once so many neighbours take part in the channel. */
export function neighbours(sidechannels: Sidechannels, channel: ChannelName, count: number): Promise<void> {
  return until(sidechannels, 'changed', () => sidechannels.channels.get(channel)?.sessions.length === count)
}
