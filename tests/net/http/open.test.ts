import test, { type Assertions } from 'brittle'
import fs from '#fs'
import net from '#net'
import os from '#os'
import path from '#path'
import { IntercomError } from '../../../src/base/errors.ts'
import { temporaryFolder } from '../../helpers/tmp.ts'
import {
  CERT,
  Client,
  createServer,
  exchange,
  FLAGS,
  KEY,
  LOOPBACK,
  type Options,
  OTHER_KEY,
  openServer,
  requestText,
  TLS,
  upgradeText
} from './helpers.ts'

/** Opening fails with this code, and the error names all of the texts. */
async function failsToOpen(
  t: Assertions,
  options: Options,
  code: string,
  texts: readonly string[]
): Promise<void> {
  const { server } = createServer(t, options)
  try {
    await server.ready()
    t.fail(`opened with ${JSON.stringify(options)}`)
  } catch (error) {
    if (!(error instanceof IntercomError)) throw error
    t.is(error.code, code, error.message)
    const said = `${error.message} ${error.next}`
    for (const text of texts) t.ok(said.includes(text), `"${said}" names ${text}`)
    t.absent(/[\r\n]/.test(said), 'one line')
  }
  await server.close()
}

test('a free port, and the same again after the close', async (t) => {
  const { server, port } = await openServer(t)
  t.ok(port > 0)
  t.is(server.address.address, LOOPBACK)
  await server.close()
  await server.close()
  const again = await openServer(t, { port })
  t.is(again.port, port)
  t.is((await exchange(port, requestText(port))).status, 200)
})

test('a busy port: the flag and the remedy', async (t) => {
  const { port } = await openServer(t)
  const remedy =
    'Stop the process that holds the port, or pick another one with --sc-bridge-port (0: any free one).'
  await failsToOpen(t, { port }, 'port_in_use', [String(port), remedy])
  t.is((await exchange(port, requestText(port))).status, 200, 'whoever holds it is not disturbed')
})

test('an address that is not of this machine, a name that is none', async (t) => {
  const remote = { insecureRemote: true }
  await failsToOpen(t, { ...remote, host: '192.0.2.1' }, 'bad_flag', ['--sc-bridge-host', '192.0.2.1'])
  // No resolver is asked for a name of this form.
  await failsToOpen(t, { ...remote, host: 'nowhere..invalid' }, 'bad_flag', [
    '--sc-bridge-host',
    'nowhere..invalid'
  ])
  await failsToOpen(t, { ...remote, host: '1.2.3' }, 'bad_flag', ['--sc-bridge-host'])
})

test('beyond loopback only with TLS, or when it is asked for in so many words', async (t) => {
  const names = ['--sc-bridge-tls-cert', '--sc-bridge-tls-key', '--sc-bridge-insecure-remote 1']
  for (const host of ['0.0.0.0', '::', '192.0.2.1', 'example.com', '']) {
    await failsToOpen(t, { host }, 'bad_flag', names)
  }
  const flags = { ...FLAGS, tlsCert: null, tlsKey: null, insecureRemote: null }
  await failsToOpen(t, { host: '0.0.0.0', flags }, 'bad_flag', ['is not possible', '--sc-bridge-host'])
  for (const more of [{ insecureRemote: true }, { tls: TLS }]) {
    const { port } = await openServer(t, { host: '0.0.0.0', ...more })
    const secure = 'tls' in more
    t.is((await exchange(port, requestText(port), { secure })).status, 200)
    t.is((await exchange(port, requestText(port, { host: `localhost:${port}` }), { secure })).status, 403)
    t.is((await exchange(port, requestText(port, { host: `192.0.2.1:${port}` }), { secure })).status, 200)
  }
})

test('a name it listens on is one it answers to', async (t) => {
  const { server, port } = await openServer(t, { host: 'localhost' })
  const client = new Client(port, { host: server.address.address })
  client.write(requestText(port, { host: `localhost:${port}` }))
  await client.closed
  t.is(client.status, 200)
  // A machine's own name is another of its addresses, where it has one.
  const host = os.hostname()
  const { server: named } = createServer(t, { host, insecureRemote: true })
  try {
    await named.ready()
  } catch (error) {
    t.ok(error instanceof IntercomError)
    return
  }
  const { address, port: other } = named.address
  const caller = new Client(other, { host: address })
  caller.write(requestText(other, { host: `${host}:${other}` }))
  await caller.closed
  t.is(caller.status, 200)
})

