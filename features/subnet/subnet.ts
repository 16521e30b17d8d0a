import Autobase from 'autobase'
import b4a from 'b4a'
import Hyperbee from 'hyperbee'
import ProtomuxWakeup from 'protomux-wakeup'
import ReadyResource from 'ready-resource'
import sodium from 'sodium-universal'
import type { Contract } from '../../src/app/contract.ts'
import type { Protocol, ProtocolPeer } from '../../src/app/protocol.ts'
import { IntercomError, messageOf } from '../../src/base/errors.ts'
import { type Hex32, hex32 } from '../../src/base/hex.ts'
import type { Log } from '../../src/base/log.ts'
import type { IntercomNode } from '../../src/node.ts'
import { Appender } from './appender.ts'
import { createApply } from './engine/apply.ts'
import { operationEncoding } from './engine/encoding.ts'
import type { Applied, AppliedOperation } from './engine/events.ts'
import type { Rules, SettlementKind } from './engine/rules.ts'
import { rulesOf, settlementKind } from './engine/ruleset.ts'
import { ContractRunner } from './engine/runner.ts'
@@import type { Settlements } from './engine/settlement.ts'
import { State } from './engine/state.ts'
import { KEYS } from './engine/state-keys.ts'
import { changedSince } from './jump.ts'
import { Members } from './members.ts'
import { Pen } from './pen.ts'
import { keepPlace, keptElsewhere, type Place, placeOf, randomChannel } from './place.ts'

/** An app as the subnet needs it: `load-app.ts` makes them from a folder. */
export interface App {
  createProtocol(peer: ProtocolPeer, base: { readonly view: Hyperbee }): Protocol
  createContract(protocol: Protocol): Contract
}

export interface SubnetOptions {
  readonly app: App
  readonly settlements: Settlements
  /** What the protocol of the app may ask of this peer. */
  readonly peer: ProtocolPeer
}

/** More waits between two confirmations than this only where something is wrong. */
const ACK_INTERVAL = 1000

/**
 * A peer's part of the shared state: the log, the view that is computed from it, and those it is shared with.
 * Events: `applied` (Applied), `writable` (boolean), `interrupted` (string).
 */
export class Subnet extends ReadyResource {
  readonly protocol: Protocol
  readonly log: Log
  readonly #node: IntercomNode
  readonly #options: SubnetOptions
  readonly #appender = new Appender((ops) => this.#append(ops))
  readonly #wakeup = new ProtomuxWakeup()
  readonly members: Members
  #base: Autobase | null = null
  #pen: Pen | null = null
  #channel: string | null = null
  #interrupted: string | null = null
  #stopReplicating: () => void = () => {}
  /** Applied, and not to be read in the view before it is updated. */
  #applied: Applied[] = []
  #jumped = false
  /** Of the view, as it was told last. */
  #toldLength = 0

  constructor(node: IntercomNode, options: SubnetOptions) {
    super()
    this.#node = node
    this.#options = options
    this.log = node.log.area('subnet')
    const self = this
    this.protocol = options.app.createProtocol(options.peer, {
      get view() {
        return self.base.view
      }
    })
    this.members = new Members(this, node)
  }

