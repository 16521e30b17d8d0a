import test from 'brittle'
import type { ChannelName } from '../../../features/sidechannel/names.ts'
import type { Received } from '../../../features/sidechannel/sidechannels.ts'
import { openNode } from '../../helpers/node.ts'
import { once, startDht } from '../../helpers/swarm.ts'

const ENTRY = '0000intercom' as ChannelName

test('two nodes talk on the entry channel', async (t) => {
  const bootstrap = await startDht(t)
  const a = await openNode(t, bootstrap)
  const b = await openNode(t, bootstrap)
  const opened = [a, b].map(async ({ sidechannels }) => {
    while (sidechannels.channels.get(ENTRY)?.sessions.length !== 1) await new Promise((r) => setTimeout(r, 5))
  })
  await Promise.all(opened)
  const heard = once<Received>(b.sidechannels, 'message')
  const sent = await a.sidechannels.send(ENTRY, 'hello')
  t.ok(sent.ok && sent.neighbours === 1)
  const { channel, message, verified } = await heard
  t.is(channel, ENTRY)
  t.is(message.message, 'hello')
  t.is(message.from, a.node.key)
  t.is(verified, true)
})
