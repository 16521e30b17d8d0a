// Peers that were killed: announces so many on the entry topic, says so, and waits to be killed.
// Arguments: DHT port, how many.

import DHT from 'hyperdht'
import Hyperswarm from 'hyperswarm'
import process from '#process'
import { ENTRY_CHANNEL, topicOf } from '../features/sidechannel/names.ts'
import { LOOPBACK } from '../src/network/local-dht.ts'

const [port = 0, count = 0] = process.argv.slice(2).map(Number)
for (let i = 0; i < count; i++) {
  const dht = new DHT({ bootstrap: [`${LOOPBACK}:${port}`], host: LOOPBACK, firewalled: false })
  const swarm = new Hyperswarm({ dht, keyPair: DHT.keyPair() })
  await swarm.join(topicOf(ENTRY_CHANNEL), { server: true, client: false }).flushed()
}
process.stdout.write('announced\n')
