import b4a from 'b4a'
import path from '#path'
import { DryRunner } from '../../../features/subnet/dry-run.ts'
import type { Transaction } from '../../../features/subnet/transactions/transaction.ts'
import { commandHash, type Dispatch, type TxContext, txHash } from '../../../src/app/payloads.ts'
import { createLog } from '../../../src/base/log.ts'
import type { Signer } from '../../../src/base/signature.ts'
import type { HostPort } from '../../../src/config/types.ts'
import type { SignedTx, TxResult } from '../../../src/subnet-plane.ts'
import { PROJECT } from '../peer.ts'
import { once } from '../swarm.ts'
import type { Scope } from '../tmp.ts'
import { type MemberOptions, type OpenMember, openMember, until } from './member.ts'

/** The app of the tests of transactions, in a folder as every app. */
export const COUNTER_APP: string = path.join(PROJECT, 'tests', 'helpers', 'subnet', 'counter-app')

const log = createLog({ level: 'error', json: false, write: () => {}, now: Date.now })

/** With endless loops that end sooner. */
function impatient(options: MemberOptions): MemberOptions {
  const createTrialRunner = () => new DryRunner({ app: COUNTER_APP, timeLimitMs: 1000, log })
  return { ...options, transactions: { createTrialRunner, ...options.transactions } }
}

/** A subnet with its admin. */
export async function openCounter(
  t: Scope,
  dht: readonly HostPort[],
  options: MemberOptions = {}
): Promise<OpenMember> {
  const admin = await openMember(t, dht, ['--app', COUNTER_APP], impatient(options))
  await admin.desk.subnet.append({ type: 'addAdmin', key: admin.node.key, rules: 2, settlement: 'local' })
  return admin
}

/** A member that may not write. */
export function joinCounter(
  t: Scope,
  dht: readonly HostPort[],
  bootstrap: string,
  options: MemberOptions = {}
): Promise<OpenMember> {
  return openMember(t, dht, ['--app', COUNTER_APP, '--subnet-bootstrap', bootstrap], impatient(options))
}

export async function tx({ desk }: OpenMember, command: string | Dispatch, sim = false): Promise<TxResult> {
  return (await desk.tx({ command, sim })).result
}

let nonces = 0

/** As somebody without a peer signs it. */
export function signTx(by: Signer, context: TxContext, preparedCommand: Dispatch): SignedTx {
  const nonce = (++nonces).toString(16).padStart(64, '0')
  const hash = txHash({ ...context, ch: commandHash(preparedCommand), nonce })
  const signature = by.sign(b4a.from(hash, 'hex'))
  return { tx: hash, preparedCommand, address: by.publicKey, signature, nonce }
}

export const add = (name: string, by = 1): Dispatch => ({ type: 'add', value: { name, by } })

/** A transaction as it goes from member to member. */
export function transactionBy(by: Signer, context: TxContext, dispatch: Dispatch): Transaction {
  const { tx: hash, nonce, signature } = signTx(by, context, dispatch)
  const { txv, iw } = context
  return { tx: hash, dispatch, ipk: by.publicKey, txv, iw, nonce, signature } as Transaction
}

/** Resolves once this member has met so many others. */
export async function met({ desk }: OpenMember, count = 1): Promise<void> {
  const { members } = desk.subnet
  while (members.sessions.length < count) await once(members, 'session')
}

/** Resolves once it has the state of the subnet. */
export function hasState(member: OpenMember): Promise<void> {
  return until(member, async () => (await member.desk.get('admin', false)) !== null)
}
