import type { AddressInfo } from 'node:net'
import UDX from 'udx-native'
import net from '#net'
import { LOOPBACK } from '../../src/network/local-dht.ts'

/** A loopback UDP port that nobody listens on. */
export async function freePort(): Promise<number> {
  const socket = new UDX().createSocket()
  socket.bind(0, LOOPBACK)
  const { port } = socket.address()
  await socket.close()
  return port
}

/** The same for TCP. */
export async function freeTcpPort(): Promise<number> {
  const server = net.createServer()
  await new Promise<void>((resolve) => server.listen(0, LOOPBACK, resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}
