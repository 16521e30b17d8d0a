import test, { type Assertions } from 'brittle'
import { decodeMessage } from '../../../features/subnet/members/messages.ts'
import { encodeReply, readRequest } from '../../../features/subnet/relay/messages.ts'
import { Pending } from '../../../features/subnet/relay/pending.ts'
import { RelayQueue } from '../../../features/subnet/relay/queue.ts'
import { RelaySender } from '../../../features/subnet/relay/sender.ts'
import type { Recorded } from '../../../features/subnet/transactions/ledger.ts'
import { contextOf, type Transaction } from '../../../features/subnet/transactions/transaction.ts'
import { IntercomError } from '../../../src/base/errors.ts'
import type { Hex32 } from '../../../src/base/hex.ts'
import { createLog } from '../../../src/base/log.ts'
import type { Session } from '../../../src/network/protocols.ts'
import { PeerStore } from '../../../src/store/peer-store.ts'
import { add, transactionBy } from '../../helpers/subnet/counter.ts'
import { alice, byte } from '../../helpers/subnet/ops.ts'
import { temporaryFolder } from '../../helpers/tmp.ts'

const YEAR = 365 * 24 * 3600 * 1000
const subnet = byte(1) as Hex32
const context = contextOf(subnet, byte(2) as Hex32, byte(3) as Hex32)
const some = (count: number) => Array.from({ length: count }, () => transactionBy(alice, context, add('a')))

/** What a neighbour answers: an error code, null where it has done it, or nothing at all. */
type Answer = (tx: Hex32) => string | null | undefined

/** The world as the queue has it. */
interface World {
  now: number
  enabled: boolean
  writable: boolean
  /** In the log, in order. */
  log: Hex32[]
  /** What each neighbour was sent, with what it was to come after. */
  sent: { to: number; tx: Hex32; after: Hex32 | null }[]
  check(transaction: Transaction): void | Promise<void>
  /** Before one is appended by this peer itself. */
  write(): void
}

