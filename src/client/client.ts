import type { Reply } from '../bridge/types.ts'
import { ChangeStream } from './changes.ts'
import { ChatStream } from './chat.ts'
import { BridgeError } from './errors.ts'
import type { ClientRequest, Rest } from './fields.ts'
import type { Hello } from './link.ts'
import type {
  ChangesOptions,
  ChatOptions,
  ConnectOptions,
  MessagesOptions,
  RequestOptions
} from './options.ts'
import { settingsOf } from './options.ts'
import { type ClientEvents, Session } from './session.ts'
import type { WebSocketClass } from './socket.ts'
import { startOf } from './start.ts'
import { MessageStream } from './stream.ts'
import { type Arguments, SubnetClient } from './subnet.ts'

/** How many wait for a loop, of messages and of changed keys. */
const MAX_BUFFERED = 1000
const MAX_BUFFERED_KEYS = 10_000

/** Connects and authenticates; `builtIn` is the WebSocket of the runtime. */
export async function connectWith(
  options: ConnectOptions,
  builtIn: WebSocketClass | undefined
): Promise<BridgeClient> {
  const session = new Session(settingsOf(options, builtIn))
  await session.open()
  return new BridgeClient(session)
}

/** A node, over its SC-Bridge. */
export class BridgeClient extends SubnetClient {
  readonly #session: Session

  constructor(session: Session) {
    super()
    this.#session = session
  }

  /** Who the node is, as it said on the latest connection. */
  get hello(): Hello {
    return this.#session.hello
  }

  /** Of the start of the node that the `seq` of messages belong to; `null` before the first iterator is ready. */
  get epoch(): string | null {
    return this.#session.subscriptions.epoch
  }

  /** Any request. It is sent once: if the connection goes before the answer came, it fails with `closed`. */
  override request<T extends ClientRequest>(type: T, ...args: Arguments<T>): Promise<Reply<T>> {
    const [fields, options]: readonly [fields?: object, options?: RequestOptions] = args
    return new Promise((resolve, reject) => {
      const asker = { resolve: (reply: object) => resolve(reply as Reply<T>), reject }
      this.#session.request(type, fields ?? {}, asker, options?.timeoutMs)
    })
  }

  send(
    channel: string,
    message: unknown,
    options: Rest<'send', 'channel' | 'message'> = {}
  ): Promise<Reply<'send'>> {
    return this.request('send', { ...options, channel, message })
  }

  join(channel: string, options: Rest<'join', 'channel'> = {}): Promise<Reply<'join'>> {
    return this.request('join', { ...options, channel })
  }

  leave(channel: string): Promise<Reply<'leave'>> {
    return this.request('leave', { channel })
  }

  open(channel: string, options: Rest<'open', 'channel'> = {}): Promise<Reply<'open'>> {
    return this.request('open', { ...options, channel })
  }

  accept(channel: string, options: Rest<'accept', 'channel'> = {}): Promise<Reply<'accept'>> {
    return this.request('accept', { ...options, channel })
  }

  invite(
    channel: string,
    pubkey: string,
    options: Rest<'invite', 'channel' | 'pubkey'> = {}
  ): Promise<Reply<'invite'>> {
    return this.request('invite', { ...options, channel, pubkey })
  }

  welcome(channel: string, text: string): Promise<Reply<'welcome'>> {
    return this.request('welcome', { channel, text })
  }

  stats(): Promise<Reply<'stats'>> {
    return this.request('stats')
  }

  info(): Promise<Reply<'info'>> {
    return this.request('info')
  }

  pending(): Promise<Reply<'pending'>> {
    return this.request('pending')
  }

  peers(): Promise<Reply<'peers'>> {
    return this.request('peers')
  }

  health(): Promise<Reply<'health'>> {
    return this.request('health')
  }

  ping(): Promise<Reply<'ping'>> {
    return this.request('ping')
  }

  /** Runs a command of the terminal, where the node has --sc-bridge-cli 1. */
  cli(command: string, options: RequestOptions = {}): Promise<Reply<'cli'>> {
    return this.request('cli', { command }, options)
  }

  /** Iterators get only messages with these words: "a+b|c" is (a and b) or c. Kept over reconnects. */
  async setFilter(filter: string): Promise<Reply<'set_filter'>> {
    const reply = await this.request('set_filter', { filter })
    this.#session.filter = filter
    return reply
  }

  async clearFilter(): Promise<Reply<'clear_filter'>> {
    const reply = await this.request('clear_filter')
    this.#session.filter = ''
    return reply
  }

  /**
   * The messages of some channels or of all, from now on or from `since` on: each once, in the order of
   * its channel, over reconnects too. What is missing is told to `onGap`, or ends the loop with an error.
   */
  messages(options: MessagesOptions = {}): MessageStream {
    const session = this.#session
    const { maxBuffered = MAX_BUFFERED, onGap = null, signal = null } = options
    const stream = new MessageStream({
      ...startOf(options),
      maxBuffered,
      onGap,
      signal,
      handleRoom: () => session.subscriptions.replay(),
      handleGap: (gap) => session.events.emit('gap', gap),
      handleEnd: (ended) => session.subscriptions.remove(ended)
    })
    if (session.isOver) stream.fail(session.closedError())
    else if (!stream.ended) session.subscriptions.add(stream)
    return stream
  }

  /**
   * Keys of the shared state whose value may be another one now, with the latest value, which may still be taken
   * back; then it comes again. A connection that was lost, and a loop that is too slow, is a gap: read again.
   */
  changes(options: ChangesOptions): ChangeStream {
    const { prefixes, maxBuffered = MAX_BUFFERED_KEYS, onGap = null, signal = null } = options
    if (prefixes.length === 0 || !(maxBuffered >= 1)) {
      throw new BridgeError('bad_request', 'Invalid options for changes().', {
        next: 'Give at least one of "prefixes", where "" stands for every key, and let "maxBuffered" be at least 1.'
      })
    }
    const { watches } = this.#session
    return this.#watch(
      new ChangeStream({ prefixes, maxBuffered, onGap, signal, handleEnd: (ended) => watches.remove(ended) })
    )
  }

  /** The messages of the subnet's chat from now on. A connection that was lost is a gap. */
  chat(options: ChatOptions = {}): ChatStream {
    const { maxBuffered = MAX_BUFFERED, onGap = null, signal = null } = options
    if (!(maxBuffered >= 1)) {
      throw new BridgeError('bad_request', 'Invalid options for chat().', {
        next: 'Let "maxBuffered" be at least 1.'
      })
    }
    const { watches } = this.#session
    return this.#watch(
      new ChatStream({ maxBuffered, onGap, signal, handleEnd: (ended) => watches.remove(ended) })
    )
  }

  #watch<S extends ChangeStream | ChatStream>(stream: S): S {
    const session = this.#session
    if (session.isOver) stream.fail(session.closedError())
    else if (!stream.ended) session.watches.add(stream)
    return stream
  }

  on<K extends keyof ClientEvents>(event: K, listener: ClientEvents[K]): this {
    this.#session.events.on(event, listener)
    return this
  }

  off<K extends keyof ClientEvents>(event: K, listener: ClientEvents[K]): this {
    this.#session.events.off(event, listener)
    return this
  }

  /** Requests that are under way fail with `closed`, iterators end. Resolves once the socket is closed. */
  close(): Promise<void> {
    return this.#session.close()
  }
}
