import test from 'brittle'
import fc from 'fast-check'
import { openBridge } from '../../helpers/bridge.ts'
import { isMessage, RawClient } from '../../helpers/bridge-client.ts'
import { neighbours } from '../../helpers/heard.ts'
import { openNode } from '../../helpers/node.ts'
import { startDht } from '../../helpers/swarm.ts'
import { name } from '../../unit/sidechannel/helpers.ts'

const ENTRY = name('0000intercom')
const FAST = ['--sidechannel-pow', '0', '--sidechannel-rate-bytes', '0']

test('ten thousand messages and random disconnects: none lost silently, none twice', {
  timeout: 58_000
}, async (t) => {
  const total = 10_000
  const bootstrap = await startDht(t)
  const sender = await openNode(t, bootstrap, FAST)
  // So little is held that longer absences lose something.
  const node = await openBridge(t, bootstrap, [...FAST, '--sidechannel-history', '150'])
  await Promise.all([sender, node].map(({ sidechannels }) => neighbours(sidechannels, ENTRY, 1)))

  let sent = 0
  const send = async (count: number) => {
    for (let i = 0; i < count && sent < total; i++) {
      sent++
      await sender.sidechannels.send(ENTRY, sent)
    }
  }

  // Each time it reads so many messages, then is away for so many.
  const seed = Date.now() % 1_000_000
  t.comment(`seed ${seed}`)
  const visit = fc.tuple(fc.integer({ min: 0, max: 400 }), fc.integer({ min: 0, max: 250 }))
  const plan = fc.sample(visit, { numRuns: 500, seed })
  let seen = 0
  let epoch: unknown
  let lost = 0
  let visits = 0
  for (const [reads, away] of plan) {
    if (seen >= total) break
    visits++
    const client = await RawClient.connect(t, node.port)
    const sending = send(reads + 10)
    const reply = await client.ask({
      type: 'subscribe',
      channel: ENTRY,
      since: seen,
      ...(epoch ? { epoch } : {})
    })
    epoch = reply.epoch
    // What is gone is said in the reply, and nothing before that number comes.
    if (reply.from !== seen + 1 + Number(reply.lost)) t.fail(JSON.stringify(reply))
    lost += Number(reply.lost)
    seen += Number(reply.lost)
    const until = Math.min(total, seen + reads)
    while (seen < until && (seen < sent || !(await isDone(sending)))) {
      const event = await client.next()
      if (event.type === 'lagged') {
        const range = (event.channels as Record<string, { from: number; to: number }>)[ENTRY]
        if (range?.from !== seen + 1) t.fail(`lagged from ${range?.from} after ${seen}`)
        lost += (range?.to ?? 0) - seen
        seen = range?.to ?? seen
      } else if (isMessage(event)) {
        if (event.seq !== seen + 1) t.fail(`after ${seen} came ${event.seq}`)
        if (event.message !== event.seq) t.fail(`${event.seq} says ${event.message}`)
        seen = event.seq
      }
    }
    client.destroy()
    await sending
    await send(away)
  }
  t.ok(
    visits > 20 && seen > 5000,
    `${visits} visits, ${seen} messages accounted for, ${lost} of them told as lost`
  )
  t.ok(lost > 0 && lost < seen / 2)
})

test('after a restart everything that is held is new', { timeout: 120_000 }, async (t) => {
  const bootstrap = await startDht(t)
  const sender = await openNode(t, bootstrap, FAST)
  const first = await openBridge(t, bootstrap, FAST)
  await neighbours(sender.sidechannels, ENTRY, 1)
  const client = await RawClient.connect(t, first.port)
  await sender.sidechannels.send(ENTRY, 'one')
  t.is((await client.nextMessage()).seq, 1)
  const { epoch } = await client.ask({ type: 'subscribe', channel: ENTRY })
  await first.bridge.close()
  await first.sidechannels.close()
  await first.node.close()
  await neighbours(sender.sidechannels, ENTRY, 0)

  const second = await openBridge(t, bootstrap, FAST)
  await neighbours(sender.sidechannels, ENTRY, 1)
  await neighbours(second.sidechannels, ENTRY, 1)
  const watcher = await RawClient.connect(t, second.port)
  await sender.sidechannels.send(ENTRY, 'two')
  await watcher.nextMessage()
  const again = await RawClient.connect(t, second.port)
  const reply = await again.ask({ type: 'subscribe', channel: ENTRY, since: 1, epoch })
  t.not(reply.epoch, epoch)
  t.is(reply.from, 1)
  const event = await again.nextMessage()
  t.is(event.seq, 1)
  t.is(event.message, 'two')
})

async function isDone(promise: Promise<unknown>): Promise<boolean> {
  return (
    (await Promise.race([
      promise.then(() => true),
      new Promise((resolve) => setTimeout(resolve, 0, false))
    ])) === true
  )
}
