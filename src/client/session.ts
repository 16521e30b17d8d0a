import type { BridgeEvent, ChatEvent, Reply, SidechannelMessage, StateChange } from '../bridge/types.ts'
import { backoffMs } from './backoff.ts'
import { Emitter } from './emitter.ts'
import { BridgeError } from './errors.ts'
import type { Gap } from './gap.ts'
import { type Hello, type Link, openLink } from './link.ts'
import type { Settings } from './options.ts'
import { type Asker, type Frame, Requests } from './requests.ts'
import { Subscriptions } from './subscriptions.ts'
import { Watches } from './watches.ts'

export interface ClientEvents {
  /** Somebody asks the node to open a channel. */
  open_request: (request: BridgeEvent<'open_request'>) => void
  /** The connection was lost; the attempt (from 1) begins after so many ms. */
  reconnecting: (attempt: {
    readonly attempt: number
    readonly delayMs: number
    readonly error: BridgeError
  }) => void
  reconnected: (hello: Hello) => void
  /** An iterator will not see these messages. */
  gap: (gap: Gap) => void
  /** This client was too slow for so many events. Messages are asked for again; an `open_request` is not. */
  lagged: (event: BridgeEvent<'lagged'>) => void
  /** It is over, by close() or for this reason. */
  close: (error: BridgeError | null) => void
}

/** After these the next connection would end like this one. */
const FINAL: ReadonlySet<string> = new Set(['unauthorized', 'forbidden', 'bad_request'])

/** One connection after the other, and what is to survive the change from one to the next. */
export class Session {
  readonly events = new Emitter<ClientEvents>()
  readonly subscriptions: Subscriptions
  readonly watches: Watches
  /** Set again on each connection, since the node keeps it for one only. */
  filter: string | null = null
  readonly #settings: Settings
  readonly #requests: Requests
  readonly #first = Promise.withResolvers<void>()
  #hello: Hello | null = null
  #link: Link | null = null
  #connected = false
  #attempt = 0
  /** The requests of handleOpen are being made: their answers are what the connection has to give yet. */
  #restoring = false
  #unrestored = 0
  #retry: unknown = null
  #over: { readonly error: BridgeError | null } | null = null
  #closing: Promise<void> | null = null

  constructor(settings: Settings) {
    this.#settings = settings
    this.#requests = new Requests(settings.clock)
    const session = this
    const drop = (error: BridgeError) => this.#link?.drop(error)
    this.subscriptions = new Subscriptions({
      get connected() {
        return session.#connected
      },
      get entryChannel() {
        return session.hello.entryChannel
      },
      request: (type, fields, { resolve, reject }) =>
        this.#subscribe(type, fields, { resolve: (frame) => resolve(frame as Reply<'subscribe'>), reject }),
      drop
    })
    this.watches = new Watches({
      get connected() {
        return session.#connected
      },
      request: (type, fields, { resolve, reject }) =>
        this.#subscribe(type, fields, { resolve: (frame) => resolve(frame as Reply<'watch'>), reject }),
      drop
    })
  }

  get hello(): Hello {
    if (this.#hello === null) throw new Error('not connected yet')
    return this.#hello
  }

  get isOver(): boolean {
    return this.#over !== null
  }

  open(): Promise<void> {
    this.#dial()
    return this.#first.promise
  }

  request(type: string, fields: object, asker: Asker, timeoutMs = this.#settings.timeoutMs): void {
    if (this.#over === null) this.#requests.add(type, fields, timeoutMs, this.#sender(), asker)
    else asker.reject(closedError(this.#over.error))
  }

  /** Why nothing can be done any more. */
  closedError(): BridgeError {
    return closedError(this.#over?.error ?? null)
  }

  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    const link = this.#link
    this.#end(null)
    await link?.close()
  }

  #dial(): void {
    try {
      this.#link = openLink({
        ...this.#settings,
        handleOpen: (hello) => this.#handleOpen(hello),
        handleFrame: (frame, size) => this.#handleFrame(frame, size),
        handleEnd: (error) => this.#handleEnd(error)
      })
    } catch (error) {
      this.#handleEnd(error as BridgeError)
    }
  }

  #sender(): ((text: string) => void) | null {
    return this.#connected ? (text) => this.#link?.send(text) : null
  }

