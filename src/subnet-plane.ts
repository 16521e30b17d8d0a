import type { Dispatch, TxContext } from './app/payloads.ts'
import type { Hex32 } from './base/hex.ts'
import type { SubnetOperation } from './base/subnet-operations.ts'
import type { Answer } from './planes.ts'

export { SUBNET_OPERATIONS, type SubnetOperation } from './base/subnet-operations.ts'

/** One key of the shared state. */
export interface StateEntry {
  readonly key: string
  readonly value: unknown
}

export interface ListArgs {
  readonly prefix: string
  /** Only keys after this one, so that a long list can be read in pages. */
  readonly after?: string | undefined
  readonly limit?: number | undefined
  readonly confirmed?: boolean | undefined
}

export interface SubnetStats {
  readonly bootstrap: Hex32
  /** Null where it was joined by its bootstrap alone. */
  readonly channel: string | null
  readonly writerKey: Hex32
  readonly admin: string | null
  /** Null until there is an admin. */
  readonly ruleset: 1 | 2 | null
  readonly settlement: 'local' | 'msb'
  readonly isIndexer: boolean
  readonly isWriter: boolean
  readonly indexers: number
  readonly writers: number
  readonly viewLength: number
  /** What a majority of the indexers has signed; the rest may still be reordered. */
  readonly signedLength: number
  readonly viewHash: string
  readonly systemLength: number
  readonly systemHash: string
  /** Why nothing is applied any more, or null. */
  readonly interrupted: string | null
  /** A quorum of the indexers has signed another state than this peer has. */
  readonly split: boolean
  /** Writer keys of the indexers that signed another state; those who are fewer than a quorum may be wrong themselves. */
  readonly differingIndexers: readonly string[]
  readonly app: AppStatus
}

export interface AppName {
  readonly name: string
  readonly version: string
  readonly hash: string
}

export interface AppStatus extends AppName {
  /** What the admin says is in force, or null; another one than ours makes another state. */
  readonly inForce: AppName | null
}

export interface SubnetRoles {
  readonly admin: string | null
  readonly ruleset: 1 | 2 | null
  readonly autoAddWriters: boolean
  readonly chat: boolean
  readonly transactions: boolean
  readonly whitelist: boolean
  readonly writers: readonly { readonly key: string; readonly indexer: boolean }[]
  readonly mods: readonly string[]
  readonly muted: readonly string[]
  readonly whitelisted: readonly string[]
  readonly banned: readonly string[]
}

/** A message of the subnet's chat. What it says is not to be trusted. */
export interface ChatMessage {
  /** Its place, from 0: what `reply_to`, /delete_message and /pin_message name. */
  readonly n: number
  readonly address: string
  readonly nick: string | null
  /** Null once it was deleted. */
  readonly message: string | null
  readonly attachments: readonly string[]
  readonly replyTo: number | null
  readonly pinned: boolean
  readonly deletedBy: string | null
}

export interface StateChange {
  readonly key: string
  /** As it is now; null when the key is gone. */
  readonly value: unknown
}

/** An operation that this peer wrote, as it was applied here. */
export interface OperationResult {
  readonly type: string
  /** Its signature, or what stands for it. */
  readonly id: string
}

export interface TxResult {
  readonly tx: string
  readonly simulated: boolean
  /** What the contract said is wrong, as it stands in the state; null when it said nothing. */
  readonly error: string | number | null
  /** What the function returned; of a simulation only. */
  readonly value: unknown
  /** What the contract logged; of a simulation only. */
  readonly log: readonly string[]
  /** False while no writer has put it into the log: it is kept, and sent again. */
  readonly appended: boolean
  /** Its place among the transactions (`txi/<n>`), once it is applied here. */
  readonly n: number | null
}

/** A transaction signed elsewhere, as the HTTP interface and the bridge take it. */
export interface SignedTx {
  readonly tx: string
  readonly preparedCommand: Dispatch
  /** Public key of who signed it. */
  readonly address: string
  readonly signature: string
  readonly nonce: string
}

export interface SubnetEvents {
  /**
   * Once per message, in the order of the log as far as it is known. The signature is null where the message
   * came with a state that others had signed already.
   */
  readonly chat: (message: ChatMessage & { readonly signature: string | null }) => void
  /** What people at the terminal read of operations that were applied; cleaned. */
  readonly line: (line: string) => void
  /** Keys whose value may be another one now, after each batch: from then on `get` gives that one. */
  readonly changed: (keys: ReadonlySet<string>) => void
  /** More keys changed than were named: whoever depends on it reads again. */
  readonly unnamed: () => void
  /** This peer may write now, or may no longer. */
  readonly writable: (writable: boolean) => void
}

/** The subnet as other planes see it. What is refused throws an IntercomError with the next step. */
export interface SubnetPlane {
  readonly bootstrap: Hex32
  readonly channel: string | null
  readonly writerKey: Hex32
  /** The one that runs here. */
  readonly app: AppName
  readonly writable: boolean
  readonly isIndexer: boolean
  /** Why nothing is applied any more, or null. */
  readonly interrupted: string | null
  /** The indexers have signed another state than this peer has; it writes nothing meanwhile. */
  readonly split: boolean
  /** Of `confirmed` state (the default) nothing is ever taken back; the latest may still be reordered. */
  get(key: string, confirmed?: boolean): Promise<unknown>
  list(args: ListArgs): Promise<readonly StateEntry[]>
  stats(): Promise<Answer<SubnetStats>>
  roles(): Promise<SubnetRoles>
  messages(args: {
    readonly from?: number | undefined
    readonly limit?: number | undefined
  }): Promise<{ readonly total: number; readonly messages: readonly ChatMessage[] }>
  post(args: {
    readonly message: string
    readonly reply_to?: number | undefined
    readonly attachments?: readonly string[] | undefined
  }): Promise<Answer<OperationResult & { readonly n: number | null }>>
  setNick(args: {
    readonly nick: string
    readonly user?: string | undefined
  }): Promise<Answer<OperationResult>>
  /** `args` as in the command table, checked or not. */
  operate(
    operation: SubnetOperation,
    args: Readonly<Record<string, unknown>>
  ): Promise<Answer<OperationResult>>
  /** A command of the app, or a dispatch that is none; with `sim` it is only tried, on the latest state. */
  tx(args: {
    readonly command: string | Dispatch
    readonly sim?: boolean | undefined
  }): Promise<Answer<TxResult>>
  /** What a stranger needs to build and sign a transaction. */
  txContext(): Promise<TxContext>
  mapCommand(command: string): Dispatch | null
  submit(signed: SignedTx, sim: boolean): Promise<TxResult>
  /** JSON Schema of the transactions of the app (spec/subnet 6), and what `extendApi` added. */
  contractSchema(): ContractDescription
  /** What the app added for programs, by name. */
  readonly api: ReadonlyMap<string, (...args: unknown[]) => unknown>
  on<E extends keyof SubnetEvents>(event: E, listener: SubnetEvents[E]): void
  off<E extends keyof SubnetEvents>(event: E, listener: SubnetEvents[E]): void
}

export interface ContractDescription {
  readonly schemaVersion: 1
  readonly schemaFormat: 'json-schema'
  readonly contract: {
    readonly contractClass: string
    readonly protocolClass: string
    readonly txTypes: readonly string[]
    readonly ops: Readonly<Record<string, { readonly key?: object; readonly value?: object }>>
  }
  readonly api: { readonly methods: Readonly<Record<string, { readonly params: readonly string[] }>> }
}
