import test from 'brittle'
import type { Transaction } from '../../../features/subnet/transactions/transaction.ts'
import type { Hex32 } from '../../../src/base/hex.ts'
import { hashes, openRelay, some, yes } from '../../helpers/subnet/relay-world.ts'

test('each is sent after the one before it, and answered with its place', async (t) => {
  const { world, meet, hand, pending } = await openRelay(t)
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
    const { world, meet, hand } = await openRelay(t)
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
  const { world, meet, hand } = await openRelay(t)
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

test('while transactions are switched off for a writer the line stops there, and goes on in order', async (t) => {
  const { world, meet, hand } = await openRelay(t)
  const all = some(12)
  let refusals = 0
  // Those behind it, too: they are not taken before it.
  meet((tx) => (refusals < 6 && (refusals > 0 || tx === all[5]?.tx) && ++refusals ? 'tx_disabled' : null))
  meet(yes)
  t.alike(await hand(all), [...all.keys()])
  t.alike(world.log, hashes(all))
  t.absent(world.sent.some(({ to }) => to === 1))
})

test('a neighbour that says so and does not do it is not believed', async (t) => {
  const { world, meet, hand, lines } = await openRelay(t)
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
  const { world, meet, hand, sessions } = await openRelay(t)
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
  const { world, pending, meet, hand, resend } = await openRelay(t)
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
  const { world, pending, queue, meet, hand, resend } = await openRelay(t)
  const all = some(3)
  t.alike(await hand(all), [null, null, null])
  t.is(pending.size, 3)
  meet(() => 'not_writable')
  t.alike(await resend(), [all[0]?.tx], 'one is enough to find out')
  meet(yes)
  t.is((await resend()).length, 4)
  t.alike(world.log, hashes(all))
  t.ok(queue.isEmpty)
  const silent = await openRelay(t)
  silent.meet(() => undefined)
  t.alike(await silent.hand(some(1)), [null], 'nor by one that does not answer')
})

test('whoever may write itself does, in order, and what comes meanwhile is behind', async (t) => {
  const { world, meet, hand, resend } = await openRelay(t)
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
