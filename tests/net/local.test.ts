import test from 'brittle'
import { Peer } from '../helpers/peer.ts'
import { freePort } from '../helpers/ports.ts'
import { temporaryFolder } from '../helpers/tmp.ts'

test('two peers on one machine meet; when the host of their DHT is killed, the others go on and new ones find them', async (t) => {
  const cwd = temporaryFolder(t)
  const port = String(await freePort())
  const start = (name: string) =>
    new Peer(t, { cwd, args: ['--local', '--local-port', port, '--peer-store-name', name] })
  const a = start('a')
  await a.saw('hosting the local DHT')
  const b = start('b')
  const keyOfB = (await b.saw(/Peer pubkey \(hex\): (\S+)/))[1] as string
  const keyOfA = (await a.saw(/Peer pubkey \(hex\): (\S+)/))[1] as string
  await Promise.all([a.saw(`peer=${keyOfB}`), b.saw(`peer=${keyOfA}`)])
  t.absent(b.errors.includes('hosting the local DHT'))

  const c = start('c')
  const keyOfC = (await c.saw(/Peer pubkey \(hex\): (\S+)/))[1] as string
  await b.saw(`peer=${keyOfC}`)
  await a.kill()
  await Promise.race([b.saw('hosting the local DHT'), c.saw('hosting the local DHT')])

  const d = start('d')
  const keyOfD = (await d.saw(/Peer pubkey \(hex\): (\S+)/))[1] as string
  await Promise.all([
    b.saw(`peer=${keyOfD}`),
    c.saw(`peer=${keyOfD}`),
    d.saw(`peer=${keyOfB}`),
    d.saw(`peer=${keyOfC}`)
  ])
  for (const peer of [b, c, d]) t.alike(await peer.stop(), { code: 0, signal: null })
})

test('peers find each other again after their DHT restarted with nothing in memory', async (t) => {
  const cwd = temporaryFolder(t)
  const port = String(await freePort())
  const startDht = async () => {
    const dht = new Peer(t, { cwd, args: ['dht', '--local-port', port] })
    await dht.saw('DHT bootstrap node at')
    return dht
  }
  const start = (name: string) =>
    new Peer(t, { cwd, args: ['start', name, '--dht-bootstrap', `127.0.0.1:${port}`] })
  const first = await startDht()
  const a = start('a')
  const keyOfA = (await a.saw(/Peer pubkey \(hex\): (\S+)/))[1] as string
  await a.saw('the DHT answers')
  await first.kill()
  const second = await startDht()
  const b = start('b')
  await b.saw(`peer=${keyOfA}`)
  for (const peer of [a, b, second]) t.is((await peer.stop()).code, 0)
})

test('the dht subcommand says so when its port is taken', async (t) => {
  const cwd = temporaryFolder(t)
  const port = String(await freePort())
  const first = new Peer(t, { cwd, args: ['dht', '--local-port', port] })
  await first.saw('DHT bootstrap node at')
  const second = new Peer(t, { cwd, args: ['dht', '--local-port', port] })
  t.is((await second.exited).code, 1)
  t.ok(second.errors.includes(port))
})