test('IPv6, with and without brackets', async (t) => {
  const probe = net.createServer()
  const hasIt = await new Promise<boolean>((resolve) => {
    probe.on('error', () => resolve(false))
    probe.listen(0, '::1', () => resolve(true))
  })
  probe.close()
  if (!hasIt) {
    t.comment('this machine has no IPv6')
    t.pass()
    return
  }
  for (const host of ['::1', '[::1]']) {
    const { port } = await openServer(t, { host })
    const client = new Client(port, { host: '::1' })
    client.write(requestText(port, { host: `[::1]:${port}` }))
    await client.closed
    t.is(client.status, 200)
  }
})

test('lists whose entries could never match', async (t) => {
  for (const entry of ['', 'http://a.example', 'a b', '::1', 'a.example:x', '*']) {
    await failsToOpen(t, { allowHosts: ['good.example', entry] }, 'bad_flag', ['--sc-bridge-allow-host'])
  }
  for (const entry of ['', 'a.example', 'https://a.example/', '*']) {
    await failsToOpen(t, { allowOrigins: ['https://a.example', entry] }, 'bad_flag', [
      '--sc-bridge-allow-origin'
    ])
  }
})

test('a certificate that cannot serve is found at the start', async (t) => {
  const folder = temporaryFolder(t)
  const file = (name: string, content: string) => {
    fs.writeFileSync(path.join(folder, name), content)
    return path.join(folder, name)
  }
  const missing = path.join(folder, 'missing.pem')
  const [certFlag, keyFlag] = ['--sc-bridge-tls-cert', '--sc-bridge-tls-key']
  await failsToOpen(t, { tls: { cert: CERT, key: null } }, 'bad_flag', [`${certFlag} needs ${keyFlag}`])
  await failsToOpen(t, { tls: { cert: null, key: KEY } }, 'bad_flag', [`${keyFlag} needs ${certFlag}`])
  await failsToOpen(t, { tls: { cert: missing, key: KEY } }, 'bad_flag', [certFlag, 'missing.pem'])
  await failsToOpen(t, { tls: { cert: CERT, key: missing } }, 'bad_flag', [keyFlag, 'missing.pem'])
  await failsToOpen(t, { tls: { cert: folder, key: KEY } }, 'bad_flag', [certFlag, 'not a file'])
  const pairs = [
    { cert: CERT, key: OTHER_KEY },
    { cert: KEY, key: KEY },
    { cert: CERT, key: CERT },
    { cert: file('empty.pem', ''), key: KEY },
    { cert: CERT, key: file('garbage.pem', 'no\u0000thing\n'.repeat(50)) },
    { cert: file('cut.pem', fs.readFileSync(CERT, 'utf-8').slice(0, 200)), key: KEY }
  ]
  for (const tls of pairs) await failsToOpen(t, { tls }, 'bad_flag', [certFlag, keyFlag])
  const { server } = await openServer(t, { tls: { cert: null, key: null } })
  t.absent(server.isSecure)
})

test('a close ends all there is, at any moment', async (t) => {
  const { server, port } = await openServer(t, {
    onupgrade: (_request, socket, _head, lease) => {
      lease.release()
      socket.write('HTTP/1.1 101 Switching Protocols\r\n\r\n')
    }
  })
  server.get('/never', () => new Promise(() => {}))
  const upgraded = new Client(port).write(upgradeText(port))
  await upgraded.saw('101')
  const silent = new Client(port)
  const begun = new Client(port).write('GET /hea')
  const waiting = new Client(port).write(requestText(port, { target: '/never' }))
  const clients = [upgraded, silent, begun, waiting]
  for (const client of clients) await client.connected
  while (server.connections.sockets < 4) await exchange(port, requestText(port))
  await Promise.all([server.close(), server.close()])
  for (const client of clients) await client.closed
  t.alike(server.connections, { sockets: 0, pending: 0 })
  const late = new Client(port)
  await late.closed
  t.is(late.text, '')
})

test('a close while it opens, and before', async (t) => {
  const { server } = createServer(t, { port: 0, tls: TLS })
  const opening = server.ready()
  await server.close()
  await opening
  t.alike(server.connections, { sockets: 0, pending: 0 })
  const { server: never } = createServer(t)
  await never.close()
  t.exception(() => never.address, /does not listen/)
})
