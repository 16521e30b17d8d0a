import b4a from 'b4a'
import { IntercomError } from '../base/errors.ts'
import { verifySignature } from '../base/signature.ts'
import { type Dispatch, type TxContext, txHash } from './payloads.ts'
import {
  checkedMessage,
  checkedNonce,
  checkedSignature,
  invalid,
  type MessageOperation,
  type PreparedMessage,
  prepareMessage
} from './prepared-message.ts'
import { type ReadKey, StateApi } from './state-api.ts'

/** What the API asks of the node it runs on. */
export interface ApiHost {
  readonly bootstrap: string
  readonly writerKey: string
  readonly writable: boolean
  /** What programs may write by it; neither where nobody has said so. */
  readonly exposed: { readonly messages: boolean; readonly transactions: boolean }
  readonly read: ReadKey
  generateNonce(): string
  mapCommand(command: string): Dispatch | null
  txContext(): Promise<TxContext>
  /** Of what settles the transactions; null where this version cannot. */
  msbBootstrap(): Promise<string | null>
  /** What the author of a message signs. */
  messageBytes(prepared: PreparedMessage, nonce: string): Promise<Uint8Array>
  /** Puts a message that is signed into the log. */
  postSigned(op: MessageOperation): Promise<unknown>
  submit(signed: SignedCommand, sim: boolean): Promise<{ readonly error: string | number | null }>
}

export interface SignedCommand {
  readonly tx: string
  readonly preparedCommand: Dispatch
  readonly address: string
  readonly signature: string
  readonly nonce: string
}

/** What the protocol gives it. */
interface ApiProtocol {
  readonly peer: { readonly api?: ApiHost }
  msgMaxBytes(): number
}

/** The subnet for programs (spec/subnet 3.3). What an app adds in `extendApi` stands beside it. */
export class ProtocolApi extends StateApi {
  [added: string]: unknown
  readonly #protocol: ApiProtocol

  constructor(protocol: ApiProtocol) {
    super((key, confirmed) => this.#host.read(key, confirmed))
    this.#protocol = protocol
  }

  /** Who settles what is sent from here: nobody before it is sent. */
  getPeerValidatorAddress(): null {
    return null
  }

  getPeerBootstrap(): string {
    return this.#host.bootstrap
  }

  getPeerMsbBootstrap(): Promise<string | null> {
    return this.#host.msbBootstrap()
  }

  getPeerWriterKey(): string {
    return this.#host.writerKey
  }

  generateNonce(): string {
    return this.#host.generateNonce()
  }

  msgExposed(): boolean {
    return this.#host.exposed.messages === true
  }

  txExposed(): boolean {
    return this.#host.exposed.transactions === true
  }

  prepareMessage(
    msg: string,
    address: string,
    reply_to: number | null = null,
    attachments: readonly string[] = []
  ): PreparedMessage {
    return prepareMessage(msg, address, reply_to, attachments, this.#protocol.msgMaxBytes())
  }

  /** The text to sign, as UTF-8: what it consists of depends on the ruleset of the subnet. */
  async messageToSign(prepared: PreparedMessage, nonce: string): Promise<string> {
    const value = checkedMessage(prepared, this.#protocol.msgMaxBytes())
    return b4a.toString(await this.#host.messageBytes(value, checkedNonce(nonce)), 'utf8')
  }

  async post(prepared: PreparedMessage, signature: string, nonce: string): Promise<unknown> {
    if (!this.msgExposed()) throw new IntercomError('denied', 'Posting messages not exposed in API.')
    this.#assertWritable()
    const value = checkedMessage(prepared, this.#protocol.msgMaxBytes())
    const op: MessageOperation = {
      type: 'msg',
      value,
      hash: checkedSignature(signature),
      nonce: checkedNonce(nonce)
    }
    const bytes = await this.#host.messageBytes(value, nonce)
    if (!verifySignature(signature, bytes, value.dispatch.address))
      throw invalid('Invalid signature. Please sign your prepared message.')
    return this.#host.postSigned(op)
  }

  prepareTxCommand(command: string): Dispatch | null {
    return this.#host.mapCommand(command)
  }

  /** The hash to sign, as 32 bytes. */
  async generateTx(_address: string, command_hash: string, nonce: string): Promise<string> {
    const parts = { ...(await this.#host.txContext()), ch: command_hash, nonce }
    try {
      return txHash(parts)
    } catch (cause) {
      throw new IntercomError('bad_arguments', 'The hash of the command and the nonce are 32 bytes as hex.', {
        cause
      })
    }
  }

  /** Sends what somebody has signed, or with `sim` only tries it; then an error of the contract is thrown. */
  async tx(
    tx: string,
    prepared_command: Dispatch,
    address: string,
    signature: string,
    nonce: string,
    sim = false
  ): Promise<unknown> {
    if (!this.txExposed()) throw new IntercomError('denied', 'Transactions not exposed in API.')
    this.#assertWritable()
    const signed = { tx, preparedCommand: prepared_command, address, signature, nonce }
    const result = await this.#host.submit(signed, Boolean(sim))
    if (sim && result.error !== null) throw new IntercomError('contract_error', String(result.error))
    return result
  }

  get #host(): ApiHost {
    const host = this.#protocol.peer?.api
    if (host === undefined) throw new IntercomError('closed', 'There is no node behind this API.')
    return host
  }

  #assertWritable(): void {
    if (!this.#host.writable) throw new IntercomError('not_writable', 'Peer is not writable.')
  }
}

/** By name: what an app added, and not what it put in the place of ours. */
export function addedMethods(api: ProtocolApi): string[] {
  return Object.keys(api).filter(
    (name) => typeof api[name] === 'function' && !(name in ProtocolApi.prototype)
  )
}
