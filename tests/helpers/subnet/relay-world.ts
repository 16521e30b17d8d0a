import type { Assertions } from 'brittle'
import { decodeMessage } from '../../../features/subnet/members/messages.ts'
import { encodeReply, readRequest } from '../../../features/subnet/relay/messages.ts'
import { Pending } from '../../../features/subnet/relay/pending.ts'
import { RelayQueue } from '../../../features/subnet/relay/queue.ts'
import { RelaySender } from '../../../features/subnet/relay/sender.ts'
import { Delivery } from '../../../features/subnet/transactions/delivery.ts'
import type { Recorded } from '../../../features/subnet/transactions/ledger.ts'
import { contextOf, type Transaction } from '../../../features/subnet/transactions/transaction.ts'
import { IntercomError } from '../../../src/base/errors.ts'
import type { Hex32 } from '../../../src/base/hex.ts'
import { createLog } from '../../../src/base/log.ts'
import type { Session } from '../../../src/network/protocols.ts'
import { PeerStore } from '../../../src/store/peer-store.ts'
import { temporaryFolder } from '../tmp.ts'
import { add, transactionBy } from './counter.ts'
import { alice, byte } from './ops.ts'

const subnet = byte(1) as Hex32
const writerKey = byte(2) as Hex32
const context = contextOf(subnet, writerKey, byte(3) as Hex32)

export const some = (count: number): Transaction[] =>
  Array.from({ length: count }, () => transactionBy(alice, context, add('a')))

export const hashes = (transactions: readonly Transaction[]): Hex32[] => transactions.map(({ tx }) => tx)

/** What a neighbour answers: an error code, null where it has done it, or nothing at all. */
type Answer = (tx: Hex32) => string | null | undefined

export const yes: Answer = () => null

/** The world as a relaying peer has it. */
interface World {
  now: number
  enabled: boolean
  writable: boolean
  /** In the log, in order. */
  log: Hex32[]
  /** What each neighbour was sent, with what it was to come after. */
  sent: { to: number; tx: Hex32; after: Hex32 | null }[]
  check(transaction: Transaction): void | Promise<void>
  /** Before one is written by this peer itself. */
  write(): void | Promise<void>
}

/** What a peer sends through: a real line and a real sender, with what a test says around them. */
export async function openRelay(t: Assertions, folder = temporaryFolder(t)) {
  const store = new PeerStore(folder, { now: Date.now })
  await store.ready()
  t.teardown(() => store.close(), { order: 2 })
  const world: World = {
    now: 0,
    enabled: true,
    writable: false,
    log: [],
    sent: [],
    check: () => {},
    write: () => {}
  }
  const lines: string[] = []
  const log = createLog({ level: 'info', json: false, write: (line) => lines.push(line), now: () => 0 })
  const sessions: Session[] = []
  const find = async (tx: Hex32): Promise<Recorded | null> => {
    const n = world.log.indexOf(tx)
    return n === -1 ? null : { n, error: null }
  }
  const times = { answer: 100, whole: 300, again: 10 }
  const sender = new RelaySender({ sessions: () => sessions, arrival: find, log, times })
  const pending = new Pending(store)
  const queue = new RelayQueue({
    ...{ pending, find, sender, log, times },
    append: (transaction) => delivery.append(transaction),
    isEnabled: async () => world.enabled,
    isWritable: () => world.writable,
    check: async (transaction) => world.check(transaction),
    now: () => world.now
  })
  const delivery: Delivery = new Delivery({
    queue,
    ledger: { find },
    subnet: {
      writerKey,
      get writable() {
        return world.writable
      },
      async append(op) {
        if (!world.writable) throw new IntercomError('not_writable', 'Peer is not writable.')
        await world.write()
        const { key } = op as { key: Hex32 }
        world.log.push(key)
        return { from: writerKey, id: key, type: 'tx', accepted: true, events: [] }
      }
    }
  })
  queue.open(subnet)
  t.teardown(() => queue.close(), { order: 1 })
  /** A neighbour that writes into the log what it says it does. */
  const meet = (answer: Answer) => {
    const to = sessions.length
    const session = {
      open: true,
      neighbour: { key: byte(0x10 + to) },
      send(bytes: Uint8Array) {
        const request = readRequest(decodeMessage(bytes) ?? {})
        if (request === null) throw new Error('no request')
        const { id, tx, after } = request
        world.sent.push({ to, tx, after })
        const error = answer(tx)
        if (error === undefined) return true
        if (error === null && !world.log.includes(tx)) world.log.push(tx)
        const reply = decodeMessage(encodeReply({ id, tx, error })) ?? {}
        queueMicrotask(() => sender.handleReply(reply, session))
        return true
      }
    } as unknown as Session
    sessions.push(session)
    return session
  }
  const hand = async (transactions: readonly Transaction[]) =>
    (await Promise.all(transactions.map((one) => queue.hand(one)))).map((recorded) => recorded?.n ?? null)
  const resend = async () => {
    world.sent = []
    queue.resend()
    await queue.idle()
    return world.sent.map(({ tx }) => tx)
  }
  return { store, world, pending, queue, delivery, hand, meet, resend, sessions, lines, folder }
}
