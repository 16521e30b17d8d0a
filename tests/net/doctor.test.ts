import type { AddressInfo } from 'node:net'
import test from 'brittle'
import fs from '#fs'
import net from '#net'
import path from '#path'
import process from '#process'
import { IntercomError } from '../../src/base/errors.ts'
import { resolveConfig } from '../../src/config/resolve.ts'
import { examine } from '../../src/doctor/examine.ts'
import type { NamedFinding } from '../../src/doctor/finding.ts'
import { CHECKS } from '../../src/doctor/table.ts'
import { Visit } from '../../src/doctor/visit.ts'
import { LOOPBACK } from '../../src/network/local-dht.ts'
import { TOKEN } from '../helpers/bridge.ts'
import { CliProcess } from '../helpers/cli.ts'
import { assertFinding, INFO, look, madeStore } from '../helpers/doctor.ts'
import { Peer, PROJECT } from '../helpers/peer.ts'
import { freePort } from '../helpers/ports.ts'
import { snapshot } from '../helpers/stores.ts'
import { startDht } from '../helpers/swarm.ts'
import { temporaryFolder } from '../helpers/tmp.ts'

test('a healthy store, on a DHT that answers: all is well, and nothing in it is changed', async (t) => {
  const [dht] = await startDht(t)
  const stores = await madeStore(t)
  const folder = path.join(stores, 'peer')
  const before = snapshot(folder)
  const args = ['doctor', '--peer-stores-directory', stores, '--dht-bootstrap', `${LOOPBACK}:${dht?.port}`]
  const people = await new CliProcess(t, stores, args).result
  t.is(people.code, 0, people.out + people.err)
  for (const { name } of CHECKS) t.ok(new RegExp(`^\\w+ +${name} +\\S`, 'm').test(people.out), name)
  t.ok(people.out.includes('11 ok, 1 unknown.'), people.out)
  const program = await new CliProcess(t, stores, [...args, '--json']).result
  t.is(program.code, 0)
  const report = JSON.parse(program.out)
  t.alike([report.type, report.status, report.store], ['doctor', 'ok', folder])
  const unwell = report.findings.filter(({ status }: NamedFinding) => status !== 'ok')
  t.alike(
    unwell.map(({ check, status }: NamedFinding) => [check, status]),
    [['clock', 'unknown']]
  )
  t.alike(snapshot(folder), before)
})

