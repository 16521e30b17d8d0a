import type DHT from 'hyperdht'
import type { IntercomNode } from '../../src/node.ts'
import { until } from './heard.ts'
import { RawPeer } from './raw-peer.ts'

/** Neighbours that begin a message of 900 KB and are gone before its end, so many one after the other. */
export async function cutMidFrame(dht: DHT, node: IntercomNode, times: number): Promise<void> {
  for (let i = 0; i < times; i++) {
    const peer = new RawPeer(dht, node, 100 + (i % 100))
    const channel = await peer.join('0000intercom')
    const heard = node.network.neighbours.get(peer.signer.publicKey)
    const before = heard?.bytes().in ?? 0
    channel.say('x'.repeat(900_000))
    // So that part of it was on its way, and part of it was not.
    await new Promise<void>((resolve) => {
      const look = () => (heard !== undefined && heard.bytes().in > before ? resolve() : setImmediate(look))
      look()
    })
    peer.connection.destroy()
    await until(node.network, 'neighbour-gone', () => !node.network.neighbours.has(peer.signer.publicKey))
  }
}
