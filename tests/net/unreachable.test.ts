import test from 'brittle'
import process from '#process'
import { Peer } from '../helpers/peer.ts'
import { freePort } from '../helpers/ports.ts'
import { temporaryFolder } from '../helpers/tmp.ts'

test('an unreachable DHT is one line; the node works locally and joins when it returns', async (t) => {
  const cwd = temporaryFolder(t)
  const port = String(await freePort())
  const args = ['--dht-bootstrap', `127.0.0.1:${port}`]
  const peer = new Peer(t, { cwd, args })
  await peer.saw('Peer store:')
  await peer.saw(/cannot reach the DHT/)
  peer.type('/stats')
  await peer.saw('DHT: private, not reachable')
  const dht = new Peer(t, { cwd, args: ['dht', '--local-port', port] })
  await dht.saw('DHT bootstrap node at')
  await peer.saw('the DHT answers')
  t.is(peer.errors.match(/cannot reach/g)?.length, 1, 'said once')
  const other = new Peer(t, { cwd, args: ['start', 'other', ...args] })
  await Promise.all([peer.saw('neighbour connected'), other.saw('neighbour connected')])
  t.is((await peer.stop()).code, 0)
  t.is((await other.stop()).code, 0)
  t.is((await dht.stop()).code, 0)
})

test('closing ends within its time although the DHT is gone', async (t) => {
  const cwd = temporaryFolder(t)
  const port = String(await freePort())
  const dht = new Peer(t, { cwd, args: ['dht', '--local-port', port] })
  await dht.saw('DHT bootstrap node at')
  const peer = new Peer(t, { cwd, args: ['--dht-bootstrap', `127.0.0.1:${port}`] })
  await peer.saw('the DHT answers')
  await dht.kill()
  t.alike(await peer.stop(), { code: 0, signal: null })
})

test('a second signal ends at once what the first one ends in order', async (t) => {
  const cwd = temporaryFolder(t)
  const port = String(await freePort())
  const dht = new Peer(t, { cwd, args: ['dht', '--local-port', port] })
  await dht.saw('DHT bootstrap node at')
  const peer = new Peer(t, { cwd, args: ['--dht-bootstrap', `127.0.0.1:${port}`] })
  await peer.saw('Sidechannel: ready')
  // Without it the goodbye takes a while.
  await dht.kill()
  process.kill(peer.pid, 'SIGTERM')
  process.kill(peer.pid, 'SIGTERM')
  // Two within half a second are one: they may be the same key press on two ways.
  await new Promise((resolve) => setTimeout(resolve, 700))
  t.alike(await peer.stop('SIGINT'), { code: 130, signal: null })
})
