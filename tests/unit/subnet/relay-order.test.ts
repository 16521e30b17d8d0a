import test, { type Assertions } from 'brittle'
import { decodeMessage } from '../../../features/subnet/members/messages.ts'
import { Pending } from '../../../features/subnet/relay/pending.ts'
import { RelayQueue } from '../../../features/subnet/relay/queue.ts'
import { RelaySender } from '../../../features/subnet/relay/sender.ts'
import { contextOf } from '../../../features/subnet/transactions/transaction.ts'
import type { Hex32 } from '../../../src/base/hex.ts'
import { createLog } from '../../../src/base/log.ts'
import { PeerStore } from '../../../src/store/peer-store.ts'
import { add, transactionBy } from '../../helpers/subnet/counter.ts'
import { alice, byte } from '../../helpers/subnet/ops.ts'
import { type Chance, ModelWriter, View } from '../../helpers/subnet/relay-model.ts'
import { temporaryFolder } from '../../helpers/tmp.ts'

const context = contextOf(byte(1) as Hex32, byte(2) as Hex32, byte(3) as Hex32)
const COUNT = 25
const log = createLog({ level: 'error', json: false, write: () => {}, now: () => 0 })

/** The same numbers for the same seed. */
function chanceOf(seed: number): Chance {
  let state = seed
  return () => {
    state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x6d2b79f5) | 0
    return ((state ^ (state >>> 13)) >>> 0) / 2 ** 32
  }
}

/** One of the things that go wrong, or right again. */
function disturb(chance: Chance, reader: View, writers: readonly ModelWriter[], sender: RelaySender): void {
  const some = () => writers[Math.floor(chance() * writers.length)] as ModelWriter
  const kind = chance()
  if (kind < 0.4) some().view.meet(reader)
  else if (kind < 0.6) some().view.meet(some().view)
  else if (kind < 0.75) sender.handleClose(some().reconnect())
  else {
    const writer = some()
    if (kind < 0.9) writer.frozen = !writer.frozen
    else writer.writable = !writer.writable
  }
}

async function play(t: Assertions, store: PeerStore, seed: number): Promise<void> {
  const chance = chanceOf(seed)
  const reader = new View()
  const writers: ModelWriter[] = []
  const sender = new RelaySender({
    sessions: () => writers.map(({ session }) => session),
    arrival: async (tx) => ((await reader.arrives(tx)) ? { n: 0, error: null } : null),
    log,
    times: { answer: 15 }
  })
  for (let n = 0; n < 3; n++)
    writers.push(
      new ModelWriter(n, chance, (reply, session) => sender.handleReply(decodeMessage(reply) ?? {}, session))
    )
  const queue = new RelayQueue({
    ...{ sender, log, now: Date.now, times: { whole: 100, again: 5 } },
    pending: new Pending(store),
    isEnabled: async () => true,
    isWritable: () => false,
    check: async () => {},
    find: (tx) => reader.find(tx),
    append: () => Promise.reject(new Error('it may not write'))
  })
  reader.onrecorded = (tx) => queue.handleRecorded(tx, { n: 0, error: null })
  const all = Array.from({ length: COUNT }, () => transactionBy(alice, context, add('a')))
  const handed = all.map((transaction) => queue.hand(transaction))
  for (let step = 0; step < 60 && !queue.isEmpty; step++) {
    disturb(chance, reader, writers, sender)
    queue.resend()
    await new Promise((resolve) => setTimeout(resolve, chance() * 4))
  }
  for (const writer of writers) {
    writer.frozen = false
    writer.writable = true
  }
  // What is still under way arrives, too, and nothing more happens then.
  while (!queue.isEmpty) {
    for (const { view } of writers) view.meet(reader)
    for (const writer of writers) sender.handleClose(writer.reconnect())
    queue.resend()
    await queue.idle()
  }
  await Promise.all(handed)
  await queue.close()
  await new Promise((resolve) => setTimeout(resolve, 50))
  for (const { view } of writers) view.meet(reader)
  for (const { view } of writers) view.meet(reader)
  const places = new Map(all.map(({ tx }, place) => [tx, place]))
  for (let again = 0; again < 5; again++) {
    const order = reader.ordered(chance).map((tx) => places.get(tx))
    t.alike(order, [...all.keys()], `seed ${seed}, ${reader.blocks.size} blocks`)
  }
}

test('whatever becomes of the neighbours, every order of their logs is that in which it was sent', async (t) => {
  const store = new PeerStore(temporaryFolder(t), { now: Date.now })
  await store.ready()
  t.teardown(() => store.close())
  for (let seed = 1; seed <= 4; seed++) await play(t, store, seed)
})
