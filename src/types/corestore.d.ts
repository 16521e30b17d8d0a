declare module 'corestore' {
  import type { Duplex } from 'node:stream'
  import type ReadyResource from 'ready-resource'
  export interface Download {
    /** Resolves once all of it is here. */
    done(): Promise<void>
    destroy(): void
  }
  export interface Core {
    readonly key: Uint8Array
    readonly length: number
    /** Null until the beginning of it was seen. */
    readonly manifest: object | null
    /** From a neighbour, where it is not here. */
    get(index: number): Promise<unknown>
    /** Whether all blocks from `start` to before `end` are here. */
    has(start: number, end?: number): Promise<boolean>
    /** Up to before `end`; -1: whatever comes. */
    download(range: { start: number; end: number }): Download
    ready(): Promise<void>
    close(): Promise<void>
    /** What somebody noted beside it. */
    getUserData(key: string): Promise<Uint8Array | null>
    setUserData(key: string, value: Uint8Array): Promise<void>
    /** A length of its own over the same blocks. */
    session(options?: { name: string }): Core
    treeHash(length?: number): Promise<Uint8Array>
  }
  export interface CoreOptions {
    readonly active?: boolean
    readonly createIfMissing?: boolean
    /** `false`: what is not there is not waited for. */
    readonly wait?: boolean
  }
  export interface Storage {
    /** The core that was opened by this name. */
    getAlias(alias: { name: string; namespace: Uint8Array }): Promise<Uint8Array | null>
    /** Brings a core of an earlier version up to date, before it is opened. */
    _migrateCore(core: unknown, discoveryKey: Uint8Array, version: number): Promise<void>
  }
  export default class Corestore extends ReadyResource {
    constructor(storage: string, options?: { readOnly?: boolean; primaryKey?: Uint8Array; unsafe?: boolean })
    readonly storage: Storage
    /** Those that are open. */
    readonly cores: Iterable<{
      readonly state: {
        readonly mutex: { lock(): Promise<void>; unlock(): void }
      } | null
    }>
    /** The namespace of its names. */
    readonly ns: Uint8Array
    /** To be closed on its own; the store stays open. */
    session(): Corestore
    get(options: CoreOptions & ({ name: string } | { key: Uint8Array })): Core
    replicate(connection: Duplex): Duplex
  }
}
