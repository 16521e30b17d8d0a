import { decodeMessage } from '../../../features/subnet/members/messages.ts'
import { RelayReceiver } from '../../../features/subnet/relay/receiver.ts'
import type { Recorded } from '../../../features/subnet/transactions/ledger.ts'
import type { Transaction } from '../../../features/subnet/transactions/transaction.ts'
import { IntercomError } from '../../../src/base/errors.ts'
import type { Hex32 } from '../../../src/base/hex.ts'
import { createLog } from '../../../src/base/log.ts'
import type { Session } from '../../../src/network/protocols.ts'
import { byte } from './ops.ts'

export type Chance = () => number

/** A block of a writer's log, and all that it comes after. */
interface Block {
  readonly tx: Hex32
  readonly after: ReadonlySet<Block>
}

const log = createLog({ level: 'error', json: false, write: () => {}, now: () => 0 })
const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms))
const ARRIVAL_MS = 10

/** What a member has of the logs of all. */
export class View {
  readonly blocks = new Set<Block>()
  onrecorded: (tx: Hex32) => void = () => {}

  has(tx: Hex32): boolean {
    for (const block of this.blocks) if (block.tx === tx) return true
    return false
  }

  add(block: Block): void {
    if (this.blocks.has(block)) return
    this.blocks.add(block)
    this.onrecorded(block.tx)
  }

  /** Both have what the two had. */
  meet(other: View): void {
    for (const block of this.blocks) other.add(block)
    for (const block of other.blocks) this.add(block)
  }

  async arrives(tx: Hex32): Promise<boolean> {
    for (let waited = 0; waited < ARRIVAL_MS && !this.has(tx); waited += 2) await pause(2)
    return this.has(tx)
  }

  async find(tx: Hex32): Promise<Recorded | null> {
    return this.has(tx) ? { n: 0, error: null } : null
  }

  /** The transactions in one of the orders that the logs allow, each where it comes first. */
  ordered(chance: Chance): Hex32[] {
    const left = new Set(this.blocks)
    const found = new Set<Hex32>()
    while (left.size > 0) {
      const next = [...left].filter(({ after }) => [...after].every((block) => !left.has(block)))
      const block = next[Math.floor(chance() * next.length)] as Block
      left.delete(block)
      found.add(block.tx)
    }
    return [...found]
  }
}

/** A neighbour that relays as a node does, on a log of its own; it may freeze, be cut off and come back. */
export class ModelWriter {
  readonly view = new View()
  session: Session
  frozen = false
  writable = true
  /** How often it could not write. */
  #failures = 0
  readonly #chance: Chance
  readonly #receiver: RelayReceiver
  readonly #key: Hex32
  readonly #answer: (bytes: Uint8Array, session: Session) => void
  #appending = Promise.resolve()
  #delivering = Promise.resolve()

  constructor(n: number, chance: Chance, answer: (bytes: Uint8Array, session: Session) => void) {
    this.#key = byte(0x10 + n) as Hex32
    this.#chance = chance
    this.#answer = answer
    this.session = this.#open()
    this.#receiver = new RelayReceiver({
      isWritable: () => this.writable,
      read: (value) => value as Transaction,
      isRecorded: async (tx) => this.view.has(tx),
      arrives: (tx) => this.view.arrives(tx),
      check: () => pause(chance() * 2),
      append: ({ tx }) => this.#append(tx),
      log,
      now: Date.now
    })
  }

  /** The connection ends; there is another one at once. */
  reconnect(): Session {
    const old = this.session as { open: boolean }
    old.open = false
    this.session = this.#open()
    return old as Session
  }

  #open(): Session {
    const session = {
      open: true,
      drained: true,
      neighbour: { key: this.#key },
      send: (bytes: Uint8Array) => {
        this.#delivering = this.#delivering.then(() => this.#deliver(bytes, session as unknown as Session))
        return true
      }
    }
    return session as unknown as Session
  }

  async #deliver(bytes: Uint8Array, from: Session): Promise<void> {
    while (this.frozen) await pause(2)
    if (this.#chance() < 0.3) await pause(this.#chance() * 2)
    const back = { ...from, send: (reply: Uint8Array) => this.#answer(reply, from) } as unknown as Session
    this.#receiver.handle(decodeMessage(bytes) ?? {}, back)
  }

  /** In the order in which it was asked to; with what cannot be written fails what waits behind it. */
  #append(tx: Hex32): Promise<void> {
    const failures = this.#failures
    const appended = this.#appending
      .then(() => pause(this.#chance() * 3))
      .then(() => {
        if (failures === this.#failures && !this.writable) this.#failures++
        if (failures !== this.#failures) throw new IntercomError('not_writable', 'Peer is not writable.')
        this.view.add({ tx, after: new Set(this.view.blocks) })
      })
    this.#appending = appended.catch(() => {})
    return appended
  }
}
