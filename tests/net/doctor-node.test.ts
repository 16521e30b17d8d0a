import test from 'brittle'
import path from '#path'
import { ENTRY_CHANNEL } from '../../features/sidechannel/names.ts'
import { LOOPBACK } from '../../src/network/local-dht.ts'
import { openBridge, TOKEN } from '../helpers/bridge.ts'
import { assertFinding, look } from '../helpers/doctor.ts'
import { hear, neighbours } from '../helpers/heard.ts'
import { openNode } from '../helpers/node.ts'
import { PROJECT } from '../helpers/peer.ts'
import { freePort } from '../helpers/ports.ts'
import { startDht } from '../helpers/swarm.ts'
import { temporaryFolder } from '../helpers/tmp.ts'

test('a DHT that does not answer: that is a fault, and the NAT stays unknown', async (t) => {
  const stores = temporaryFolder(t)
  const nobody = `${LOOPBACK}:${await freePort()}`
  const { dht, nat } = await look(stores, ['dht', 'nat'], ['--dht-bootstrap', nobody])
  assertFinding(t, dht, 'fail', new RegExp(`${nobody} does not answer`), /UDP/)
  assertFinding(t, nat, 'unknown', /unknown/, /once the DHT answers/)
  const local = ['--local', '--local-port', String(await freePort())]
  const alone = await look(stores, ['dht', 'nat'], local)
  assertFinding(t, alone.dht, 'ok', /Nobody hosts/)
  assertFinding(t, alone.nat, 'ok', /Not asked/)
})

test('a running node is asked: how it is, its DHT, and how far its clock is from others', async (t) => {
  const dht = await startDht(t)
  const stores = temporaryFolder(t)
  const { node, bridge, sidechannels } = await openBridge(t, dht, [], stores)
  await node.store.runFile.update({ bridge: bridge.listening, readyAt: Date.now() })
  const given = await look(stores, ['node'])
  assertFinding(t, given.node, 'unknown', /given its token at its start/, /SC_BRIDGE_TOKEN/)
  const names = ['store', 'node', 'dht', 'nat', 'ports', 'clock']
  const flags = ['--sc-bridge-token', TOKEN]
  await sidechannels.announced()
  const alone = await look(stores, names, flags)
  assertFinding(t, alone.clock, 'unknown', /No neighbour has sent/, /neighbours have sent/)
  assertFinding(t, alone.ports, 'ok', new RegExp(`this node has port ${bridge.listening.port}`))
  assertFinding(t, alone.nat, 'ok', /^open/)
  const ahead = { now: () => Date.now() + 120_000 }
  const other = await openNode(t, dht, ['--peer-store-name', 'other'], temporaryFolder(t), ahead)
  const messages = hear(sidechannels)
  await neighbours(other.sidechannels, ENTRY_CHANNEL, 1)
  await other.sidechannels.send(ENTRY_CHANNEL, 'hello')
  await messages.count(1)
  const found = await look(stores, names, flags)
  assertFinding(t, found.store, 'ok', /A node runs on it/)
  assertFinding(t, found.node, 'ok', /It is well.* 1 connection\./)
  assertFinding(t, found.dht, 'ok', /answers the node/)
  assertFinding(t, found.clock, 'warn', /\+1\d\d\.\d s from this one \(median of 1\)/, /NTP/)
  const wrong = await look(stores, ['node'], ['--sc-bridge-token', 'f'.repeat(32)])
  assertFinding(t, wrong.node, 'unknown', /refused the question \(401\)/, /token/)
})

test('a bridge with TLS is asked by its certificate, and not without', async (t) => {
  const stores = temporaryFolder(t)
  const fixture = (name: string) => path.join(PROJECT, 'tests', 'fixtures', name)
  const cert = ['--sc-bridge-tls-cert', fixture('tls-cert.pem')]
  const flags = [...cert, '--sc-bridge-tls-key', fixture('tls-key.pem')]
  const { node, bridge } = await openBridge(t, await startDht(t), flags, stores)
  await node.store.runFile.update({ bridge: bridge.listening, readyAt: Date.now() })
  const token = ['--sc-bridge-token', TOKEN]
  assertFinding(t, (await look(stores, ['clock'], [...token, ...cert])).clock, 'unknown', /No neighbour/, /./)
  assertFinding(
    t,
    (await look(stores, ['node'], token)).node,
    'unknown',
    /not asked: .*certificate/i,
    /--sc-bridge-tls-cert/
  )
})