test('files that others may read are found, each with the command that closes it', async (t) => {
  const stores = await madeStore(t)
  const folder = path.join(stores, 'peer')
  assertFinding(t, (await look(stores, ['secrets'])).secrets, 'ok', /all 3/)
  fs.chmodSync(folder, 0o755)
  assertFinding(t, (await look(stores, ['secrets'])).secrets, 'warn', /mode 755/, /^chmod 700 /)
  fs.chmodSync(path.join(folder, 'db', 'keypair.json'), 0o640)
  const { secrets } = await look(stores, ['secrets'])
  assertFinding(t, secrets, 'fail', /keypair\.json" is open to its group/, /^chmod 600 \S*keypair\.json$/)
  fs.chmodSync(path.join(folder, 'db', 'keypair.json'), 0o600)
  fs.chmodSync(folder, 0o700)
  const password = path.join(stores, 'password')
  const tokens = path.join(stores, 'tokens.json')
  fs.writeFileSync(password, 'secret', { mode: 0o640 })
  fs.writeFileSync(tokens, JSON.stringify({ [TOKEN]: ['read'] }), { mode: 0o640 })
  const flags = ['--wallet-password-file', password, '--sc-bridge-tokens', `@${tokens}`]
  assertFinding(t, (await look(stores, ['secrets'], flags)).secrets, 'ok', /all 5/)
  fs.chmodSync(tokens, 0o644)
  assertFinding(
    t,
    (await look(stores, ['secrets'], flags)).secrets,
    'fail',
    /tokens\.json" is open to other users/,
    /chmod/
  )
})

test('a port that another program holds is found before the start fails over it', async (t) => {
  const server = net.createServer()
  await new Promise<void>((resolve) => server.listen(0, LOOPBACK, resolve))
  t.teardown(() => new Promise<void>((resolve) => server.close(() => resolve())))
  const { port } = server.address() as AddressInfo
  const flags = [
    '--sc-bridge',
    '1',
    '--sc-bridge-port',
    String(port),
    '--metrics',
    '1',
    '--metrics-port',
    '0'
  ]
  const stores = temporaryFolder(t)
  const { ports } = await look(stores, ['ports'], flags)
  assertFinding(t, ports, 'fail', new RegExp(`^Port ${port} of "127.0.0.1" is in use`), /--sc-bridge-port/)
  assertFinding(t, (await look(stores, ['ports'])).ports, 'ok', /No server/)
  assertFinding(
    t,
    (await look(stores, ['ports'], ['--rpc', '1', '--rpc-port', String(await freePort())])).ports,
    'ok',
    /RPC: port \d+ is free/
  )
})

test('the key file: the password that is configured opens it, or does not', async (t) => {
  const password = path.join(temporaryFolder(t), 'password')
  fs.writeFileSync(password, 'right\n', { mode: 0o600 })
  const stores = await madeStore(t, ['--wallet-password-file', password])
  const flags = ['--wallet-password-file', password]
  assertFinding(t, (await look(stores, ['key'], flags)).key, 'ok', /with the password\. Peer pubkey/)
  fs.writeFileSync(password, 'wrong\n')
  const wrong = (await look(stores, ['key'], flags)).key
  assertFinding(t, wrong, 'fail', /wrong password or damaged file/, /--wallet-password-file/)
  fs.unlinkSync(password)
  assertFinding(t, (await look(stores, ['key'], flags)).key, 'fail', /Cannot read --wallet/, /permissions/)
  fs.unlinkSync(path.join(stores, 'peer', 'db', 'keypair.json'))
  assertFinding(t, (await look(stores, ['key'])).key, 'fail', /new identity/, /Put back your copy/)
})

test('the store: newer, moved, not there, left behind by a kill', async (t) => {
  const stores = await madeStore(t)
  const folder = path.join(stores, 'peer')
  assertFinding(t, (await look(stores, ['store'])).store, 'ok', /Format 1\. No node runs/)
  fs.writeFileSync(path.join(folder, 'format'), '7\n')
  assertFinding(t, (await look(stores, ['store'])).store, 'fail', /has format 7/, /later one/)
  fs.writeFileSync(path.join(folder, 'format'), 'x')
  assertFinding(t, (await look(stores, ['store'])).store, 'fail', /does not say which format/, /Put back/)
  fs.unlinkSync(path.join(folder, 'format'))
  fs.cpSync(folder, path.join(stores, 'copy'), { recursive: true })
  const copied = (await look(stores, ['store'], ['--peer-store-name', 'copy'])).store
  assertFinding(t, copied, 'fail', /copied or moved/, /keypair\.json/)
  const misspelt = (await look(stores, ['store'], ['--peer-store-name', 'pear'])).store
  assertFinding(t, misspelt, 'warn', /There are: copy, peer/, /start pear/)
  fs.mkdirSync(path.join(stores, 'set-up', 'db'), { recursive: true })
  fs.writeFileSync(path.join(stores, 'set-up', 'db', 'keypair.json'), '')
  const setUp = (await look(stores, ['store'], ['--peer-store-name', 'set-up'])).store
  assertFinding(t, setUp, 'ok', /Its first start makes the rest: npm start -- start set-up\./)

  const local = ['--local', '--local-port', String(await freePort()), '--terminal', '0']
  const peer = new Peer(t, {
    cwd: stores,
    args: ['start', 'peer', '--peer-stores-directory', stores, ...local]
  })
  await peer.saw('Peer store')
  const words = ['--local', '--local-port', local[2] ?? '']
  const running = await look(
    stores,
    ['store', 'node', 'clock', 'dht', 'nat', 'ports'],
    [...words, '--metrics', '1']
  )
  assertFinding(t, running.store, 'ok', new RegExp(`process ${peer.pid}`))
  assertFinding(t, running.node, 'unknown', /neither metrics nor SC-Bridge/, /--metrics 1/)
  assertFinding(t, running.clock, 'unknown', /neither metrics/, /--metrics 1/)
  assertFinding(t, running.dht, 'ok', /The local DHT .* answers/)
  assertFinding(t, running.ports, 'warn', /the running node has none/, /Restart/)
  const later = { now: () => Date.now() + 60_000 }
  const hung = await look(stores, ['store', 'node'], words, later)
  assertFinding(
    t,
    hung.store,
    'fail',
    /no sign of life for (59|60) s|no sign of life for 1 min/,
    /kill \d+ ends it/
  )
  assertFinding(t, hung.node, 'unknown', /no sign of life/, /Ctrl-Z/)
  await peer.kill()
  assertFinding(t, (await look(stores, ['store'])).store, 'warn', /was killed/, /Nothing has to be done/)
  // Another process has its number meanwhile.
  const run = path.join(folder, 'run.json')
  const left = JSON.parse(fs.readFileSync(run, 'utf-8'))
  fs.writeFileSync(run, JSON.stringify({ ...left, pid: process.pid, birth: null }))
  const reused = await look(stores, ['store', 'node'], [], later)
  assertFinding(t, reused.store, 'warn', /was killed/, /Nothing has to be done/)
  assertFinding(t, reused.node, 'ok', /does not run/)
})

test('a store that one may not look into is not taken for none', async (t) => {
  const stores = temporaryFolder(t)
  const folder = path.join(stores, 'peer')
  fs.mkdirSync(folder, { mode: 0o000 })
  t.teardown(() => fs.chmodSync(folder, 0o700), { order: 90 })
  const args = ['doctor', '--json', '--peer-stores-directory', stores, '--local']
  const own = [process.execPath, path.join(PROJECT, 'index.js')]
  // The rights of root go beyond permissions: it is asked without them.
  const command = isOpenToAll(folder) ? ['setpriv', '--bounding-set=-all', '--inh-caps=-all', ...own] : own
  const peer = new Peer(t, { command: command as [string, ...string[]], args, cwd: stores, input: false })
  await peer.saw(/\n$/)
  const { code } = await peer.exited
  t.is(code, 1, peer.errors)
  const { findings } = JSON.parse(peer.output)
  const of = (name: string) => findings.find(({ check }: NamedFinding) => check === name)
  const remedy = /as the user who runs the node/
  assertFinding(t, of('store'), 'fail', /You may not look into ".*peer"/, remedy)
  assertFinding(t, of('config'), 'fail', /EACCES/, remedy)
  assertFinding(t, of('secrets'), 'unknown', /may not/, remedy)
  assertFinding(t, of('node'), 'unknown', /may not be looked into/, remedy)
})

function isOpenToAll(folder: string): boolean {
  try {
    return fs.readdirSync(folder).length === 0
  } catch {
    return false
  }
}

test('a damaged config.json is one finding among the others', async (t) => {
  const stores = await madeStore(t)
  fs.writeFileSync(path.join(stores, 'peer', 'config.json'), '{"sc-bridge": tru')
  const local = ['--local', '--local-port', String(await freePort())]
  const args = ['doctor', '--peer-stores-directory', stores, ...local]
  const { code, out, err } = await new CliProcess(t, stores, args).result
  t.is(code, 1, err)
  t.ok(/^fail +config +.*config\.json is not JSON/m.test(out), out)
  t.ok(/-> Mend the file.* without the file\.$/m.test(out), out)
  t.ok(/^ok +key +It opens/m.test(out), 'the rest was looked at')
  fs.writeFileSync(path.join(stores, 'peer', 'config.json'), '{"sc-bridge-port": 70000}')
  const value = await new CliProcess(t, stores, [...args, '--json']).result
  t.is(value.code, 1)
  const { findings } = JSON.parse(value.out)
  const config = findings.find(({ check }: NamedFinding) => check === 'config')
  assertFinding(t, config, 'fail', /"sc-bridge-port" in .*config\.json/, /without the file/)
  const typed = await new CliProcess(t, stores, [...args, '--sc-bridge-port', '70000']).result
  t.is(typed.code, 2, 'a mistake on the command line is no finding')
  t.is(typed.out, '')
})

test('what a check throws is its finding, and one that hangs holds up no other', async (t) => {
  const words = ['--peer-stores-directory', temporaryFolder(t)]
  const visit = new Visit({ ...INFO, words, resolved: resolveConfig(words, {}) })
  const findings = await examine(
    visit,
    [
      { name: 'a', looksAt: 'a', run: () => Promise.reject(new Error('broken')) },
      { name: 'b', looksAt: 'b', run: () => Promise.reject(new IntercomError('store_moved', 'Moved.')) },
      { name: 'c', looksAt: 'what never ends', run: () => new Promise(() => {}) }
    ],
    20
  )
  assertFinding(t, findings[0], 'fail', /^broken$/, /report it/)
  assertFinding(t, findings[1], 'fail', /^Moved\.$/, /keypair/)
  assertFinding(t, findings[2], 'unknown', /what never ends/, /Ask again/)
})
