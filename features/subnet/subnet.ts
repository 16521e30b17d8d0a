import type Autobase from 'autobase'
import type Hyperbee from 'hyperbee'
import ProtomuxWakeup from 'protomux-wakeup'
import type { Contract } from '../../src/app/contract.ts'
import type { Protocol, ProtocolPeer } from '../../src/app/protocol.ts'
import { IntercomError, messageOf } from '../../src/base/errors.ts'
import { type Hex32, hex32 } from '../../src/base/hex.ts'
import type { Log } from '../../src/base/log.ts'
import type { IntercomNode } from '../../src/node.ts'
import type { Applied, AppliedOperation } from './engine/events.ts'
import { ContractRunner } from './engine/runner.ts'
import type { Settlements } from './engine/settlement.ts'
import { Agreement } from './log/agreement.ts'
import { Appender } from './log/appender.ts'
import { createBase, watchForks } from './log/base.ts'
import { type Failure, failureOf, openingFailure, stopped, uncertain, unwritten } from './log/failures.ts'
import { Keeper } from './log/keeper.ts'
import { News } from './log/news.ts'
import { OwnLog, ownLogBehind, ownLogSplit } from './log/own-log.ts'
import { Hints } from './members/hints.ts'
import { joinTopics } from './members/meeting.ts'
import { Members } from './members/members.ts'
import { checkedPlace, keepPlace, newChannel, type Place, topicsOf } from './members/place.ts'
import { StateReads } from './reading/state-reads.ts'
import { Pen } from './writing/pen.ts'

/** An app as the subnet needs it: `app/load-app.ts` makes them from a folder. */
export interface App {
  createProtocol(peer: ProtocolPeer, base: { readonly view: Hyperbee }): Protocol
  createContract(protocol: Protocol): Contract
}

export interface SubnetOptions {
  readonly app: App
  readonly settlements: Settlements
  /** What the protocol of the app may ask of this peer. */
  readonly peer: ProtocolPeer
  readonly times?: Partial<typeof TIMES> | undefined
}

/** In ms. */
const TIMES = {
  /** How long a start waits for neighbours to give back what the database has lost. */
  ownLog: 30_000,
  /** How long a read waits for them. */
  read: 10_000,
  /** More waits between two confirmations than this only where something is wrong. */
  ack: 1000,
  /** At least so much is between two looks at what the indexers have signed. */
  agreement: 3000,
  /** Of invitations: see `InvitationTimes`. */
  askAgain: 5000,
  turn: 400
}

/**
 * A peer's part of the shared state: the log, the view that is computed from it, and those it is shared with.
 * Events: `applied` (Applied), `writable` (boolean), `interrupted` (string), `agreement` (whether the indexers have
 * the same state may have changed).
 */
export class Subnet extends StateReads {
  readonly protocol: Protocol
  readonly log: Log
  readonly #node: IntercomNode
  readonly #options: SubnetOptions
  readonly #times: typeof TIMES
  readonly #appender = new Appender((ops) => this.#append(ops))
  readonly #wakeup = new ProtomuxWakeup()
  readonly members: Members
  #base: Autobase | null = null
  #ownLog: OwnLog | null = null
  #news: News | null = null
  #keeper: Keeper | null = null
  #pen: Pen | null = null
  #channel: string | null = null
  #failure: Failure | null = null
  #isWriter = false
  #stopReplicating: () => void = () => {}
  #leaveEarly: () => void = () => {}

