import { IntercomError } from '../../src/base/errors.ts'
import { WATCH_LIMITS } from '../../src/bridge/limits.ts'
import type { CheckedFields, ReplyFields } from '../../src/bridge/types.ts'
import type { FeedEvent } from './feed.ts'
import type { Outflow } from './outflow.ts'
import { Prefixes } from './prefixes.ts'

export interface WatchingOptions {
  readonly outflow: Outflow
  /** Whether the token allows it: a client may change to one that allows less. */
  readonly may: () => boolean
  /** An event is on its way. */
  readonly sent: () => void
}

/** What of the subnet one client hears of; nothing unless it says so. */
export class Watching {
  readonly #options: WatchingOptions
  readonly #prefixes = new Prefixes()
  #chat = false

  constructor(options: WatchingOptions) {
    this.#options = options
  }

  get hearsChat(): boolean {
    return this.#chat && this.#options.may()
  }

  get hearsState(): boolean {
    return this.#prefixes.all.length > 0 && this.#options.may()
  }

  covers(key: string): boolean {
    return this.#prefixes.cover(key) && this.#options.may()
  }

  add({ prefixes = [], chat }: CheckedFields<'watch'>): ReplyFields<'watching'> {
    if (new Set([...this.#prefixes.all, ...prefixes]).size > WATCH_LIMITS.prefixes) {
      throw new IntercomError(
        'bad_arguments',
        `Invalid prefixes (at most ${WATCH_LIMITS.prefixes} are watched).`,
        {
          next: 'Give shorter ones, or unwatch some; an empty one stands for every key.'
        }
      )
    }
    this.#prefixes.add(prefixes)
    if (chat) this.#chat = true
    return this.#told
  }

  remove({ prefixes, chat }: CheckedFields<'unwatch'>): ReplyFields<'watching'> {
    const all = prefixes === undefined && !chat
    if (all) this.#prefixes.clear()
    else this.#prefixes.remove(prefixes ?? [])
    if (all || chat) this.#chat = false
    this.narrow()
    return this.#told
  }

  /** What waits and is not for the client any more goes. */
  narrow(): void {
    this.#options.outflow.keepWatched((key) => this.covers(key), this.hearsChat)
  }

  change(key: string, frame: Uint8Array): void {
    this.#options.outflow.change(key, frame)
    this.#options.sent()
  }

  /** Changes of so many keys cannot be told. */
  loseChanges(count: number): void {
    this.#options.outflow.loseChanges(count)
  }

  message(event: FeedEvent): void {
    this.#options.outflow.event(event)
    this.#options.sent()
  }

  get #told(): ReplyFields<'watching'> {
    return { prefixes: this.#prefixes.all, chat: this.#chat }
  }
}
