import { fromBigIntString, safeBigInt, toBigIntString } from './amounts.ts'
import type { Feature } from './feature.ts'
import { type ErrorLike, getError, safeClone, safeJsonParse, safeJsonStringify } from './json.ts'
import { parseArgs } from './parse-args.ts'
import { type TxParts, txHash } from './payloads.ts'
import { type ApiHost, ProtocolApi } from './protocol-api.ts'

export interface Command {
  readonly type: string
  /** Null is a value, undefined is none. */
  readonly value: unknown
}

/** A command of the app: typed as `/<name> --key value`, at the terminal or by the `cli` of the bridge. */
export interface AppCommand {
  /** One line, for the help. */
  readonly help: string
  /** A whole line as it is typed. */
  readonly example: string
  /**
   * Gets what was typed, by name; null where a name has no value. What is returned is what people and programs
   * get: a text as it is, everything else as JSON.
   */
  run(args: Readonly<Record<string, string | null>>): unknown
}

/** The node as a protocol has it. */
export interface ProtocolPeer {
  /** 32 random bytes as hex. */
  generateNonce(): string
  /** Sends the command as a transaction, or with `sim` only tries what it would do. */
  transact(command: Command, sim: boolean): Promise<unknown>
  /** Throws while nothing that is here is what the indexers have signed. */
  assertSigned?(): void
  /** What `protocol.api` works with; none where a protocol is used without a node. */
  readonly api?: ApiHost
}

interface Bee {
  readonly core: { readonly signedLength: number }
  get(key: string): Promise<{ readonly value: unknown } | null>
  checkout(length: number): Bee
  close(): Promise<void>
}

export interface ProtocolBase {
  readonly view: Bee
}

/** The commands of an app: what people and agents type becomes transactions of its contract. */
export class Protocol {
  readonly peer: ProtocolPeer
  readonly base: ProtocolBase
  readonly config: unknown
  readonly features = new Map<string, Feature>()
  /** The subnet for programs; `extendApi` adds to it. */
  readonly api: ProtocolApi = new ProtocolApi(this)
  input: string | null = null
  tokenized_input: readonly string[] | null = null

  constructor(peer: ProtocolPeer, base: ProtocolBase, config: unknown = {}) {
    this.peer = peer
    this.base = base
    this.config = config
  }

  // To be overridden by the app.

  /** By name, in small letters. Those of the node come first: an app cannot take their place. */
  readonly commands: Readonly<Record<string, AppCommand>> = {}

  mapTxCommand(_command: string): Command | null {
    return null
  }

  /**
   * Gets whatever is no command of the node or of `commands`. What is printed with `console`, or else returned, is
   * the answer; who prints nothing and returns undefined does not know the command.
   */
  async customCommand(_input: string): Promise<unknown> {
    return undefined
  }

  /** What `/help` says of this app: a text or a list of them, printed with `console` or returned. */
  async printOptions(): Promise<unknown> {
    return undefined
  }

  async extendApi(): Promise<void> {}

  txMaxBytes(): number {
    return 4096
  }

  msgMaxBytes(): number {
    return 8192
  }

  featMaxBytes(): number {
    return 4096
  }

  // For the app.

  /** The latest value in the local view, which may still be reordered. */
  async get(key: string): Promise<unknown> {
    return (await this.base.view.get(key))?.value ?? null
  }

  /** The value a majority of the indexers has signed. */
  async getSigned(key: string): Promise<unknown> {
    this.peer.assertSigned?.()
    const { view } = this.base
    if (view.core.signedLength === 0) return null
    const confirmed = view.checkout(view.core.signedLength)
    try {
      return (await confirmed.get(key))?.value ?? null
    } finally {
      await confirmed.close()
    }
  }

  async tx(subject: { readonly command: string }, sim = false): Promise<unknown> {
    const command = this.mapTxCommand(subject.command)
    if (command === null) throw new Error('HyperMallProtocol::tx(): command not found.')
    return this.peer.transact(command, sim)
  }

  addFeature(key: string, feature: Feature): void {
    if (this.features.has(key)) throw new Error(`addFeature(key, feature): the key ${key} is taken.`)
    feature.key = key
    this.features.set(key, feature)
  }

  generateNonce(): string {
    return this.peer.generateNonce()
  }

  generateTx(
    networkId: number,
    txv: string,
    iw: string,
    ch: string,
    bs: string,
    mbs: string,
    nonce: string
  ): string {
    const parts: TxParts = { networkId, txv, iw, ch, bs, mbs, nonce }
    return txHash(parts)
  }

  tokenizeInput(input: string): void {
    this.input = input
    this.tokenized_input = input.split(' ')
  }

  parseArgs(line: string): Record<string, string | null> {
    return parseArgs(line)
  }

  getError(value: unknown): ErrorLike | null {
    return getError(value)
  }

  safeBigInt(value: unknown): bigint | null {
    return safeBigInt(value)
  }

  toBigIntString(decimal: unknown, decimals = 18): string {
    return toBigIntString(decimal, decimals)
  }

  fromBigIntString(value: unknown, decimals = 18): string {
    return fromBigIntString(value, decimals)
  }

  safeJsonStringify(value: unknown): string | null {
    return safeJsonStringify(value)
  }

  safeJsonParse(text: unknown): unknown {
    return safeJsonParse(text)
  }

  safeClone(value: unknown): unknown {
    return safeClone(value)
  }
}