  constructor(node: IntercomNode, options: SubnetOptions) {
    super()
    this.#node = node
    this.#options = options
    this.#times = { ...TIMES, ...options.times }
    this.log = node.log.area('subnet')
    const self = this
    this.protocol = options.app.createProtocol(options.peer, {
      get view() {
        return self.base.view
      }
    })
    this.members = new Members(this, node, this.#times)
  }

  protected get readPatience(): number {
    return this.#times.read
  }

  override get base(): Autobase {
    const base = this.#opened
    // A base that has failed closes, and would say of what it has no longer that there is none.
    if (this.#failure !== null && base.closing !== null) throw this.#failure.error
    return base
  }

  get #opened(): Autobase {
    if (this.#base === null) throw new IntercomError('closed', 'The subnet is not open.')
    return this.#base
  }

  /** What the subnet is known by: the writer key of the peer that made it. */
  get bootstrap(): Hex32 {
    return hex32(this.#opened.key)
  }

  get writerKey(): Hex32 {
    return hex32(this.#opened.local.key)
  }

  get peerKey(): Hex32 {
    return this.#node.key
  }

  /** The name it was made under; null where it was joined by its bootstrap alone. */
  get channel(): string | null {
    return this.#channel
  }

  /** Also while the state is opened anew, when the log itself takes nothing for a moment: what comes then waits. */
  get isWriter(): boolean {
    return this.#isWriter || this.base.writable
  }

  get writable(): boolean {
    return this.#failure === null && !this.split && this.isWriter
  }

  get isIndexer(): boolean {
    return this.#failure === null && this.base.isIndexer
  }

  /** The log and the state are closed: a failure ended them. */
  get failed(): boolean {
    return this.#failure !== null && this.#opened.closing !== null
  }

  /** What closed the log, or null: what was under way then fails in ways of its own. */
  get closedBy(): Failure | null {
    return this.failed ? this.#failure : null
  }

  /** Why nothing is applied any more, or null. */
  get interrupted(): string | null {
    return this.#failure?.reason ?? null
  }

  /** Writes signed operations of this subnet. */
  get pen(): Pen {
    this.#pen ??= new Pen(this.#node.signer, this.bootstrap)
    return this.#pen
  }

  assertRunning(): void {
    if (this.#failure !== null) throw this.#failure.error
    if (this.closing !== null) throw new IntercomError('closed', 'The subnet is closing.')
    this.assertAgrees()
  }

  /**
   * Puts an operation into this peer's log. Resolves with what became of it; null when it was not applied yet,
   * because it waits for operations of others that are not here.
   */
  async append(op: object): Promise<AppliedOperation | null> {
    this.assertRunning()
    if (!this.isWriter) throw new IntercomError('not_writable', 'Peer is not writable.')
    return this.#appender.add(op)
  }

  protected override async _open(): Promise<void> {
    try {
      const place = await checkedPlace(this.#node)
      await this.#replicate(place)
      const base = this.#createBase(place)
      await base.ready()
      this.#isWriter = base.writable
      this.#news?.start()
      this.#channel = place.channel ?? (place.bootstrap === null ? newChannel() : null)
      keepPlace(this.#node, this.bootstrap, this.#channel)
      this.#ownLog?.watch(base, () => this.#handleFailure(ownLogBehind()))
      this.#keeper = new Keeper(base)
      this.agreement = this.#createAgreement(base)
      await this.agreement.start()
      await this.members.ready()
      this.#leaveEarly()
    } catch (error) {
      await this._close()
      throw openingFailure(error, this.#node.store)
    }
  }

  protected override async _close(): Promise<void> {
    this.#leaveEarly()
    this.#stopReplicating()
    await this.members.close()
    this.#keeper?.close()
    this.agreement?.close()
    await this.#base?.close()
    this.#ownLog?.close(this.#failure === null)
    this.#wakeup.destroy()
  }

  /** Before there is a base, since neighbours may have to give back a part of this peer's own log first. */
  async #replicate(place: Place): Promise<void> {
    const { store, network } = this.#node
    this.#stopReplicating = network.streams((connection) => {
      store.corestore.replicate(connection)
      this.#wakeup.addStream(connection)
      connection.on('error', (error) => this.#handleConnectionError(error))
    })
    this.#ownLog = new OwnLog({
      store,
      log: this.log,
      patience: this.#times.ownLog,
      meet: (writer) => {
        this.#leaveEarly = joinTopics(network, topicsOf(place, writer), this.log)
      }
    })
    await this.#ownLog.restore()
  }

  #createBase({ bootstrap }: Place): Autobase {
    const { app, settlements } = this.#options
    const base = createBase(this.#node.store, {
      bootstrap,
      wakeup: this.#wakeup,
      times: this.#times,
      contract: new ContractRunner(() => app.createContract(this.protocol)),
      settlements,
      limits: this.protocol,
      onapplied: (applied) => this.#handleApplied(applied)
    })
    this.#base = base
    new Hints(base, async (key) => (await this.member(key)) !== null)
    watchForks(base, {
      onlog: (writer) => this.#handleForkedLog(writer),
      onstate: () => this.#handleFailure(stopped('the indexers have signed two different states.'))
    })
    this.#news = new News(base, { log: this.log, tell: (applied) => void this.emit('applied', applied) })
    base.on('error', (error: unknown) => this.#handleFailure(failureOf(error, this.#node.store)))
    base.on('interrupt', (reason: unknown) => this.#handleFailure(stopped(String(reason))))
    base.on('warning', (error: unknown) => this.log.warn('a fault in a log', { error: messageOf(error) }))
    for (const [event, writable] of [
      ['writable', true],
      ['unwritable', false]
    ] as const)
      base.on(event, () => {
        this.#isWriter = writable
        this.#handleWritable(writable)
      })
    return base
  }

  #createAgreement(base: Autobase): Agreement {
    return new Agreement(base, {
      log: this.log,
      interval: this.#times.agreement,
      onsplit: (split) => this.#handleSplit(split),
      onchange: () => void this.emit('agreement')
    })
  }

  async #append(ops: readonly object[]): Promise<void> {
    try {
      await this.base.append(ops)
    } catch (error) {
      if (this.#failure !== null) throw uncertain(this.#failure)
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
    this.#news?.add(applied)
  }

  #handleWritable(writable: boolean): void {
    this.log.info(writable ? 'this peer may write now' : 'this peer may not write any more')
    this.emit('writable', writable)
  }

  #handleSplit(split: boolean): void {
    if (this.isWriter) this.#handleWritable(!split)
    // What the state was before is nothing to compare it with.
    if (!split) this.emit('applied', { operations: [], changed: new Set<string>(), more: true })
  }

  #handleForkedLog(writer: Hex32): void {
    const own = writer === this.writerKey
    if (!own) this.log.error('a log was split in two; nothing more of that writer is followed', { writer })
    else this.#handleFailure(ownLogSplit())
  }

  /** What comes from neighbours and cannot be kept ends their connections: the database says so there. */
  #handleConnectionError(error: unknown): void {
    const failure = unwritten(error)
    if (failure !== null) this.#handleFailure(failure)
  }

  #handleFailure(failure: Failure): void {
    if (this.#failure !== null || this.closing) return
    this.#failure = failure
    // Or each new connection would end like the last one, and the sidechannels with it.
    if (failure.error.code === 'store_unwritable') this.#stopReplicating()
    const { reason } = failure
    this.log.error('the subnet has stopped here', { reason })
    this.emit('interrupted', reason)
  }
}
