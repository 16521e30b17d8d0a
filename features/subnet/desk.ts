import ReadyResource from 'ready-resource'
import type { Feature, FeatureHost } from '../../src/app/feature.ts'
import type { Dispatch } from '../../src/app/payloads.ts'
import { messageOf } from '../../src/base/errors.ts'
import type { Hex32 } from '../../src/base/hex.ts'
import { randomNonce } from '../../src/base/nonce.ts'
import type { IntercomNode } from '../../src/node.ts'
import type { Answer } from '../../src/planes.ts'
import type {
  AppName,
  ContractDescription,
  ListArgs,
  SignedTx,
  SubnetOperation,
  SubnetPlane,
  SubnetStats
} from '../../src/subnet-plane.ts'
import { createApiHost } from './app/api-host.ts'
import { describeContract } from './app/describe.ts'
import { AppFeatures } from './app/features.ts'
import type { LoadedApp } from './app/load-app.ts'
import { AppWatch } from './app/watch.ts'
import { DryRunner } from './dry-run.ts'
import type { Applied } from './engine/events.ts'
import { localVerifier } from './engine/local-settlement.ts'
import { KEYS } from './engine/state-keys.ts'
import { explained, hereOrNull, uncertain } from './log/failures.ts'
import { Reader } from './reading/reader.ts'
import { statsLines } from './reading/stats-lines.ts'
import { Teller, type Told } from './reading/told.ts'
import { Subnet, type SubnetOptions } from './subnet.ts'
import { Transactions, type TransactionsOptions } from './transactions/transactions.ts'
import { Attempts } from './writing/attempts.ts'
import { Operations } from './writing/operations.ts'

const MISSED_AT_ONCE = 500

export interface DeskOptions {
  readonly app: LoadedApp
  /** Features that the node adds to those of the app. */
  readonly features?: Readonly<Record<string, (host: FeatureHost) => Feature>>
  readonly transactions?: Partial<TransactionsOptions>
  readonly times?: SubnetOptions['times']
  /** Whether `protocol.api.post` puts messages of others into the log. */
  readonly apiMsgExposed?: boolean | undefined
}

/** What people and programs ask of the subnet, and the answers in words and in data. */
export class SubnetDesk extends ReadyResource implements SubnetPlane {
  readonly subnet: Subnet
  readonly #node: IntercomNode
  readonly #app: LoadedApp
  readonly #reader: Reader
  readonly #appWatch: AppWatch
  readonly #operations: Operations
  readonly #transactions: Transactions
  readonly #features: AppFeatures
  #teller = new Teller(0)

