import test from 'brittle'
import type { Applied } from '../../../features/subnet/engine/events.ts'
import { RULESETS } from '../../../features/subnet/engine/rules.ts'
import { openMember, until } from '../../helpers/subnet/member.ts'
import { startDht } from '../../helpers/swarm.ts'

const rules = RULESETS[2]

test('a subnet is made, joined, and its joiner becomes a writer without a restart', async (t) => {
  const dht = await startDht(t)
  const admin = await openMember(t, dht)
  const { subnet } = admin.desk
  t.is(subnet.bootstrap, subnet.writerKey)
  t.ok(subnet.writable)
  const added = await subnet.append({ type: 'addAdmin', key: admin.node.key, rules: 2, settlement: 'local' })
  t.ok(added?.accepted)
  t.alike(admin.lines, [`Admin added: ${admin.node.key}`])
  t.is(await admin.desk.get('admin'), admin.node.key, 'confirmed')

  const joiner = await openMember(t, dht, ['--subnet-bootstrap', subnet.bootstrap])
  await until(joiner, async () => (await joiner.desk.get('admin', false)) === admin.node.key)
  t.absent(joiner.desk.writable)
  await t.exception(
    joiner.desk.subnet.append({ type: 'autoAddWriter', key: joiner.desk.writerKey }),
    /not writable/
  )

  await subnet.append(subnet.pen.a(rules, 'setAutoAddWriters', 'on'))
  await until(joiner, () => joiner.desk.writable)
  t.alike((await admin.desk.stats()).result.writers, 2)
  t.absent(joiner.desk.isIndexer)

  const message = {
    msg: 'hello',
    address: joiner.node.key,
    attachments: [],
    deleted_by: null,
    reply_to: null,
    pinned: false,
    pin_id: null
  }
  await subnet.append(subnet.pen.a(rules, 'setChatStatus', 'on'))
  await until(joiner, async () => (await joiner.desk.get('chat_status', false)) === 'on')
  const posted = await joiner.desk.subnet.append(joiner.desk.subnet.pen.b(rules, 'msg', message))
  t.ok(posted?.accepted)
  await until(admin, async () => (await admin.desk.get('msgl', false)) === 1)
  t.is(admin.lines.at(-1), `#1 | ${joiner.node.key}: hello`)
})

test('a store keeps its subnet, and is refused for another', async (t) => {
  const dht = await startDht(t)
  const first = await openMember(t, dht)
  const { bootstrap, channel } = first.desk
  await first.desk.subnet.append({ type: 'addAdmin', key: first.node.key, rules: 2, settlement: 'local' })
  await first.close()
  const again = await openMember(t, dht, [], { folder: first.folder })
  t.is(again.desk.bootstrap, bootstrap)
  t.is(again.desk.channel, channel)
  t.is(await again.desk.get('admin'), again.node.key)
  await again.close()
  await t.exception(
    openMember(t, dht, ['--subnet-bootstrap', 'ab'.repeat(32)], { folder: first.folder }),
    /belongs to the subnet/
  )
})

test('many small appends become few batches, each with its own answer', async (t) => {
  const dht = await startDht(t)
  const { node, desk } = await openMember(t, dht)
  const { subnet } = desk
  await subnet.append({ type: 'addAdmin', key: node.key, rules: 2, settlement: 'local' })
  await subnet.append(subnet.pen.a(rules, 'setChatStatus', 'on'))
  let batches = 0
  subnet.on('applied', () => batches++)
  const nicks = Array.from({ length: 300 }, (_, i) =>
    subnet.append(
      subnet.pen.b(rules, 'setNick', { nick: `n${i % 200}`, address: node.key, initiator: node.key })
    )
  )
  const outcomes = await Promise.all(nicks)
  t.is(outcomes.filter((outcome) => outcome?.accepted).length, 300)
  t.ok(batches <= 3, `${batches} batches`)
})

test('who was away takes over what was signed, and is told what was said', async (t) => {
  const dht = await startDht(t)
  const admin = await openMember(t, dht)
  const { subnet } = admin.desk
  await subnet.append({ type: 'addAdmin', key: admin.node.key, rules: 2, settlement: 'local' })
  await subnet.append(subnet.pen.a(rules, 'setChatStatus', 'on'))
  const flags = ['--subnet-bootstrap', subnet.bootstrap]
  const away = await openMember(t, dht, flags)
  await until(away, async () => (await away.desk.get('chat_status', false)) === 'on')
  await away.close()

  const text = (n: number) => ({
    msg: `message ${n}`,
    address: admin.node.key,
    attachments: [],
    deleted_by: null,
    reply_to: null,
    pinned: false,
    pin_id: null
  })
  await Promise.all(Array.from({ length: 200 }, (_, n) => subnet.append(subnet.pen.b(rules, 'msg', text(n)))))

  const told: (string | null)[] = []
  const keys = new Set<string>()
  const back = await openMember(t, dht, flags, { folder: away.folder, times: { agreement: 20 } })
  back.desk.on('chat', ({ message }: { message: string | null }) => told.push(message))
  back.desk.on('changed', (changed: ReadonlySet<string>) => {
    for (const key of changed) keys.add(key)
  })
  await until(back, () => told.length === 200 && keys.has('msg/199'))
  t.alike(
    told,
    Array.from({ length: 200 }, (_, n) => `message ${n}`)
  )
  t.ok(keys.has('chat_last'))
  t.absent(
    back.logged.some((line) => line.includes('state_split')),
    'what is behind has not split off'
  )
})

test('a fresh reader applies the first batch alone, and takes over what was signed after it', async (t) => {
  const dht = await startDht(t)
  const admin = await openMember(t, dht)
  const { subnet } = admin.desk
  await subnet.append({ type: 'addAdmin', key: admin.node.key, rules: 2, settlement: 'local' })
  for (let n = 0; n < 40; n++) await subnet.append(subnet.pen.a(rules, 'setChatStatus', n % 2 ? 'on' : 'off'))

  const fresh = await openMember(t, dht, ['--subnet-bootstrap', subnet.bootstrap])
  const applied: (string | null)[] = []
  fresh.desk.subnet.on('applied', ({ operations }: Applied) => {
    applied.push(...operations.map(({ type }) => type))
  })
  await until(fresh, async () => (await fresh.desk.get('chat_status', false)) === 'on')
  t.is(applied[0], 'addAdmin')
  // And perhaps what was not signed yet.
  t.ok(applied.length < 10, `${applied.length} of 41 applied`)
})
