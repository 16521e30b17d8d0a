import test from 'brittle'
import { Channel } from '../../../features/sidechannel/channel.ts'
import { type Link, Links } from '../../../features/sidechannel/links.ts'
import { collectSidechannels, createWorkMeter, Totals } from '../../../features/sidechannel/metrics.ts'
import { Pipeline } from '../../../features/sidechannel/pipeline.ts'
import type { ChannelPolicy } from '../../../features/sidechannel/policy/channel-policy.ts'
import { createPowSearch, solvePow } from '../../../features/sidechannel/pow.ts'
import { PendingRequests } from '../../../features/sidechannel/requests.ts'
import { utf8 } from '../../../features/sidechannel/wire.ts'
import type { Hex32 } from '../../../src/base/hex.ts'
import { Metrics } from '../../../src/metrics/registry.ts'
import { renderMetrics } from '../../../src/metrics/render.ts'
import { samplesOf } from '../../helpers/scrape.ts'
import { fakeSession } from './sessions.ts'

const SELF = 'aa'.repeat(32) as Hex32
const LIMITS = { rate: 1000, burst: 1000, maxStrikes: 2 }

function setUp() {
  const metrics = new Metrics((error) => {
    throw error
  })
  const channels = new Map<string, Channel>()
  const links = new Links(LIMITS, () => 1000)
  const pipeline = new Pipeline({ self: SELF, maxBytes: 1000, maxSkewMs: 600_000, allowUnsigned: false })
  const totals = new Totals()
  const plane = { channels, links, pipeline, pending: new PendingRequests() }
  const end = collectSidechannels(metrics, plane, totals, () => 1000)
  const read = (name: string) => samplesOf(renderMetrics(metrics)).get(`intercom_${name}`)
  return { metrics, channels, links, pipeline, totals, end, read }
}

/** The link to a neighbour that has so many messages waiting for it. */
function linkWith(links: Links, letter: string, waiting: number): Link {
  const session = fakeSession(letter.repeat(64))
  session.drained = false
  const link = links.of(session.neighbour)
  for (let i = 0; i < waiting; i++)
    link.outbox.push({ session, frame: new Uint8Array(100), mayGo: () => true }, 'own')
  return link
}

test('totals are those of all channels, the ones that were left included', (t) => {
  const { channels, totals, read } = setUp()
  for (const name of ['a', 'b']) {
    const channel = new Channel({} as ChannelPolicy, SELF)
    channels.set(name, channel)
    channel.counts.received = 10
    channel.counts.relayed = 3
    channel.drops.add('stale', 2)
  }
  t.is(read('sidechannel_channels'), 2)
  t.is(read('sidechannel_messages_total{direction="received"}'), 20)
  t.is(read('sidechannel_messages_total{direction="sent"}'), 0)
  t.is(read('sidechannel_dropped_total{reason="stale"}'), 4)
  totals.handleLeft(channels.get('a') as Channel)
  channels.delete('a')
  t.is(read('sidechannel_channels'), 1)
  t.is(read('sidechannel_messages_total{direction="received"}'), 20)
  t.is(read('sidechannel_messages_total{direction="relayed"}'), 6)
  t.is(read('sidechannel_dropped_total{reason="stale"}'), 4)
  t.is(read('sidechannel_dropped_total{reason="pow"}'), 0, 'each reason from the start')
})

test('queues, blocks and the clock', (t) => {
  const { links, pipeline, end, read, metrics } = setUp()
  t.is(read('sidechannel_outbox_max_bytes'), 0)
  t.is(read('clock_offset_seconds'), undefined, 'nobody was heard')
  const fast = linkWith(links, 'b', 1)
  linkWith(links, 'c', 3)
  t.is(read('sidechannel_outbox_messages'), 4)
  t.is(read('sidechannel_outbox_bytes'), 400)
  t.is(read('sidechannel_outbox_max_messages'), 3)
  t.is(read('sidechannel_outbox_max_bytes'), 300)
  t.is(read('sidechannel_blocked_connections'), 0)
  for (let i = 0; i < 3; i++) fast.rate.admitOwn(5000, 1000)
  t.is(read('sidechannel_blocked_connections'), 1)
  pipeline.skew.observe('x', 3500, 1000)
  t.is(read('clock_offset_seconds'), 2.5)
  t.is(read('clock_offset_neighbours'), 1)
  end()
  t.absent(renderMetrics(metrics).includes('outbox'))
  links.closeAll()
})

test('the work on a message is metered, without what others did meanwhile', async (t) => {
  const { metrics, read } = setUp()
  const preimage = { prefix: utf8('{"a":1,"nonce":'), suffix: utf8(',"b":2}') }
  let clock = 0
  const meter = { ...createWorkMeter(metrics), now: () => clock }
  const yieldNow = async () => {
    clock += 1000
  }
  const nonce = (await solvePow(preimage, 14, { yieldNow, meter })) as number
  t.is(nonce, createPowSearch(preimage, 14).step(10_000_000))
  t.is(read('sidechannel_work_hashes_total'), nonce + 1)
  t.is(read('sidechannel_work_seconds_count'), 1)
  t.is(read('sidechannel_work_seconds_sum'), 0)
})