  constructor(node: IntercomNode, { app, features = {}, transactions, times, apiMsgExposed }: DeskOptions) {
    super()
    this.#node = node
    this.#app = app
    this.subnet = new Subnet(node, {
      app,
      settlements: { local: localVerifier },
      times,
      peer: {
        generateNonce: randomNonce,
        assertSigned: () => this.subnet.assertAgrees(),
        transact: async (command, sim) => (await this.tx({ command, sim })).result,
        api: createApiHost(
          this,
          { messages: apiMsgExposed === true, transactions: node.config.apiTxExposed === true },
          (op) => this.#operations.postSigned(op)
        )
      }
    })
    const { name, version, hash } = app
    this.#reader = new Reader(this.subnet, { name, version, hash })
    this.#appWatch = new AppWatch(this.subnet, this.#reader, app)
    const createDryRunner = () => new DryRunner({ app: node.config.app, log: this.subnet.log })
    this.#transactions = new Transactions(node, this.subnet, {
      createTrialRunner: createDryRunner,
      ...transactions
    })
    const attempts = new Attempts(app.createContract(this.subnet.protocol), (input, rules) =>
      this.#transactions.attempt(input, rules)
    )
    this.#operations = new Operations(node, this.subnet, { name, version, hash }, attempts)
    this.#features = new AppFeatures(node, this.subnet, { ...app.features, ...features }, attempts)
  }

  get bootstrap(): Hex32 {
    return this.subnet.bootstrap
  }

  get channel(): string | null {
    return this.subnet.channel
  }

  get writerKey(): Hex32 {
    return this.subnet.writerKey
  }

  get app(): AppName {
    const { name, version, hash } = this.#app
    return { name, version, hash }
  }

  get writable(): boolean {
    return this.subnet.writable
  }

  get interrupted(): string | null {
    return this.subnet.interrupted
  }

  get split(): boolean {
    return this.subnet.split
  }

  get isIndexer(): boolean {
    return this.subnet.isIndexer
  }

  get(key: string, confirmed = true): Promise<unknown> {
    return this.#read(this.#reader.get(key, confirmed))
  }

  list(args: ListArgs) {
    return this.#read(this.#reader.list(args))
  }

  async stats(): Promise<Answer<SubnetStats>> {
    const result = await this.#read(this.#reader.stats())
    return { lines: statsLines(result, this.subnet.failed ? null : this.subnet.base), result }
  }

  roles() {
    return this.#read(this.#reader.roles())
  }

  messages(args: { readonly from?: number | undefined; readonly limit?: number | undefined }) {
    return this.#read(this.#reader.messages(args))
  }

  post(args: Parameters<SubnetPlane['post']>[0]) {
    return this.#written(this.#operations.post(args))
  }

  setNick(args: Parameters<SubnetPlane['setNick']>[0]) {
    return this.#written(this.#operations.setNick(args))
  }

  operate(operation: SubnetOperation, args: Readonly<Record<string, unknown>>) {
    return this.#written(this.#operations.operate(operation, args))
  }

  tx(args: Parameters<SubnetPlane['tx']>[0]) {
    return this.#written(this.#transactions.tx(args))
  }

  txContext() {
    return this.#read(this.#transactions.context())
  }

  mapCommand(command: string): Dispatch | null {
    return this.#transactions.mapCommand(command)
  }

  submit(signed: SignedTx, sim: boolean) {
    return this.#written(this.#transactions.submit(signed, sim))
  }

  contractSchema(): ContractDescription {
    return describeContract(this.#app.createContract(this.subnet.protocol), this.subnet.protocol)
  }

  get api(): ReadonlyMap<string, (...args: unknown[]) => unknown> {
    const methods = Object.entries(this.subnet.protocol.api).filter(
      ([, method]) => typeof method === 'function'
    )
    return new Map(methods as [string, (...args: unknown[]) => unknown][])
  }

  #read<T>(work: Promise<T>): Promise<T> {
    return explained(work, () => this.subnet.closedBy?.error ?? null)
  }

  #written<T>(work: Promise<T>): Promise<T> {
    return explained(work, () => {
      const { closedBy } = this.subnet
      return closedBy === null ? null : uncertain(closedBy)
    })
  }

  protected override async _open(): Promise<void> {
    this.subnet.on('applied', (applied: Applied) => this.#handleApplied(applied))
    this.subnet.on('writable', (writable: boolean) => void this.emit('writable', writable))
    await this.subnet.ready()
    try {
      await this.#appWatch.check()
      this.#teller = new Teller(await this.#messagesHere())
      await this.subnet.protocol.extendApi()
      await this.#transactions.ready()
      await this.#features.ready()
    } catch (error) {
      await this._close()
      throw error
    }
    this.#node.planes.subnet = this
  }

  protected override async _close(): Promise<void> {
    this.#node.planes.subnet = null
    await this.#features.close()
    await this.#transactions.close()
    await this.subnet.close()
  }

  /** Where that is not here, what was said meanwhile is not told: it can be read by `messages`. */
  async #messagesHere(): Promise<number> {
    const count = await hereOrNull(this.subnet.stateHere().count(KEYS.messages))
    return count ?? Number.POSITIVE_INFINITY
  }

  #handleApplied(applied: Applied): void {
    if (applied.changed.has(KEYS.messages) && applied.operations.length === 0) void this.#tellMissed()
    this.#tell(this.#teller.tell(applied))
    this.#appWatch.handleApplied(applied)
    if (applied.changed.size > 0) this.emit('changed', applied.changed)
    if (applied.more) this.emit('unnamed')
  }

  /** Messages that came with a state of the indexers; whoever cannot take them all is told by their own queue. */
  async #tellMissed(): Promise<void> {
    try {
      for (;;) {
        const from = this.#teller.messages
        // What was here at the start is not known, so neither is what came since.
        if (from === Number.POSITIVE_INFINITY) return this.#teller.skipTo(await this.#messagesHere())
        const { total, messages } = await this.#reader.messages({ from, limit: MISSED_AT_ONCE })
        const told = this.#teller.tellStored(messages, Math.min(total, from + MISSED_AT_ONCE))
        this.#tell(told)
        if (this.closing !== null || this.#teller.messages >= total) return
      }
    } catch (error) {
      if (!this.closing) this.subnet.log.error('cannot tell what was said', { error: messageOf(error) })
    }
  }

  #tell({ lines, messages }: Told): void {
    for (const line of lines) this.emit('line', line)
    for (const message of messages) this.emit('chat', message)
  }
}
