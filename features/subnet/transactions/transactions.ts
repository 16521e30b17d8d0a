import b4a from 'b4a'
import ReadyResource from 'ready-resource'
import process from '#process'
import {
  commandHash,
  type Dispatch,
  type TxContext,
  type TxPayload,
  txHash,
  txPayload
} from '../../../src/app/payloads.ts'
import { IntercomError } from '../../../src/base/errors.ts'
import type { Hex32 } from '../../../src/base/hex.ts'
import { randomNonce } from '../../../src/base/nonce.ts'
import type { Session } from '../../../src/network/protocols.ts'
import type { IntercomNode } from '../../../src/node.ts'
import type { Answer } from '../../../src/planes.ts'
import type { SignedTx, TxResult } from '../../../src/subnet-plane.ts'
import { noteSignature } from '../engine/known-signatures.ts'
import type { Rules } from '../engine/rules.ts'
import type { RunInput, Verdict } from '../engine/runner.ts'
import type { Settlement } from '../engine/settlement.ts'
import { Pending } from '../relay/pending.ts'
import { RelayQueue } from '../relay/queue.ts'
import { RelayReceiver } from '../relay/receiver.ts'
import { RelaySender, type RelayTimes } from '../relay/sender.ts'
import type { Subnet } from '../subnet.ts'
import { Delivery } from './delivery.ts'
import { checkedDispatch, commandDispatch, mapCommand } from './dispatch.ts'
import { Ledger } from './ledger.ts'
import { txLines } from './lines.ts'
import { LocalSettlement } from './local-settlement.ts'
import { unavailableMsb } from './msb-settlement.ts'
import { type Standing, Standings, txDisabled } from './standing.ts'
import { signerOf, surrogatePayload } from './surrogate.ts'
import { bytesOf, readTransaction, type Transaction } from './transaction.ts'
import { type Trial, type TrialRunner, Trials } from './trials.ts'
import { type Turn, Turns } from './turns.ts'

/** Until what a neighbour has appended comes here, too. */
const ARRIVAL_MS = 5000
/** Until what a transaction comes after is here: shorter than whoever asked waits for the answer. */
const PREDECESSOR_MS = 3000
/** Who would put a transaction into the log that is only tried. */
const NOBODY = '0'.repeat(64)

export interface TransactionsOptions {
  /** Runs the contract before anything is written. */
  readonly createTrialRunner: () => TrialRunner
  readonly times?: Partial<RelayTimes & { readonly arrival: number; readonly predecessor: number }>
}

interface Job {
  readonly rules: Rules
  readonly settlement: Settlement
  readonly payload: TxPayload
  readonly dispatch: Dispatch
  readonly ipk: string
  readonly sim: boolean
  readonly turn: Turn | null
}

/** Transactions from their command to their place in the state. */
export class Transactions extends ReadyResource {
  readonly #node: IntercomNode
  readonly #subnet: Subnet
  readonly #standings: Standings
  readonly #turns = new Turns()
  readonly #trials: Trials
  /** Of their own: what neighbours send cannot keep this peer's own waiting. */
  readonly #neighboursTrials: Trials
  readonly #ledger: Ledger
  readonly #sender: RelaySender
  readonly #receiver: RelayReceiver
  readonly #queue: RelayQueue
  readonly #delivery: Delivery
  readonly #local: LocalSettlement