  get base(): Autobase {
    if (this.#base === null) throw new IntercomError('closed', 'The subnet is not open.')
    return this.#base
  }

  /** What the subnet is known by: the writer key of the peer that made it. */
  get bootstrap(): Hex32 {
    return hex32(this.base.key)
  }

  get writerKey(): Hex32 {
    return hex32(this.base.local.key)
  }

  get peerKey(): Hex32 {
    return this.#node.key
  }

  /** The name it was made under; null where it was joined by its bootstrap alone. */
  get channel(): string | null {
    return this.#channel
  }

  get writable(): boolean {
    return this.#interrupted === null && this.base.writable
  }

  /** Why nothing is applied any more, or null. */
  get interrupted(): string | null {
    return this.#interrupted
  }

  /** Writes signed operations of this subnet. */
  get pen(): Pen {
    this.#pen ??= new Pen(this.#node.signer, this.bootstrap)
    return this.#pen
  }

  /** The latest value, which may still be reordered; null when there is none. */
  async read(key: string): Promise<unknown> {
    return (await this.base.view.get(key))?.value ?? null
  }

  /** The view as a majority of the indexers has signed it; to be closed by whoever asked. */
  confirmedView(): Hyperbee {
    const { view } = this.base
    return view.checkout(view.core.signedLength)
  }

  /** The value a majority of the indexers has signed. */
  async readConfirmed(key: string): Promise<unknown> {
    // A view of no length would be taken for the latest.
    if (this.base.view.core.signedLength === 0) return null
    const view = this.confirmedView()
    try {
      return (await view.get(key))?.value ?? null
    } finally {
      await view.close()
    }
  }

  state(): State {
    const { view } = this.base
    const refused = () => Promise.reject(new TypeError('the view is written by operations only'))
    return new State({ get: (key) => view.get(key), put: refused, del: refused })
  }

  /** Null until there is an admin: before that nobody knows. */
  async rules(): Promise<Rules | null> {
    const state = this.state()
    return (await state.has(KEYS.admin)) ? rulesOf(state) : null
  }

  settlementKind(): Promise<SettlementKind> {
    return settlementKind(this.state())
  }

  async writers(): Promise<readonly { readonly key: Hex32; readonly indexer: boolean }[]> {
    const writers: { key: Hex32; indexer: boolean }[] = []
    for await (const { key, value } of this.base.system.list()) {
      if (!value.isRemoved) writers.push({ key: hex32(key), indexer: value.isIndexer })
    }
    return writers
  }

  assertRunning(): void {
    if (this.#interrupted !== null)
      throw new IntercomError('subnet_interrupted', `The subnet has stopped here: ${this.#interrupted}`)
  }

  /**
   * Puts an operation into this peer's log. Resolves with what became of it; null when it was not applied yet,
   * because it waits for operations of others that are not here.
   */
  async append(op: object): Promise<AppliedOperation | null> {
    this.assertRunning()
    if (!this.base.writable) throw new IntercomError('not_writable', 'Peer is not writable.')
    return this.#appender.add(op)
  }

  protected override async _open(): Promise<void> {
    const place = await this.#place()
    const { app, settlements } = this.#options
    const base = new Autobase(
      this.#node.store.corestore.session(),
      place.bootstrap === null ? null : b4a.from(place.bootstrap, 'hex'),
      {
        ackInterval: ACK_INTERVAL,
        wakeup: this.#wakeup,
        valueEncoding: operationEncoding,
        open: (store) =>
          new Hyperbee(store.get('view'), { extension: false, keyEncoding: 'utf-8', valueEncoding: 'json' }),
        apply: createApply({
          contract: new ContractRunner(app.createContract(this.protocol)),
          settlements,
          limits: this.protocol,
          onapplied: (applied) => this.#handleApplied(applied)
        })
      }
    )
    readSoundLogs(base)
    base.on('update', () => this.#handleUpdate())
    base.on('fast-forward', () => {
      this.#jumped = true
    })
    base.on('error', (error: unknown) => this.#handleInterrupt(messageOf(error)))
    base.on('interrupt', (reason: unknown) => this.#handleInterrupt(String(reason)))
    base.on('writable', () => this.#handleWritable(true))
    base.on('unwritable', () => this.#handleWritable(false))
    this.#base = base
    try {
      await base.ready()
      this.#toldLength = base.view.core.length
      this.#channel = place.channel ?? (place.bootstrap === null ? newChannel() : null)
      keepPlace(this.#node, this.bootstrap, this.#channel)
      this.#stopReplicating = this.#node.network.streams((connection) => void base.replicate(connection))
      await this.members.ready()
    } catch (error) {
      await this._close()
      throw error
    }
  }

  protected override async _close(): Promise<void> {
    this.#stopReplicating()
    await this.members.close()
    await this.#base?.close()
    this.#wakeup.destroy()
  }

  /** A store that has taken part in one subnet is not good for another: its log refers to the first. */
  async #place(): Promise<Place> {
    const elsewhere = keptElsewhere(this.#node)
    if (elsewhere !== null && !(await this.#isUnwritten())) {
      throw new IntercomError(
        'subnet_mismatch',
        `This store belongs to the subnet ${elsewhere}, not to ${this.#node.config.subnetBootstrap}.`
      )
    }
    return placeOf(this.#node)
  }

  async #isUnwritten(): Promise<boolean> {
    const local = this.#node.store.corestore.get({ name: 'local' })
    await local.ready()
    try {
      return local.length === 0
    } finally {
      await local.close()
    }
  }

  async #append(ops: readonly object[]): Promise<void> {
    try {
      await this.base.append(ops)
    } catch (error) {
      this.assertRunning()
      throw messageOf(error) === 'Not writable'
        ? new IntercomError('not_writable', 'Peer is not writable.', { cause: error })
        : error
    }
  }

  #handleApplied(applied: Applied): void {
    const { writerKey } = this
    const own = applied.operations.filter(({ from }) => from === writerKey)
    this.#appender.handleApplied({ ...applied, operations: own })
    this.#applied.push(applied)
  }

  #handleUpdate(): void {
    const batches = this.#applied
    this.#applied = []
    const before = this.#toldLength
    this.#toldLength = this.base.view.core.length
    for (const applied of batches) this.emit('applied', applied)
    if (!this.#jumped) return
    this.#jumped = false
    void this.#tellJump(before)
  }

  /** What the indexers had signed was taken over without applying it here: the view says what is new in it. */
  async #tellJump(before: number): Promise<void> {
    try {
      const changed = await changedSince(this.base.view, before)
      this.emit('applied', { operations: [], changed } satisfies Applied)
    } catch (error) {
      if (!this.closing) this.log.error('cannot tell what changed', { error: messageOf(error) })
    }
  }

  #handleWritable(writable: boolean): void {
    this.log.info(writable ? 'this peer may write now' : 'this peer may not write any more')
    this.emit('writable', writable)
  }

  #handleInterrupt(reason: string): void {
    if (this.#interrupted !== null || this.closing) return
    this.#interrupted = reason
    this.log.error('the subnet has stopped here', { reason })
    this.emit('interrupted', reason)
  }
}

function newChannel(): string {
  const random = b4a.alloc(16)
  sodium.randombytes_buf(random)
  return randomChannel(random)
}
