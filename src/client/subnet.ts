import type { Reply } from '../bridge/types.ts'
import type { ClientRequest, Fields, Rest } from './fields.ts'
import type { RequestOptions } from './options.ts'

/** Without parameters of its own it takes none. */
export type Arguments<T extends ClientRequest> =
  Record<string, never> extends Fields<T>
    ? [fields?: Fields<T>, options?: RequestOptions]
    : [fields: Fields<T>, options?: RequestOptions]

type Dispatch = Fields<'submit'>['prepared_command']

/** What a client asks of the subnet of its node. */
export abstract class SubnetClient {
  abstract request<T extends ClientRequest>(type: T, ...args: Arguments<T>): Promise<Reply<T>>

  /** The value of one key: final, or with `confirmed: false` the latest, which may still be taken back. */
  get(key: string, options: Rest<'get', 'key'> = {}): Promise<Reply<'get'>> {
    return this.request('get', { ...options, key })
  }

  list(prefix: string, options: Rest<'list', 'prefix'> = {}): Promise<Reply<'list'>> {
    return this.request('list', { ...options, prefix })
  }

  /** A command of the app, or a dispatch that is none; with `sim` it is only tried. */
  tx(command: string | Dispatch, options: Rest<'tx', 'command' | 'dispatch'> = {}): Promise<Reply<'tx'>> {
    return this.request('tx', {
      ...options,
      ...(typeof command === 'string' ? { command } : { dispatch: command })
    })
  }

  /** A transaction that was signed elsewhere. */
  submit(signed: Fields<'submit'>): Promise<Reply<'submit'>> {
    return this.request('submit', signed)
  }

  txContext(): Promise<Reply<'tx_context'>> {
    return this.request('tx_context')
  }

  contract(): Promise<Reply<'contract'>> {
    return this.request('contract')
  }

  post(message: string, options: Rest<'post', 'message'> = {}): Promise<Reply<'post'>> {
    return this.request('post', { ...options, message })
  }

  /** Messages of the chat that are there already; `chat()` gives those that come. */
  chatMessages(options: Fields<'messages'> = {}): Promise<Reply<'messages'>> {
    return this.request('messages', options)
  }

  setNick(nick: string, options: Rest<'set_nick', 'nick'> = {}): Promise<Reply<'set_nick'>> {
    return this.request('set_nick', { ...options, nick })
  }

  roles(): Promise<Reply<'roles'>> {
    return this.request('roles')
  }

  subnetStats(): Promise<Reply<'subnet_stats'>> {
    return this.request('subnet_stats')
  }

  /** What the admin decides: the terminal command of that name, with its arguments by name. */
  operate(
    operation: Fields<'operate'>['operation'],
    args: Readonly<Record<string, unknown>> = {}
  ): Promise<Reply<'operate'>> {
    return this.request('operate', { operation, args })
  }
}
