import type { Socket } from 'node:net'
import type { Assertions } from 'brittle'
import test from 'brittle'
import net from '#net'
import { CliProcess } from '../../helpers/cli.ts'
import { temporaryFolder } from '../../helpers/tmp.ts'

const TOKEN = { SC_BRIDGE_TOKEN: '0123456789abcdef' }

test('a server that says nothing is no bridge after a while; Ctrl-C does not wait for that', async (t) => {
  const server = await silentServer(t)
  const cwd = temporaryFolder(t)
  const words = ['stats', '--sc-bridge-port', String(server.port)]
  const patient = new CliProcess(t, cwd, [...words, '--json'], { env: TOKEN })
  await server.accepted(1)
  const signals = [
    ['SIGINT', 130],
    ['SIGTERM', 143]
  ] as const
  for (const [index, [signal, code]] of signals.entries()) {
    const hasty = new CliProcess(t, cwd, words, { env: TOKEN })
    await server.accepted(index + 2)
    t.is((await hasty.peer.stop(signal)).code, code, signal)
    t.is((await hasty.result).err, '')
  }
  const { code, out, err } = await patient.result
  t.alike([code, out], [3, ''])
  t.is(JSON.parse(err).code, 'cannot_connect')
})

/** Takes every connection and never says a word. */
function silentServer(t: Assertions): Promise<{ port: number; accepted(count: number): Promise<void> }> {
  const sockets: Socket[] = []
  const waiting = new Set<() => void>()
  const server = net.createServer((socket) => {
    sockets.push(socket)
    socket.on('error', () => {})
    socket.resume()
    for (const wake of waiting) wake()
  })
  t.teardown(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return new Promise((resolve, reject) => {
    server.on('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number }
      /** Resolves once so many have connected. */
      const accepted = async (count: number) => {
        while (sockets.length < count) await new Promise<void>((wake) => waiting.add(wake))
      }
      resolve({ port, accepted })
    })
  })
}
