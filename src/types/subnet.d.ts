/** What we use of the packages that carry the subnet, which ship no types, and no more. */

declare module 'hyperbee' {
  import type { Download } from 'corestore'
  export interface Entry {
    readonly seq: number
    readonly key: string
    readonly value: unknown
  }
  export interface Batch {
    get(key: string): Promise<Entry | null>
    put(key: string, value: unknown): Promise<void>
    del(key: string): Promise<void>
    flush(): Promise<void>
    close(): Promise<void>
  }
  export interface ViewCore {
    readonly length: number
    readonly signedLength: number
    /** How long a block is waited for, in ms; of sessions made from it from then on, too. */
    timeout: number
    treeHash(length?: number): Promise<Uint8Array>
    /** The bytes that whoever signs this core signs of it. */
    signable(length: number, fork: number): Promise<Uint8Array>
    readonly manifest: { readonly signers: readonly { readonly publicKey: Uint8Array }[] } | null
    download(range: { start: number; end: number }): Download
    on(event: 'conflict', listener: () => void): void
  }
  export interface ReadOptions {
    /** `false`: what is not here is not waited for. */
    readonly wait?: boolean
  }
  export default class Hyperbee {
    constructor(core: unknown, options: { extension?: boolean; keyEncoding?: string; valueEncoding?: string })
    readonly core: ViewCore
    ready(): Promise<void>
    close(): Promise<void>
    get(key: string, options?: ReadOptions): Promise<Entry | null>
    batch(): Batch
    checkout(length: number): Hyperbee
    snapshot(): Hyperbee
    /** Forgets what it remembers of blocks from there on. */
    _ontruncate(length: number): void
    createDiffStream(
      length: number
    ): AsyncIterable<{ readonly left: Entry | null; readonly right: Entry | null }>
    createReadStream(range?: { gte?: string; gt?: string; lt?: string; limit?: number }): AsyncIterable<Entry>
  }
}

declare module 'autobase' {
  import type { Duplex } from 'node:stream'
  import type FastForward from 'autobase/lib/fast-forward.js'
  import type Corestore from 'corestore'
  import type Hyperbee from 'hyperbee'
  import type { ViewCore } from 'hyperbee'
  import type ReadyResource from 'ready-resource'
  export interface Member {
    readonly isIndexer: boolean
    readonly isRemoved: boolean
    /** How much of its log is in the view. */
    readonly length: number
  }
  /** What `apply` may do besides writing to the view. */
  export interface ApplyHost {
    readonly key: Uint8Array
    readonly system: {
      readonly indexers: readonly { readonly key: Uint8Array }[]
      /** Those who become indexers with their first word. Written down as it is at the end of the batch. */
      readonly pendingIndexers: Uint8Array[]
      get(key: Uint8Array): Promise<Member | null>
    }
    addWriter(key: Uint8Array, options: { isIndexer: boolean }): Promise<void>
    removeWriter(key: Uint8Array): Promise<void>
    removeable(key: Uint8Array): boolean
    interrupt(reason: string): never
  }
  export interface ApplyNode {
    readonly value: unknown
    readonly from: { readonly key: Uint8Array }
  }
  export interface SystemView {
    readonly core: {
      readonly length: number
      readonly signedLength: number
      treeHash(length?: number): Promise<Uint8Array>
    }
    readonly indexers: readonly { readonly key: Uint8Array }[]
    readonly members: number
    get(key: Uint8Array): Promise<Member | null>
    list(): AsyncIterable<{ readonly key: Uint8Array; readonly value: Member }>
  }
  export interface ViewStore {
    get(name: string): unknown
    /** What the keys of the cores of the state are made of. */
    getIndexerManifests(indexers: readonly LogHead[]): Promise<readonly unknown[]>
    atomize(): ViewStore
  }
  export interface LogHead {
    readonly key: Uint8Array
    readonly length: number
  }
  export interface LogCore {
    readonly key: Uint8Array
    readonly length: number
    on(event: 'append' | 'conflict', listener: () => void): void
  }
  /** That a writer's log is at least so long. */
  export interface WriterHint {
    readonly key: Uint8Array
    readonly length: number
  }
  export interface CheckpointSignature {
    /** Of the core that it is for. */
    readonly length: number
    readonly signature: Uint8Array
  }
  /** What an indexer last said of the state. */
  export interface Checkpoint {
    /** Its log. */
    readonly core: { readonly key: Uint8Array }
    /** Its place among those who sign. */
    readonly signer: number
    /** Which core it has for the members. */
    readonly digest: { readonly key: Uint8Array } | null
    readonly signatures: {
      readonly system: CheckpointSignature | null
      /** One for each view. */
      readonly user: readonly (CheckpointSignature | null)[]
    }
  }
  /** Where a base keeps what it computed. */
  export interface BootRecord {
    /** Of the core of the system. */
    readonly key: Uint8Array | null
  }
  export default class Autobase extends ReadyResource {
    static getBootRecord(store: Corestore, key: Uint8Array | null): Promise<BootRecord | null>
    constructor(
      store: Corestore,
      bootstrap: Uint8Array | null,
      handlers: {
        ackInterval?: number
        fastForward?: boolean
        valueEncoding?: unknown
        wakeup?: unknown
        open: (store: ViewStore) => Hyperbee
        apply: (nodes: readonly ApplyNode[], view: Hyperbee, host: ApplyHost) => Promise<void>
      }
    )
    readonly key: Uint8Array
    readonly discoveryKey: Uint8Array
    readonly local: LogCore
    readonly store: Corestore
    readonly _viewStore: ViewStore
    /** How many blocks of it this base wrote, and those it is about to. */
    readonly _appended: number
    readonly _appending: readonly unknown[] | null
    /** What the indexers have signed of the members. */
    readonly core: ViewCore & { readonly key: Uint8Array | null }
    /** Null until it is open. */
    readonly _applyState: { readonly checkpoints: readonly Checkpoint[] } | null
    getUserData(key: string): Promise<Uint8Array | null>
    setUserData(key: string, value: Uint8Array): Promise<void>
    /** Takes over what a quorum has signed, in place of what was computed here. */
    forceFastForward(): Promise<void>
    _runFastForward(fastForward: FastForward): Promise<void>
    hintWakeup: (hints: WriterHint | readonly WriterHint[]) => void
    readonly view: Hyperbee
    readonly system: SystemView
    readonly linearizer: { readonly indexers: readonly unknown[] } | null
    readonly signedLength: number
    readonly indexedLength: number
    readonly writable: boolean
    isFastForwarding(): boolean
    readonly isIndexer: boolean
    readonly interrupted: string | null
    append(value: unknown): Promise<void>
    ack(): Promise<void>
    update(): Promise<void>
    replicate(connection: boolean | Duplex): Duplex
  }
}

