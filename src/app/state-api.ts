import { KEYS } from './state-keys.ts'

/** The value of a key, or null: what is confirmed, or the latest. */
export type ReadKey = (key: string, confirmed: boolean) => Promise<unknown>

/**
 * The shared state by what is in it (spec/subnet 3.3). Each read ends with `signed`: true (the default) for what a
 * majority of the indexers has signed, false for the latest. A count that is not there is 0, a flag is false,
 * everything else is null.
 */
export class StateApi {
  readonly #read: ReadKey

  constructor(read: ReadKey) {
    this.#read = read
  }

  getAdmin(signed = true): Promise<unknown> {
    return this.#read(KEYS.admin, signed)
  }

  getWhitelistEnabled(signed = true): Promise<boolean> {
    return this.#is(true, KEYS.whitelist, signed)
  }

  getWhitelistStatus(address: string, signed = true): Promise<boolean> {
    return this.#is(true, KEYS.whitelisted(address), signed)
  }

  getModStatus(address: string, signed = true): Promise<boolean> {
    return this.#is(true, KEYS.mod(address), signed)
  }

  getMuteStatus(address: string, signed = true): Promise<boolean> {
    return this.#is(true, KEYS.muted(address), signed)
  }

  getAutoAddWritersStatus(signed = true): Promise<boolean> {
    return this.#is('on', KEYS.autoAddWriters, signed)
  }

  getChatStatus(signed = true): Promise<boolean> {
    return this.#is('on', KEYS.chatStatus, signed)
  }

  getAddressFromNick(nick: string, signed = true): Promise<unknown> {
    return this.#read(KEYS.nickOwner(nick), signed)
  }

  getNick(address: string, signed = true): Promise<unknown> {
    return this.#read(KEYS.nick(address), signed)
  }

  getPinnedMessageLength(signed = true): Promise<number> {
    return this.#count(KEYS.pins, signed)
  }

  /** `{ msg, pinned }`, where `msg` is the place of the message. */
  getPinnedMessage(index: number, signed = true): Promise<unknown> {
    return this.#read(KEYS.pin(index), signed)
  }

  getDeletedMessageLength(signed = true): Promise<number> {
    return this.#count(KEYS.deleted, signed)
  }

  /** The place of the message. */
  getDeletedMessage(index: number, signed = true): Promise<unknown> {
    return this.#read(KEYS.deletedMessage(index), signed)
  }

  getMessageLength(signed = true): Promise<number> {
    return this.#count(KEYS.messages, signed)
  }

  getMessage(index: number, signed = true): Promise<unknown> {
    return this.#read(KEYS.message(index), signed)
  }

  getUserMessageLength(address: string, signed = true): Promise<number> {
    return this.#count(KEYS.userMessages(address), signed)
  }

  /** The message itself. */
  async getUserMessage(address: string, index: number, signed = true): Promise<unknown> {
    const key = await this.#read(KEYS.userMessage(address, index), signed)
    return typeof key === 'string' ? this.#read(key, signed) : null
  }

  getTxLength(signed = true): Promise<number> {
    return this.#count(KEYS.txs, signed)
  }

  getTx(index: number, signed = true): Promise<unknown> {
    return this.#read(KEYS.txEntry(index), signed)
  }

  /** The transaction with this hash. */
  getTxData(hash: string, signed = true): Promise<unknown> {
    return this.#txAt(KEYS.txIndex(hash), signed)
  }

  getUserTxLength(address: string, signed = true): Promise<number> {
    return this.#count(KEYS.userTxs(address), signed)
  }

  /** The transaction itself. */
  getUserTx(address: string, index: number, signed = true): Promise<unknown> {
    return this.#txAt(KEYS.userTx(address, index), signed)
  }

  async #txAt(key: string, signed: boolean): Promise<unknown> {
    const index = await this.#read(key, signed)
    return typeof index === 'number' ? this.getTx(index, signed) : null
  }

  async #count(key: string, signed: boolean): Promise<number> {
    const count = await this.#read(key, signed)
    return typeof count === 'number' ? count : 0
  }

  async #is(value: unknown, key: string, signed: boolean): Promise<boolean> {
    return (await this.#read(key, signed)) === value
  }
}

/** By name. */
export const STATE_READS: ReadonlySet<string> = new Set(
  Object.getOwnPropertyNames(StateApi.prototype).filter((name) => name !== 'constructor')
)
