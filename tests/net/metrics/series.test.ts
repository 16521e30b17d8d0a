import test, { type Assertions } from 'brittle'
import { MetricsServer } from '../../../features/metrics/metrics-server.ts'
import type { ChannelName } from '../../../features/sidechannel/names.ts'
import { openAccess } from '../../../src/access/access.ts'
import { FAMILY_NAMES, mostSeries } from '../../../src/metrics/families.ts'
import type { Neighbour } from '../../../src/network/protocols.ts'
import { hear, hearDrops, neighbours } from '../../helpers/heard.ts'
import { openNode } from '../../helpers/node.ts'
import { httpGet, parseMetrics, samplesOf } from '../../helpers/scrape.ts'
import { once, startDht } from '../../helpers/swarm.ts'

const ENTRY = '0000intercom' as ChannelName
const LOBBY = 'lobby' as ChannelName
const TOKEN = 'the-main-token-0123456789'
const FLAGS = [
  '--metrics',
  '1',
  '--metrics-port',
  '0',
  '--sc-bridge-token',
  TOKEN,
  '--sidechannel-welcome-required',
  '0'
]

async function openMeasured(t: Assertions, flags: readonly string[] = []) {
  const bootstrap = await startDht(t)
  const opened = await openNode(t, bootstrap, [...FLAGS, ...flags])
  const server = new MetricsServer(opened.node, await openAccess(opened.node))
  t.teardown(() => server.close(), { order: 10 })
  await server.ready()
  const scrape = async () => {
    const { status, body } = await httpGet(server.listening.port, '/metrics', {
      Authorization: `Bearer ${TOKEN}`
    })
    if (status !== 200) throw new Error(`${status}: ${body}`)
    return body
  }
  return { ...opened, bootstrap, scrape }
}

test('joining channels adds no series, and no name of theirs is told', { timeout: 120_000 }, async (t) => {
  const { sidechannels, scrape } = await openMeasured(t)
  // Once the size of the store was looked at.
  let before = await scrape()
  while (!before.includes('intercom_store_bytes ')) before = await scrape()
  for (let i = 0; i < 200; i++) sidechannels.join(`secret channel ${i}` as ChannelName)
  const after = await scrape()
  t.is(samplesOf(after).get('intercom_sidechannel_channels'), 201)
  t.alike([...samplesOf(after).keys()].sort(), [...samplesOf(before).keys()].sort())
  t.absent(after.includes('secret channel'))
  const families = parseMetrics(after)
  for (const name of FAMILY_NAMES) {
    const size = families.get(`intercom_${name}`)?.samples.size ?? 0
    t.ok(size <= mostSeries(name), `${name}: ${size} of ${mostSeries(name)}`)
  }
})

test('what was counted stays counted when a channel is left and a neighbour goes', {
  timeout: 50_000
}, async (t) => {
  const { node, sidechannels, bootstrap, scrape } = await openMeasured(t, ['--sidechannels', LOBBY])
  const flags = ['--sidechannels', LOBBY, '--sidechannel-welcome-required', '0', '--sidechannel-pow', '0']
  const other = await openNode(t, bootstrap, flags)
  await Promise.all([sidechannels, other.sidechannels].map((each) => neighbours(each, LOBBY, 1)))
  const counts = async () => {
    const samples = samplesOf(await scrape())
    const of = (name: string, label: string, value: string) =>
      samples.get(`intercom_${name}{${label}="${value}"}`) ?? -1
    return {
      received: of('sidechannel_messages_total', 'direction', 'received'),
      sent: of('sidechannel_messages_total', 'direction', 'sent'),
      pow: of('sidechannel_dropped_total', 'reason', 'pow'),
      in: of('neighbour_bytes_total', 'direction', 'in'),
      out: of('neighbour_bytes_total', 'direction', 'out'),
      work: samples.get('intercom_sidechannel_work_seconds_count') ?? -1,
      hashes: samples.get('intercom_sidechannel_work_hashes_total') ?? -1,
      connections: samples.get('intercom_connections') ?? -1
    }
  }
  const start = await counts()
  t.is(start.connections, 1)

  const drops = hearDrops(sidechannels)
  const heard = hear(other.sidechannels)
  t.ok((await other.sidechannels.send(LOBBY, 'without work')).ok)
  await drops.count(1)
  for (let i = 0; i < 3; i++) t.ok((await sidechannels.send(LOBBY, `hello ${i}`)).ok)
  await heard.count(3)
  const talked = await counts()
  t.is(talked.pow, start.pow + 1)
  t.is(talked.sent, start.sent + 3)
  t.is(talked.work, start.work + 3)
  t.ok(talked.hashes >= start.hashes + 3)
  t.ok(talked.in > start.in && talked.out > start.out)

  sidechannels.leave(LOBBY)
  const left = await counts()
  t.is(left.pow, talked.pow)
  t.is(left.sent, talked.sent)
  sidechannels.join(LOBBY)
  t.is((await counts()).sent, talked.sent, 'joined again, it is not counted twice')

  const before = await counts()
  const gone = once<Neighbour>(node.network, 'neighbour-gone')
  await other.sidechannels.close()
  await other.node.close()
  await gone
  const after = await counts()
  t.is(after.connections, 0)
  t.ok(
    after.in >= before.in && after.out >= before.out,
    `${before.in} ${after.in} ${before.out} ${after.out}`
  )
  const samples = samplesOf(await scrape())
  t.is(samples.get('intercom_connections_opened_total'), samples.get('intercom_connections_closed_total'))
  t.is(samples.get('intercom_sidechannel_channels'), 2)
})

test('a neighbour has a round-trip time once there was one', { timeout: 120_000 }, async (t) => {
  const bootstrap = await startDht(t)
  const [one, two] = [await openNode(t, bootstrap), await openNode(t, bootstrap)]
  await Promise.all([one, two].map(({ sidechannels }) => neighbours(sidechannels, ENTRY, 1)))
  const neighbour = one.node.network.neighbours.get(two.node.key) as Neighbour
  const heard = hear(one.sidechannels)
  while (neighbour.rtt() === null) {
    const next = heard.all.length + 1
    await one.sidechannels.send(ENTRY, 'there')
    await two.sidechannels.send(ENTRY, 'and back')
    await heard.count(next)
  }
  const rtt = neighbour.rtt() as number
  t.ok(Number.isFinite(rtt) && rtt > 0 && rtt < 60_000, `${rtt} ms`)
})