async function open(t: Assertions, folder = temporaryFolder(t)) {
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
  const append = async ({ tx }: Transaction) => {
    if (!world.writable) throw new IntercomError('not_writable', 'Peer is not writable.')
    world.write()
    return { n: world.log.push(tx) - 1, error: null }
  }
  const queue = new RelayQueue({
    ...{ pending, find, append, sender, log, times },
    isEnabled: async () => world.enabled,
    isWritable: () => world.writable,
    check: async (transaction) => world.check(transaction),
    now: () => world.now
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
  return { store, world, pending, queue, hand, meet, resend, sessions, lines, folder }
}

const hashes = (transactions: readonly Transaction[]) => transactions.map(({ tx }) => tx)
const yes: Answer = () => null

test('each is sent after the one before it, and answered with its place', async (t) => {
  const { world, meet, hand, pending } = await open(t)
  meet(yes)
  const all = some(40)
  t.alike(await hand(all), [...all.keys()])
  t.alike(world.log, hashes(all))
  t.alike(
    world.sent.map(({ after }) => after),
    [null, ...hashes(all).slice(0, -1)]
  )
  t.is(pending.size, 0)
})

test('what a neighbour fails with goes to the next one, with all that is behind it', async (t) => {
  for (const failure of [
    'closed',
    'timed_out',
    'not_writable',
    'predecessor_missing',
    'nonsense',
    undefined
  ]) {
    const { world, meet, hand } = await open(t)
    const all = some(12)
    const broken = all[5]?.tx
    // It took those behind the broken one, if it was sent them: that is for whoever relays to refuse.
    let isBroken = false
    meet((tx) => {
      isBroken ||= tx === broken
      return isBroken ? failure : null
    })
    meet(yes)
    t.alike(await hand(all), [...all.keys()], `${failure}`)
    t.alike(world.log, hashes(all))
    const first = world.sent.find(({ to }) => to === 1)
    t.alike(first, { to: 1, tx: broken, after: all[4]?.tx }, 'the next one begins with it')
  }
})

test('one that has enough is asked again, from there on', async (t) => {
  const { world, meet, hand } = await open(t)
  let asked = 0
  const all = some(30)
  let missing: Hex32 | null = null
  meet((tx) => {
    if (missing !== null && missing !== tx) return 'predecessor_missing'
    missing = ++asked % 7 === 0 ? tx : null
    return missing === null ? null : 'rate_limited'
  })
  t.alike(await hand(all), [...all.keys()])
  t.alike(world.log, hashes(all))
})

test('a neighbour that says so and does not do it is not believed', async (t) => {
  const { world, meet, hand, lines } = await open(t)
  const liar = meet(yes)
  const lie = liar.send
  liar.send = (bytes) => {
    const done = lie.call(liar, bytes)
    world.log = []
    return done
  }
  const [one] = some(1) as [Transaction]
  t.alike(await hand([one]), [null])
  t.ok(lines[0]?.includes('did not come'))
  meet(yes)
  t.alike(await hand(some(1)), [1], 'another one has both')
})

test('whoever was waited for in vain is asked last, until it answers', async (t) => {
  const { world, meet, hand, sessions } = await open(t)
  const asked = async () => {
    world.sent = []
    await hand(some(1))
    return world.sent.map(({ to }) => to)
  }
  let answer: string | undefined
  meet(() => answer)
  const liar = meet(yes)
  const lie = liar.send
  liar.send = (bytes) => {
    const done = lie.call(liar, bytes)
    world.log.pop()
    return done
  }
  meet(yes)
  t.alike(await asked(), [0, 1, 2])
  sessions.pop()
  meet(yes)
  t.alike(await asked(), [2], 'nobody knows yet that it takes any')

  sessions.pop()
  answer = 'not_writable'
  t.alike(await asked(), [0, 1])
  meet(yes)
  t.alike(await asked(), [0, 2, 2], 'with the one before')
})

test('one that all refuse does not keep the others from being sent', async (t) => {
  const { world, pending, meet, hand, resend } = await open(t)
  const all = some(3)
  const [first, second, third] = all as [Transaction, Transaction, Transaction]
  for (const _ of [1, 2]) meet((tx) => (tx === first.tx ? 'bad_arguments' : null))
  t.alike(await hand(all), [null, 0, 1])
  t.alike(world.log, [second.tx, third.tx])
  t.alike(await resend(), [], 'they are not asked again')
  t.alike(hashes(pending.all()), [first.tx], 'the word of others is not final')
  meet(yes)
  t.alike(await resend(), [first.tx])
  t.is(pending.size, 0)
})

test('where nobody takes any, whoever waits is told so, and they are kept', async (t) => {
  const { world, pending, queue, meet, hand, resend } = await open(t)
  const all = some(3)
  t.alike(await hand(all), [null, null, null])
  t.is(pending.size, 3)
  meet(() => 'not_writable')
  t.alike(await resend(), [all[0]?.tx], 'one is enough to find out')
  meet(yes)
  t.is((await resend()).length, 4)
  t.alike(world.log, hashes(all))
  t.ok(queue.isEmpty)
  const silent = await open(t)
  silent.meet(() => undefined)
  t.alike(await silent.hand(some(1)), [null], 'nor by one that does not answer')
})

test('whoever may write itself does, in order, and what comes meanwhile is behind', async (t) => {
  const { world, meet, hand, resend } = await open(t)
  meet(() => 'not_writable')
  const all = some(5)
  await hand(all)
  world.writable = true
  const late = some(2)
  const handed = hand(late)
  await resend()
  t.alike(await handed, [5, 6])
  t.alike(world.log, hashes([...all, ...late]))
})

test('the order outlives the process', async (t) => {
  const first = await open(t)
  first.meet(yes)
  const all = some(4)
  await first.hand(all.slice(0, 2))
  first.sessions.length = 0
  await first.hand(all.slice(2))
  await first.queue.close()
  await first.store.close()
  const { world, pending, meet, resend } = await open(t, first.folder)
  world.log = hashes(all.slice(0, 2))
  t.is(pending.size, 2)
  meet(yes)
  await resend()
  t.alike(world.log, hashes(all))
  t.is(world.sent[0]?.after, all[1]?.tx)
})

test('what was taken back is not waited for', async (t) => {
  const { world, meet, hand } = await open(t)
  meet(yes)
  await hand(some(1))
  world.log = []
  await hand(some(1))
  t.is(world.sent.at(-1)?.after, null)
})

test('what this peer itself finds out is final', async (t) => {
  const { world, pending, meet, hand, resend, lines } = await open(t)
  const [first, second] = some(2) as [Transaction, Transaction]
  await hand([first, second])
  meet(yes)
  world.check = ({ tx }) => {
    if (tx === first.tx) throw new IntercomError('contract_too_slow', 'The contract takes too long.')
  }
  t.alike(await resend(), [second.tx])
  t.is(pending.size, 0)
  t.ok(lines[0]?.includes('a transaction is not sent any more') && lines[0].includes(first.tx))

  world.enabled = false
  await hand(some(1))
  world.enabled = true
  world.check = () => {
    throw new IntercomError('rate_limited', 'Too many transactions wait to be tried.')
  }
  t.alike(await resend(), [])
  t.is(pending.size, 1, 'but not what passes')
  t.ok(lines[1]?.includes('cannot send transactions again'))
})

test('what is in the log is not sent again', async (t) => {
  const { world, pending, queue, meet, hand, resend, lines } = await open(t)
  const [first, second] = some(2) as [Transaction, Transaction]
  await hand([first, second])
  queue.handleRecorded(first.tx, { n: 0, error: null })
  t.absent(pending.has(first.tx))
  world.log.push(second.tx)
  meet(() => 'not_writable')
  t.alike(await resend(), [])
  t.is(pending.size, 0)
  t.alike(lines, [])
})

test('however long one waits, it is kept', async (t) => {
  const { world, pending, meet, hand, resend } = await open(t)
  const [old] = some(1) as [Transaction]
  await hand([old])
  let answer = 'not_writable' as string | null
  meet(() => answer)
  world.now = YEAR
  t.alike(await resend(), [old.tx])
  t.is(pending.size, 1)
  answer = null
  await resend()
  t.alike(world.log, [old.tx])
})

test('nothing is sent while transactions are switched off', async (t) => {
  const { world, meet, hand, resend } = await open(t)
  meet(yes)
  world.enabled = false
  t.alike(await hand(some(1)), [null])
  world.enabled = true
  t.is((await resend()).length, 1)
})

test('what cannot be appended while the next one is looked at is kept, with those behind it', async (t) => {
  const { world, pending, hand, resend, lines } = await open(t)
  const all = some(3)
  await hand(all)
  world.writable = true
  // As long as it takes to notice that nobody looks after a failure.
  world.check = () => new Promise((resolve) => setTimeout(resolve))
  world.write = () => {
    throw new IntercomError('store_unwritable', 'The store cannot be written.')
  }
  await resend()
  t.ok(
    lines[0]?.includes('cannot send transactions again') && lines[0].includes('The store cannot be written')
  )
  t.is(pending.size, 3)
  world.write = () => {}
  await resend()
  t.alike(world.log, hashes(all))
})

test('switched off while they are looked at, or written, they are kept', async (t) => {
  const { world, pending, queue, meet, hand, resend } = await open(t)
  const all = some(3)
  await hand(all)
  meet(yes)
  const switchOff = () => {
    world.enabled = false
    throw new IntercomError('subnet_refused', 'Tx is not enabled.')
  }
  world.check = switchOff
  t.alike(await resend(), [])
  t.is(pending.size, 3)
  world.check = () => {}
  world.write = switchOff
  world.enabled = true
  world.writable = true
  t.alike(await resend(), [])
  t.is(pending.size, 3)
  world.write = () => {}
  world.enabled = true
  await resend()
  t.alike(world.log, hashes(all))
  t.ok(queue.isEmpty)
})

test('what the subnet itself refuses is not written again and again', async (t) => {
  const { world, pending, queue, lines } = await open(t)
  world.writable = true
  world.write = () => {
    throw new IntercomError('subnet_refused', 'The subnet refused the transaction.')
  }
  await t.exception(queue.hand(some(1)[0] as Transaction), /The subnet refused the transaction/)
  t.is(pending.size, 0)
  t.ok(lines[0]?.includes('a transaction is not sent any more'))
})
