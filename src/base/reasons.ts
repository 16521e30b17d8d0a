/** Every reason for which a message is dropped (spec/sidechannel 2.9), with what a debug line says. */
export const DROP_REASONS = {
  blocked: 'connection blocked',
  rate: 'over the rate limit',
  size: 'too large',
  shape: 'malformed',
  channel: 'names another channel',
  stale: 'too far from our clock, or from before our last start',
  duplicate: 'seen before',
  uninvited: 'not invited',
  owner_only: 'only the owner may write',
  welcome: 'awaiting welcome',
  pow: 'no valid proof of work',
  signature: 'author not proven',
  queue: 'receiver too slow'
} as const

export type DropReason = keyof typeof DROP_REASONS

/** Why a send of ours was refused (spec/sidechannel 2.10, 2.12). */
export const SEND_REFUSALS = {
  owner_only: 'Only the owner of this channel may write.',
  uninvited: 'This node has no valid invite for this channel.',
  too_large: 'The message is larger than the network carries.',
  unserialisable: 'The message is not JSON, or nests too deep.',
  rate_limited: 'The queues to all neighbours are full.'
} as const

export type SendRefusal = keyof typeof SEND_REFUSALS

export type DropCounts = Readonly<Record<DropReason, number>>

/** Counts drops by reason: one per channel, and one for all of them. */
export class DropCounter {
  readonly #counts = new Map<DropReason, number>()

  add(reason: DropReason, count = 1): void {
    this.#counts.set(reason, this.count(reason) + count)
  }

  addAll(other: DropCounter): void {
    for (const [reason, count] of other.#counts) this.add(reason, count)
  }

  count(reason: DropReason): number {
    return this.#counts.get(reason) ?? 0
  }

  get total(): number {
    let total = 0
    for (const count of this.#counts.values()) total += count
    return total
  }

  /** Every reason, with 0 where nothing was dropped. */
  counts(): DropCounts {
    const reasons = Object.keys(DROP_REASONS) as DropReason[]
    return Object.fromEntries(reasons.map((reason) => [reason, this.count(reason)])) as DropCounts
  }
}