  #handleOpen(hello: Hello): void {
    const isFirst = this.#hello === null
    this.#hello = hello
    this.#connected = true
    this.#unrestored = 0
    this.#restoring = true
    if (this.filter !== null) this.#restoreFilter(this.filter)
    this.subscriptions.handleConnect()
    this.watches.handleConnect()
    this.#restoring = false
    this.#requests.flush((text) => this.#link?.send(text))
    if (isFirst) this.#first.resolve()
    else this.events.emit('reconnected', hello)
  }

  #restoreFilter(filter: string): void {
    this.#unrestored++
    this.request(
      'set_filter',
      { filter },
      {
        resolve: () => this.#unrestored--,
        // Without its filter iterators would get what they must not.
        reject: (error) => this.#link?.drop(error)
      }
    )
  }

  #subscribe(type: string, fields: object, asker: Asker): void {
    this.request(type, fields, this.#counted(asker))
  }

  #counted(asker: Asker): Asker {
    if (!this.#restoring) return asker
    this.#unrestored++
    return {
      resolve: (frame) => {
        this.#unrestored--
        asker.resolve(frame)
      },
      reject: (error) => {
        // A refusal is an answer as well: it ends a loop and is not asked for again.
        if (error.code !== 'closed' && error.code !== 'timeout') this.#unrestored--
        asker.reject(error)
      }
    }
  }

  #handleFrame(frame: Frame, size: number): void {
    this.#take(frame, size)
    // It works: the next loss is a new one.
    if (this.#connected && this.#unrestored === 0) this.#attempt = 0
  }

  #take(frame: Frame, size: number): void {
    switch (frame.type) {
      case 'sidechannel_message':
        this.subscriptions.handleMessage(frame as SidechannelMessage, size)
        break
      case 'lagged':
        this.subscriptions.handleLagged((frame as BridgeEvent<'lagged'>).channels)
        this.watches.handleLagged(frame as BridgeEvent<'lagged'>)
        this.events.emit('lagged', frame as BridgeEvent<'lagged'>)
        break
      case 'state_changed':
        this.watches.handleChange(frame as StateChange, size)
        break
      case 'chat_message':
        this.watches.handleMessage(frame as ChatEvent)
        break
      case 'open_request':
        this.events.emit('open_request', frame as BridgeEvent<'open_request'>)
        break
      default:
        this.#requests.settle(frame)
    }
  }

  #handleEnd(error: BridgeError): void {
    this.#connected = false
    this.#link = null
    if (this.#over !== null) return
    this.#requests.failSent(whyOf(error), error.code === 'too_large' ? error : null)
    this.subscriptions.handleDisconnect()
    this.watches.handleDisconnect()
    const { reconnect, clock } = this.#settings
    if (this.#hello === null) {
      this.#first.reject(error)
      this.#over = { error }
    } else if (reconnect === null || FINAL.has(error.code) || this.#attempt >= reconnect.attempts) {
      this.#end(error)
    } else {
      const delayMs = backoffMs(this.#attempt, reconnect)
      this.#attempt++
      this.#retry = clock.setTimeout(() => this.#dial(), delayMs)
      this.events.emit('reconnecting', { attempt: this.#attempt, delayMs, error })
    }
  }

  #end(error: BridgeError | null): void {
    if (this.#over !== null) return
    this.#over = { error }
    this.#connected = false
    this.#settings.clock.clearTimeout(this.#retry)
    this.#requests.failAll(error === null ? 'By close().' : whyOf(error))
    const reason = error === null || FINAL.has(error.code) ? error : closedError(error)
    this.subscriptions.close(reason)
    this.watches.close(reason)
    this.events.emit('close', error)
  }
}

function whyOf({ message, detail }: BridgeError): string {
  return `${message} ${detail ?? ''}`.trim()
}

function closedError(error: BridgeError | null): BridgeError {
  if (error === null) return new BridgeError('closed', 'The client was closed.')
  if (error.code === 'unauthorized') return error
  return new BridgeError('closed', 'The connection to the node was lost for good.', {
    detail: whyOf(error),
    ...(FINAL.has(error.code) && { next: error.next }),
    cause: error
  })
}
