import b4a from 'b4a'
import test, { type Assertions } from 'brittle'
import type { ChannelName } from '../../../features/sidechannel/names.ts'
import type { Received } from '../../../features/sidechannel/sidechannels.ts'
import { Sidechannels } from '../../../features/sidechannel/sidechannels.ts'
import { decodeMessage, type MemberMessage } from '../../../features/subnet/members/messages.ts'
import { channelBuffer } from '../../../features/subnet/members/place.ts'
import { type Hex32, hex32 } from '../../../src/base/hex.ts'
import type { HostPort } from '../../../src/config/types.ts'
import { openNode } from '../../helpers/node.ts'
import { GoldenContract } from '../../helpers/subnet/golden-contract.ts'
import { BEFORE_TX, GOLDEN, goldenScript, yes } from '../../helpers/subnet/golden-script.ts'
import { openMember, until } from '../../helpers/subnet/member.ts'
import { layOutDeployedStore } from '../../helpers/subnet/old-store.ts'
import { byte } from '../../helpers/subnet/ops.ts'
import { openPeer, type Peer } from '../../helpers/subnet/peer.ts'
import { once, openNetwork, seedKeyPair, startDht } from '../../helpers/swarm.ts'
import { temporaryFolder } from '../../helpers/tmp.ts'

const CHANNEL = 'golden-app'
const WALLET = 7
const ENTRY = '0000intercom' as ChannelName

interface DeployedWriter {
  readonly peer: Peer
  /** What came over the protocol of deployed peers. */
  readonly firstMessage: Promise<MemberMessage>
  /** Of its wallet. */
  readonly key: Hex32
}

/** A writer that is found as deployed peers are, and by no name of ours. */
async function openDeployedWriter(t: Assertions, dht: readonly HostPort[]): Promise<DeployedWriter> {
  const peer = await openPeer(t, { contract: new GoldenContract(), settlements: { msb: yes } })
  const { network } = await openNetwork(t, dht, WALLET)
  t.teardown(network.streams((connection) => void peer.base.replicate(connection)))
  const name = channelBuffer(CHANNEL)
  const firstMessage = new Promise<MemberMessage>((resolve) => {
    network.protocol(b4a.toString(name), {
      onmessage(_session, bytes) {
        const message = decodeMessage(bytes)
        if (message !== null) resolve(message)
      }
    })
  })
  await network.join(name)
  return { peer, firstMessage, key: hex32(seedKeyPair(WALLET).publicKey) }
}

test('a reader follows a deployed subnet, and stops at its first transaction with the node up', async (t) => {
  const dht = await startDht(t)
  const { peer, firstMessage, key } = await openDeployedWriter(t, dht)
  const ops = goldenScript().map(([op]) => op)
  const firstTx = ops.findIndex((op) => (op as { type: string }).type === 'tx')
  for (const op of ops.slice(0, 5)) await peer.base.append(op)

  const bootstrap = hex32(peer.base.key)
  const flags = ['--subnet-bootstrap', bootstrap, '--subnet-channel', CHANNEL]
  const reader = await openMember(t, dht, flags)
  const { desk } = reader
  const length = () => desk.subnet.base.view.core.length
  await until(reader, async () => length() === (await peer.view()).length)
  for (const op of ops.slice(5, firstTx)) await peer.base.append(op)
  await until(reader, () => length() === BEFORE_TX.length)
  const { result, lines } = await desk.stats()
  t.alike({ length: result.viewLength, hash: result.viewHash }, BEFORE_TX)
  t.alike([result.ruleset, result.settlement, result.isWriter], [1, 'msb', false])
  t.ok(lines.includes('Ruleset: 1, settlement: msb'))
  t.is(await desk.get('kcin/bob'), await peer.get('kcin/bob'), 'confirmed')
  t.ok(
    reader.lines.some((line) => line.endsWith(': hello')),
    'the chat is shown'
  )

  t.alike(await firstMessage, { inviteMyKey: desk.writerKey, bootstrap, to: key })

  const stopped = once<string>(desk.subnet, 'interrupted')
  for (const op of ops.slice(firstTx)) await peer.base.append(op)
  t.is(await stopped, 'The log has a transaction that needs the settlement "msb", which this node has not.')
  t.alike(await peer.view(), GOLDEN)
  t.is((await desk.stats()).lines.at(-1), `Stopped: ${desk.subnet.interrupted}`)
  t.is(length(), BEFORE_TX.length)
  t.is(await desk.get('chat_status'), 'on')
  t.is((await desk.messages({})).total, 2)
  t.alike(
    (await desk.list({ prefix: 'kcin/' })).map(({ key }) => key),
    ['kcin/bob']
  )
  await t.exception(desk.post({ message: 'hello' }), /stopped here|not writable/i)

  const sidechannels = new Sidechannels(reader.node)
  t.teardown(() => sidechannels.close(), { order: 15 })
  await sidechannels.ready()
  const other = await openNode(t, dht)
  while (other.sidechannels.channels.get(ENTRY)?.sessions.length !== 1)
    await new Promise((r) => setTimeout(r, 5))
  const message = once<Received>(sidechannels, 'message')
  await other.sidechannels.send(ENTRY, 'still there?')
  t.is((await message).message.message, 'still there?')

  await sidechannels.close()
  await reader.close()
  const again = await openMember(t, dht, flags, { folder: reader.folder })
  if (again.desk.subnet.interrupted === null) await once(again.desk.subnet, 'interrupted')
  t.is((await again.desk.stats()).result.viewHash, BEFORE_TX.hash, 'after a restart, too')
})

test('a store that deployed libraries wrote opens in place, and its log goes on from there', async (t) => {
  const folder = temporaryFolder(t)
  const subnet = layOutDeployedStore(folder)
  const peer = await openPeer(t, { contract: new GoldenContract(), settlements: { msb: yes }, folder })
  t.is(hex32(peer.base.key), subnet)
  t.ok(peer.base.writable)
  t.alike(await peer.view(), GOLDEN)
  await peer.base.append({ type: 'autoAddWriter', key: byte(0x33) })
  t.alike(await peer.member(byte(0x33)), { isIndexer: false, isRemoved: false, length: 0 })
})
