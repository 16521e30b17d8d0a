import b4a from 'b4a'
import test from 'brittle'
import { beginSubnet, say, viewOf } from '../../helpers/subnet/damage.ts'
import { type OpenMember, openMember, until } from '../../helpers/subnet/member.ts'
import { startDht } from '../../helpers/swarm.ts'

const MESSAGES = 60

/** All of the state that was signed is here, and not only what was looked at. */
async function untilWhole({ desk }: OpenMember): Promise<void> {
  const { core } = desk.subnet.base.view
  const range = core.download({ start: 0, end: core.length })
  await range.done()
}

function messageAt({ desk }: OpenMember, n: number): Promise<unknown> {
  return desk.get(`msg/${n}`, false).then((entry) => (entry as { msg: string } | null)?.msg)
}

test('a joiner may be there first, and restart while it is alone; who joins by it has all', async (t) => {
  const dht = await startDht(t)
  const made = await openMember(t, dht)
  await beginSubnet(made)
  await say(made, MESSAGES)
  await made.close()
  const flags = ['--subnet-bootstrap', made.desk.bootstrap]

  const early = await openMember(t, dht, flags)
  const { lines } = await early.desk.stats()
  t.ok(/Nothing of this subnet has been received yet/.test(lines.at(-1) ?? ''), lines.at(-1))
  await t.exception(early.desk.post({ message: 'too early' }), /nothing of it has been received here/)
  t.is(await early.desk.get('msgl'), null)
  const admin = await openMember(t, dht, [], { folder: made.folder })
  await until(early, async () => (await messageAt(early, MESSAGES - 1)) === `message ${MESSAGES - 1}`)
  await untilWhole(early)
  const whole = await viewOf(admin)
  await admin.close()
  await early.close()

  const alone = await openMember(t, dht, [], { folder: early.folder })
  t.is(await viewOf(alone), whole)
  for (const n of [0, 7, MESSAGES - 1]) t.is(await messageAt(alone, n), `message ${n}`)
  t.is((await alone.desk.roles()).admin, made.desk.subnet.peerKey)
  const second = await openMember(t, dht, flags)
  await until(second, async () => (await messageAt(second, 3)) === 'message 3')
  t.is(await viewOf(second), whole, 'from a reader, while the admin is away')
})

test('a joiner that was cut off in the midst of it starts alone, and says what it has not', async (t) => {
  const dht = await startDht(t)
  const admin = await openMember(t, dht)
  await beginSubnet(admin)
  await say(admin, MESSAGES)
  const flags = ['--subnet-bootstrap', admin.desk.bootstrap]
  const joiner = await openMember(t, dht, flags)
  await until(joiner, async () => (await joiner.desk.get('msgl', false)) === MESSAGES)
  await untilWhole(joiner)
  await admin.close()
  // As it is where the connection ended before all of it came.
  const { core } = joiner.desk.subnet.base.view
  await (
    core as unknown as { core: { state: { clear(start: number, end: number): Promise<void> } } }
  ).core.state.clear(0, core.length - 1)
  await joiner.close()

  const part = await openMember(t, dht, [], { folder: joiner.folder, times: { read: 200 } })
  await t.exception(part.desk.get('msg/3', false), /not here, and no neighbour has sent it/)
  await t.exception(part.desk.post({ message: 'alone' }), /not here, and no neighbour has sent it/)
  const again = await openMember(t, dht, [], { folder: admin.folder })
  await until(part, async () => {
    await again.desk.post({ message: 'back' })
    return Number(await part.desk.get('msgl', false).catch(() => 0)) > MESSAGES
  })
  t.is(await messageAt(part, 3), 'message 3')
})

test('a bootstrap that nobody has is told, and hangs nothing; the own one is as none', async (t) => {
  const dht = await startDht(t)
  const wrong = await openMember(t, dht, ['--subnet-bootstrap', 'ab'.repeat(32)])
  t.absent(wrong.desk.writable)
  t.ok(/is the bootstrap right/.test((await wrong.desk.stats()).lines.at(-1) ?? ''))
  await t.exception(wrong.desk.post({ message: 'hello' }), /has no admin yet/)
  await wrong.close()

  const own = await openMember(t, dht)
  const { bootstrap, channel } = own.desk
  await beginSubnet(own)
  await own.close()
  const named = await openMember(t, dht, ['--subnet-bootstrap', bootstrap], { folder: own.folder })
  t.alike([named.desk.bootstrap, named.desk.writerKey, named.desk.channel], [bootstrap, bootstrap, channel])
  t.is((await named.desk.post({ message: 'hello' })).result.n, 0)
  t.is(b4a.byteLength(bootstrap), 64)
})
