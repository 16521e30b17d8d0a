import test from 'brittle'
import { decodeMessage } from '../../../features/subnet/members/messages.ts'
import { encodeRequest, MOST_UNDER_WAY, readReply } from '../../../features/subnet/relay/messages.ts'
import { MOST_WAITING_BYTES, RelayReceiver } from '../../../features/subnet/relay/receiver.ts'
import { bytesOf, contextOf, type Transaction } from '../../../features/subnet/transactions/transaction.ts'
import { type Deferred, deferred } from '../../../src/base/deferred.ts'
import { IntercomError } from '../../../src/base/errors.ts'
import type { Hex32 } from '../../../src/base/hex.ts'
import { createLog } from '../../../src/base/log.ts'
import type { Session } from '../../../src/network/protocols.ts'
import { add, transactionBy } from '../../helpers/subnet/counter.ts'
import { alice, byte } from '../../helpers/subnet/ops.ts'

const context = contextOf(byte(1) as Hex32, byte(2) as Hex32, byte(3) as Hex32)
const some = () => transactionBy(alice, context, add('a'))
const log = createLog({ level: 'error', json: false, write: () => {}, now: () => 0 })

/** The world as the receiver has it. */
function open() {
  const world = {
    now: 0,
    isGood: true,
    /** Whether what others come after is here, or comes. */
    arrives: async (tx: Hex32): Promise<boolean> => world.log.includes(tx),
    /** In the log, in order. */
    log: [] as Hex32[],
    check: async (_: Transaction): Promise<void> => {},
    /** Before one is written. */
    write: async (_: Transaction): Promise<void> => {}
  }
  const receiver = new RelayReceiver({
    isWritable: () => true,
    read: (value) => (world.isGood ? (value as Transaction) : null),
    isRecorded: async (tx) => world.log.includes(tx),
    arrives: (tx) => world.arrives(tx),
    check: (transaction) => world.check(transaction),
    append: async (transaction) => {
      await world.write(transaction)
      world.log.push(transaction.tx)
    },
    log,
    now: () => world.now
  })
  let ids = 0
  /** What this neighbour is answered. */
  const relay = (neighbour: number, transaction: Transaction, after: Transaction | null = null) => {
    const answered = deferred<string | null>()
    const session = {
      open: true,
      drained: true,
      neighbour: { key: neighbour.toString(16).padStart(64, '0') },
      send: (bytes: Uint8Array) => answered.resolve(readReply(decodeMessage(bytes) ?? {})?.error ?? null)
    }
    const request = decodeMessage(encodeRequest(++ids, transaction, after?.tx ?? null)) ?? {}
    receiver.handle(request, session as unknown as Session)
    return answered.promise
  }
  return { world, relay }
}

test('what was to come before it failed while it was tried: it is not taken either', async (t) => {
  const { world, relay } = open()
  const [first, second] = [some(), some()]
  const isTried = deferred<void>()
  const tried = deferred<void>()
  const written = deferred<void>()
  world.check = async ({ tx }) => {
    if (tx !== second.tx) return
    isTried.resolve()
    await tried.promise
  }
  world.write = () => written.promise
  const answers = [relay(1, first), relay(1, second, first)]
  await isTried.promise
  // The right to write was taken, and comes back at once.
  written.reject(new IntercomError('not_writable', 'Peer is not writable.'))
  t.is(await answers[0], 'not_writable')
  world.write = async () => {}
  tried.resolve()
  t.is(await answers[1], 'predecessor_missing')
  t.alike(world.log, [])
})

test('what another neighbour brought while it was tried is not written again', async (t) => {
  const { world, relay } = open()
  const one = some()
  const tried = deferred<void>()
  const isTried = deferred<void>()
  world.check = () => {
    isTried.resolve()
    return tried.promise
  }
  const late = relay(1, one)
  await isTried.promise
  world.check = async () => {}
  t.is(await relay(2, one), null)
  tried.resolve()
  t.is(await late, null)
  t.alike(world.log, [one.tx])
})

test('a neighbour has only so many under way', async (t) => {
  const { world, relay } = open()
  const all = deferred<void>()
  const writing: Deferred<void>[] = []
  world.write = () => {
    const one = deferred<void>()
    writing.push(one)
    if (writing.length === MOST_UNDER_WAY) all.resolve()
    return one.promise
  }
  const taken = Array.from({ length: MOST_UNDER_WAY }, () => relay(1, some()))
  t.is(await relay(1, some()), 'rate_limited')
  await all.promise
  t.is(await relay(1, some()), 'rate_limited', 'also when they wait to be written')
  for (const one of writing) one.resolve()
  t.alike(await Promise.all(taken), Array(MOST_UNDER_WAY).fill(null))
  world.write = async () => {}
  t.is(await relay(1, some()), null)
})

test('all neighbours together have a budget, which nonsense does not use up', async (t) => {
  const { world, relay } = open()
  const send = async (neighbour: number, count: number) => {
    const errors: (string | null)[] = []
    for (let n = 0; n < count; n++) errors.push(await relay(neighbour, some()))
    return errors
  }
  world.isGood = false
  t.alike(await send(0, 100), Array(100).fill('bad_arguments'))
  world.isGood = true
  for (let neighbour = 1; neighbour <= 5; neighbour++)
    t.alike(await send(neighbour, 100), Array(100).fill(null))
  t.alike(await send(6, 1), ['rate_limited'])
  t.is(world.log.length, 500)
  world.now = 1000
  const errors = await send(6, 51)
  t.alike(errors, [...Array(50).fill(null), 'rate_limited'])
})

test('nonsense does not wait for what it is to come after', async (t) => {
  const { world, relay } = open()
  world.isGood = false
  world.arrives = () => t.fail('it waits') as never
  const answers = Array.from({ length: MOST_UNDER_WAY }, () => relay(1, some(), some()))
  t.alike(await Promise.all(answers), Array(MOST_UNDER_WAY).fill('bad_arguments'))
})

test('of what waits there are only so many bytes, whoever sent it, with room for the first of each', async (t) => {
  const { world, relay } = open()
  const large = () => transactionBy(alice, context, add('x'.repeat(8000)))
  const bytes = bytesOf(large().dispatch)
  /** How many of each of so many neighbours are taken that all wait at the same time. */
  const taken = async (neighbours: number, each: number) => {
    const before = some()
    const arrived = deferred<boolean>()
    world.arrives = () => arrived.promise
    const answers = Array.from({ length: neighbours }, (_, neighbour) =>
      Promise.all(Array.from({ length: each }, () => relay(neighbour, large(), before)))
    )
    world.log.push(before.tx)
    arrived.resolve(true)
    world.now += 60_000
    const counts = (await Promise.all(answers)).map(
      (all) => all.filter((answer) => answer !== 'rate_limited').length
    )
    return { counts, bytes: counts.reduce((sum, count) => sum + count, 0) * bytes }
  }
  const few = await taken(16, MOST_UNDER_WAY)
  t.ok(few.counts.every((count) => count > 0))
  t.ok(few.bytes > MOST_WAITING_BYTES / 2 && few.bytes <= MOST_WAITING_BYTES, `${few.bytes} bytes`)
  const many = await taken(Math.floor(MOST_WAITING_BYTES / bytes) + 20, 1)
  t.ok(many.bytes > MOST_WAITING_BYTES - bytes && many.bytes <= MOST_WAITING_BYTES, `${many.bytes} bytes`)
  t.alike((await taken(1, MOST_UNDER_WAY)).counts, [MOST_UNDER_WAY], 'and there is room again')
})