  constructor(node: IntercomNode, subnet: Subnet, { createTrialRunner, times = {} }: TransactionsOptions) {
    super()
    this.#node = node
    this.#subnet = subnet
    const { log } = subnet
    const now = () => process.uptime() * 1000
    this.#standings = new Standings(subnet, () => this.#queue.resend())
    this.#trials = new Trials(subnet, createTrialRunner)
    this.#neighboursTrials = new Trials(subnet, createTrialRunner)
    this.#ledger = new Ledger(subnet, {
      onrecorded: (tx, recorded) => this.#queue.handleRecorded(tx, recorded),
      onjump: () => this.#queue.resend()
    })
    this.#sender = new RelaySender({
      sessions: () => subnet.members.sessions,
      arrival: (tx) => this.#ledger.wait(tx, times.arrival ?? ARRIVAL_MS),
      times,
      log
    })
    this.#queue = new RelayQueue({
      pending: new Pending(node.store),
      isEnabled: () => this.#isEnabled(),
      isWritable: () => subnet.writable,
      check: (transaction) => this.#check(this.#trials, transaction),
      find: (tx) => this.#ledger.find(tx),
      append: (transaction) => this.#delivery.append(transaction),
      sender: this.#sender,
      times,
      log,
      now
    })
    this.#delivery = new Delivery({ subnet, ledger: this.#ledger, queue: this.#queue })
    this.#receiver = new RelayReceiver({
      isWritable: () => node.config.subnetRelay && subnet.writable && this.closing === null,
      read: (value) => this.#read(value),
      isRecorded: async (tx) => (await this.#ledger.find(tx)) !== null,
      arrives: async (tx) => (await this.#ledger.wait(tx, times.predecessor ?? PREDECESSOR_MS)) !== null,
      check: (transaction) => this.#check(this.#neighboursTrials, transaction),
      append: (transaction) => this.#delivery.append(transaction),
      log,
      now
    })
    this.#local = new LocalSettlement(subnet, (transaction) => this.#delivery.deliver(transaction))
  }

  mapCommand(command: string): Dispatch | null {
    return mapCommand(this.#subnet.protocol, command)
  }

  async tx(args: {
    readonly command: string | Dispatch
    readonly sim?: boolean | undefined
  }): Promise<Answer<TxResult>> {
    const { command, sim = false } = args
    const { protocol } = this.#subnet
    const given = typeof command === 'string' ? commandDispatch(protocol, command) : command
    const dispatch = checkedDispatch(given, protocol.txMaxBytes())
    const result = await this.#inTurn(sim, (turn) => this.#own(dispatch, sim, turn))
    return { lines: txLines(result), result }
  }

  /** A transaction that somebody else signed, for this peer to send. */
  async submit(signed: SignedTx, sim: boolean): Promise<TxResult> {
    const dispatch = checkedDispatch(signed.preparedCommand, this.#subnet.protocol.txMaxBytes())
    return this.#inTurn(sim, (turn) => this.#surrogate(signed, dispatch, sim, turn))
  }

  /** What else runs the contract is tried first, too. */
  attempt(input: RunInput, rules: Rules): Promise<Verdict> {
    return this.#trials.attempt(input, rules)
  }

  async context(): Promise<TxContext> {
    const { settlement } = await this.#settlement()
    return settlement.context()
  }

  protected override async _open(): Promise<void> {
    const { members } = this.#subnet
    this.#queue.open(this.#subnet.bootstrap)
    members.receive('relayTx', (message, session) => this.#receiver.handle(message, session))
    members.receive('relayed', (message, session) => this.#sender.handleReply(message, session))
    members.on('session', this.#handleSession)
    members.on('session-gone', this.#handleSessionGone)
    this.#subnet.on('writable', this.#handleWritable)
    this.#queue.resend()
  }

  protected override async _close(): Promise<void> {
    const { members } = this.#subnet
    members.off('session', this.#handleSession)
    members.off('session-gone', this.#handleSessionGone)
    this.#subnet.off('writable', this.#handleWritable)
    await this.#trials.close()
    await this.#neighboursTrials.close()
    this.#sender.close()
    this.#ledger.close()
    await this.#queue.close()
    await this.#delivery.settled()
    this.#standings.close()
  }

  readonly #handleSession = (): void => this.#queue.resend()
  readonly #handleSessionGone = (session: Session): void => this.#sender.handleClose(session)
  readonly #handleWritable = (writable: boolean): void => {
    if (writable) this.#queue.resend()
  }

  /** Nobody has to wait for what is only tried. */
  #inTurn<T>(sim: boolean, work: (turn: Turn | null) => Promise<T>): Promise<T> {
    return sim ? work(null) : this.#turns.run(work)
  }

  async #own(dispatch: Dispatch, sim: boolean, turn: Turn | null): Promise<TxResult> {
    const { key: ipk, address, signer } = this.#node
    const { rules, settlement } = await this.#settlement()
    // A contract can be tried without anybody to settle anything.
    if (sim && settlement.kind === 'msb') return this.#simulate({ tx: randomNonce(), dispatch, ipk }, rules)
    const parts = { ...(await settlement.context()), ch: commandHash(dispatch), nonce: randomNonce() }
    const tx = txHash(parts)
    const hash = b4a.from(tx, 'hex')
    const signature = signer.sign(hash)
    noteSignature(signature, hash, ipk)
    const payload = txPayload(address, parts, signature)
    return this.#run({ rules, settlement, payload, dispatch, ipk, sim, turn })
  }

  async #surrogate(signed: SignedTx, dispatch: Dispatch, sim: boolean, turn: Turn | null): Promise<TxResult> {
    const { rules, settlement } = await this.#settlement()
    const ipk = signerOf(signed)
    // Whoever got no answer may send the same one again.
    const recorded = sim ? null : await this.#ledger.find(signed.tx as Hex32)
    if (recorded !== null) return { ...SENT, tx: signed.tx, appended: true, ...recorded }
    const payload = surrogatePayload(signed, ipk, dispatch, await settlement.context())
    await settlement.preflight(payload)
    return this.#run({ rules, settlement, payload, dispatch, ipk, sim, turn })
  }

  async #run({ rules, settlement, payload, dispatch, ipk, sim, turn }: Job): Promise<TxResult> {
    const { tx } = payload.txo
    if (sim) return this.#simulate({ tx, dispatch, ipk }, rules)
    // An error of the contract is no reason to stop: the state may be another one when it is applied.
    await this.#trials.check({ tx, dispatch, ipk, validator: this.#subnet.writerKey }, rules)
    await turn?.ready()
    return { ...SENT, tx, ...(await settlement.broadcast(payload, dispatch)) }
  }

  async #simulate(trial: Omit<Trial, 'validator'>, rules: Rules): Promise<TxResult> {
    const tried = await this.#trials.simulate({ ...trial, validator: NOBODY }, rules)
    return { tx: trial.tx, simulated: true, ...tried, appended: false, n: null }
  }

  /** Before a transaction goes into the log: what the contract does not come to an end with would stop everybody. */
  async #check(trials: Trials, { tx, dispatch, ipk }: Transaction): Promise<void> {
    const { rules, enabled } = await this.#latestStanding()
    if (!enabled) throw txDisabled()
    await trials.check({ tx, dispatch, ipk, validator: this.#subnet.writerKey }, rules)
  }

  #read(value: unknown): Transaction | null {
    const { bootstrap, protocol } = this.#subnet
    const transaction = readTransaction(value, bootstrap)
    return transaction !== null && bytesOf(transaction.dispatch) <= protocol.txMaxBytes() ? transaction : null
  }

  async #latestStanding(): Promise<Standing> {
    if (this.closing !== null) throw new IntercomError('closed', 'The subnet is closing.')
    this.#subnet.assertAgrees()
    return this.#standings.latest()
  }

  async #standing(): Promise<Standing> {
    const standing = await this.#latestStanding()
    if (standing.enabled) return standing
    throw txDisabled()
  }

  async #settlement(): Promise<{ readonly rules: Rules; readonly settlement: Settlement }> {
    const { rules, settlement } = await this.#standing()
    return { rules, settlement: settlement === 'local' ? this.#local : unavailableMsb() }
  }

  async #isEnabled(): Promise<boolean> {
    if (this.#subnet.split || (await this.#subnet.rules()) === null) return false
    const { enabled, settlement } = await this.#standings.latest()
    return enabled && settlement === 'local'
  }
}

const SENT = { simulated: false, value: null, log: [] } as const
