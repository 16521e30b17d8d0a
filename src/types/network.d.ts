/** What we use of the networking packages, which ship no types, and no more. */

declare module 'udx-native' {
  export default class UDX {
    createSocket(): {
      bind(port: number, host: string): void
      address(): { port: number }
      on(event: 'message', listener: (bytes: Uint8Array, from: { host: string; port: number }) => void): void
      trySend(bytes: Uint8Array, port: number, host: string): void
      close(): Promise<void>
    }
  }
}

declare module 'hyperdht' {
  import type { EventEmitter } from 'node:events'
  export interface KeyPair {
    publicKey: Uint8Array
    secretKey: Uint8Array
  }
  export interface Address {
    host: string
    port: number
  }
  export interface LookupReply {
    from: Address & { id: Uint8Array | null }
    peers: { publicKey: Uint8Array; relayAddresses: Address[] }[]
  }
  export interface Query<T> extends AsyncIterable<T> {
    finished(): Promise<void>
  }
  export interface DHTOptions {
    bootstrap?: (string | Address)[]
    host?: string
    port?: number
    firewalled?: boolean
    ephemeral?: boolean
  }
  export default class DHT extends EventEmitter {
    constructor(options?: DHTOptions)
    static bootstrapper(port: number, host: string, options?: DHTOptions): DHT
    readonly nodes: { readonly length: number }
    readonly online: boolean
    readonly firewalled: boolean
    readonly host: string | null
    readonly port: number
    readonly destroyed: boolean
    fullyBootstrapped(): Promise<void>
    refresh(): void
    address(): Address | null
    ping(to: Address, options?: { retry?: boolean }): Promise<unknown>
    lookup(target: Uint8Array): Query<LookupReply>
    connect(remotePublicKey: Uint8Array, options: { keyPair: KeyPair }): unknown
    static keyPair(seed?: Uint8Array): KeyPair
    destroy(options?: { force?: boolean }): Promise<void>
  }
}

declare module 'hyperswarm' {
  import type { EventEmitter } from 'node:events'
  import type { Duplex } from 'node:stream'
  import type DHT from 'hyperdht'
  import type { KeyPair } from 'hyperdht'
  export interface Connection extends Duplex {
    readonly remotePublicKey: Uint8Array
    readonly isInitiator: boolean
    readonly rawBytesRead: number
    readonly rawBytesWritten: number
    readonly rawStream: { readonly rtt: number } | null
  }
  export interface Discovery {
    flushed(): Promise<boolean>
    refresh(): Promise<void>
    destroy(): Promise<void>
  }
  export default class Hyperswarm extends EventEmitter {
    constructor(options: {
      dht: DHT
      keyPair: KeyPair
      maxPeers?: number
      firewall?: (remotePublicKey: Uint8Array) => boolean
    })
    readonly dht: DHT
    readonly server: { refresh(): void }
    readonly suspended: boolean
    join(topic: Uint8Array, options?: { server?: boolean; client?: boolean }): Discovery
    leave(topic: Uint8Array): Promise<void>
    topics(): IterableIterator<Discovery>
    suspend(): Promise<void>
    resume(): Promise<void>
    destroy(options?: { force?: boolean }): Promise<void>
  }
}

declare module 'protomux' {
  import type { Connection } from 'hyperswarm'
  export interface Channel {
    readonly opened: boolean
    readonly closed: boolean
    readonly drained: boolean
    open(): void
    close(): void
    addMessage<T>(options: { encoding: unknown; onmessage: (message: T) => void }): {
      send(message: T): boolean
    }
  }
  export interface Frame {
    readonly buffer: Uint8Array
    start: number
    end: number
  }
  export default class Protomux {
    static from<T extends typeof Protomux>(this: T, stream: Connection): InstanceType<T>
    /** Handle what the other end sends; they may throw plain errors, which end the connection. */
    protected _onopensession(frame: Frame): unknown
    protected _onbatch(frame: Frame): void
    readonly drained: boolean
    pair(options: { protocol: string }, notify: () => void): void
    unpair(options: { protocol: string }): void
    createChannel(options: {
      protocol: string
      onopen?: () => void
      onclose?: () => void
      ondrain?: () => void
    }): Channel | null
    cork(): void
    uncork(): void
  }
}

declare module 'compact-encoding' {
  export interface Encoding<T> {
    encode(state: unknown, value: T): void
  }
  export const raw: unknown
  export const json: Encoding<unknown>
  export function encode<T>(encoding: Encoding<T>, value: T): Uint8Array
  export function decode<T>(encoding: Encoding<T>, bytes: Uint8Array): T
}