declare module 'autobase/lib/fast-forward.js' {
  import type Autobase from 'autobase'
  /** Taking over of a state that others have signed. */
  export default class FastForward {
    constructor(
      base: Autobase,
      /** Of the core of the members. */
      key: Uint8Array,
      options: {
        /** False: nothing of that core is here yet. */
        verified: boolean
        /** Also where it is no longer than the state that is here. */
        force: boolean
      }
    )
  }
}

declare module 'autobase/lib/messages.js' {
  import type { Encoding } from 'compact-encoding'

  const messages: {
    /** Of the core of the system, and where in it the base is. */
    readonly BootRecord: Encoding<{
      /** What is not signed yet is undone, and applied again. */
      readonly indexersUpdated: boolean
    }>
  }
  export default messages
}

declare module 'autobase/lib/system.js' {
  import type { Core } from 'corestore'
  export interface SystemInfo {
    readonly views: readonly { readonly key: Uint8Array; readonly length: number }[]
  }
  export default class SystemView {
    constructor(core: Core)
    ready(): Promise<void>
    close(): Promise<void>
    /** As it was when the core had this length. */
    getIndexedInfo(length: number): Promise<SystemInfo>
  }
}

declare module 'fd-lock' {
  import type ReadyResource from 'ready-resource'
  /** A lock on an open file, which is closed with it. */
  export default class FDLock extends ReadyResource {
    constructor(fd: number)
  }
}

declare module 'protomux-wakeup' {
  import type { Duplex } from 'node:stream'
  /** Tells neighbours which logs have grown. */
  export interface WakeupSession {
    announce(neighbour: unknown, hints: readonly { key: Uint8Array; length: number }[]): void
  }
  export default class ProtomuxWakeup {
    session(
      capability: Uint8Array,
      handlers: { onpeeradd(neighbour: unknown, session: WakeupSession): void }
    ): WakeupSession
    addStream(connection: Duplex): void
    destroy(): void
  }
}
