import UDX from 'udx-native'
import { LOOPBACK } from '../../src/network/local-dht.ts'

/** A loopback UDP port that nobody listens on. */
export async function freePort(): Promise<number> {
  const socket = new UDX().createSocket()
  socket.bind(0, LOOPBACK)
  const { port } = socket.address()
  await socket.close()
  return port
}
