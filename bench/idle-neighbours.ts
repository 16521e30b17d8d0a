// Raw neighbours that open two channels and then do nothing. Arguments: DHT port, whose neighbours, how many.
import b4a from 'b4a'
import { raw } from 'compact-encoding'
import DHT from 'hyperdht'
import type { Connection } from 'hyperswarm'
import Protomux from 'protomux'
import process from '#process'
import { ENTRY_CHANNEL, protocolOf } from '../features/sidechannel/names.ts'
import { LOOPBACK } from '../src/network/local-dht.ts'
import { CHANNEL } from './helpers/pairs.ts'

const [, , port, key = '', count] = process.argv
const dht = new DHT({ bootstrap: [`${LOOPBACK}:${port}`], host: LOOPBACK, firewalled: false })
for (let i = 0; i < Number(count); i++) {
  const connection = dht.connect(b4a.from(key, 'hex'), { keyPair: DHT.keyPair() }) as Connection
  const mux = Protomux.from(connection)
  for (const name of [ENTRY_CHANNEL, CHANNEL]) await open(mux, protocolOf(name))
}
process.stdout.write('open\n')

function open(mux: Protomux, protocol: string): Promise<void> {
  return new Promise((resolve) => {
    const channel = mux.createChannel({ protocol, onopen: resolve })
    channel?.addMessage({ encoding: raw, onmessage: () => {} })
    channel?.open()
  })
}
