import test from 'brittle'
import fs from '#fs'
import path from '#path'
import { Peer } from '../helpers/peer.ts'
import { freePort } from '../helpers/ports.ts'
import { temporaryFolder } from '../helpers/tmp.ts'

test('--version and --help answer and end, and write nothing', async (t) => {
  const cwd = temporaryFolder(t)
  const version = new Peer(t, { cwd, args: ['--version'] })
  t.alike(await version.exited, { code: 0, signal: null })
  t.ok(/^\d+\.\d+\.\d+\n$/.test(version.output))
  const help = new Peer(t, { cwd, args: ['--help'] })
  t.alike(await help.exited, { code: 0, signal: null })
  t.ok(help.output.includes('--sidechannel-rate-bytes'))
  t.alike(fs.readdirSync(cwd), [])
})

test('a mistake on the command line is one line, exit code 2, and nothing is written', async (t) => {
  const cwd = temporaryFolder(t)
  const mistakes: [string[], RegExp][] = [
    [['--sidechanel-ttl', '3'], /--sidechanel-ttl.*--sidechannel-ttl/],
    [['--sidechannel-ttl', 'x'], /--sidechannel-ttl.*integer.*"x"/],
    [
      ['--subnet-bootstrap', 'a'.repeat(63)],
      /Invalid --subnet-bootstrap\. Provide 32-byte hex \(64 chars\)\./
    ],
    [['--subnet-bootstrap', '@missing'], /--subnet-bootstrap.*missing.*ENOENT/],
    [['alice'], /alice/],
    [['start', '../alice'], /\.\.\/alice/]
  ]
  for (const [args, expected] of mistakes) {
    const peer = new Peer(t, { cwd, args })
    t.alike(await peer.exited, { code: 2, signal: null }, args.join(' '))
    t.is(peer.output, '')
    t.ok(expected.test(peer.errors), peer.errors)
    t.is(peer.errors.trim().split('\n').length, 1, 'one line')
  }
  t.alike(fs.readdirSync(cwd), [])
})

test('commands come in on a pipe, lines go out, and the end of the input ends the node', async (t) => {
  const cwd = temporaryFolder(t)
  const args = ['start', 'alice', '--local', '--local-port', String(await freePort())]
  const peer = new Peer(t, { cwd, args })
  peer.type('/stats')
  peer.type('/get_keys')
  peer.type('/nonsense')
  peer.end()
  t.alike(await peer.exited, { code: 0, signal: null })
  t.ok(/^Peer pubkey \(hex\): [0-9a-f]{64}$/m.test(peer.output))
  t.ok(/^Peer trac address \(bech32m\): trac1[a-z0-9]{58}$/m.test(peer.output))
  t.ok(/^--- Stats ---$/m.test(peer.output))
  t.ok(/^Secret Key: hidden/m.test(peer.output), 'no secret through a pipe')
  t.ok(/^Command failed: Unknown command \/nonsense/m.test(peer.output))

  const again = new Peer(t, { cwd, args })
  again.type('/get_keys --yes')
  again.end()
  await again.exited
  t.is(
    /Public Key: (\S+)/.exec(again.output)?.[1],
    /Public Key: (\S+)/.exec(peer.output)?.[1],
    'the same identity'
  )
  t.ok(/^Secret Key: [0-9a-f]{128}$/m.test(again.output))
  t.ok(/^Mnemonic: (\w+ ){23}\w+$/m.test(again.output))
  t.is(fs.statSync(path.join(cwd, 'stores', 'alice', 'db', 'keypair.json')).mode & 0o777, 0o600)
})

test('without standard input, or with an empty one, the node runs on until it is told to stop', async (t) => {
  const cwd = temporaryFolder(t)
  const port = String(await freePort())
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    const peer = new Peer(t, { cwd, args: ['--local', '--local-port', port], input: false })
    await peer.saw('Peer store:')
    await peer.saw('the DHT answers')
    t.alike(await peer.stop(signal), { code: 0, signal: null }, signal)
  }
  const empty = new Peer(t, { cwd, args: ['--local', '--local-port', port, '--terminal', '0'] })
  empty.end()
  await empty.saw('Peer store:')
  await empty.saw('the DHT answers')
  t.is((await empty.stop()).code, 0)
})

test('a second process on the store is refused with the pid of the first; a killed one leaves it free', async (t) => {
  const cwd = temporaryFolder(t)
  const args = ['--local', '--local-port', String(await freePort())]
  const first = new Peer(t, { cwd, args })
  await first.saw('Peer store:')
  const second = new Peer(t, { cwd, args })
  t.is((await second.exited).code, 1)
  t.ok(second.errors.includes(`in use by process ${first.pid}.`), second.errors)
  await first.kill()
  const third = new Peer(t, { cwd, args })
  await third.saw('Peer store:')
  t.is((await third.stop()).code, 0)
})

test('a damaged or foreign key file stops the start and is left as it is', async (t) => {
  const cwd = temporaryFolder(t)
  const args = ['--local', '--local-port', String(await freePort())]
  const file = path.join(cwd, 'stores', 'peer', 'db', 'keypair.json')
  const made = new Peer(t, { cwd, args: [...args, '--wallet-password-file', 'password'] })
  fs.writeFileSync(path.join(cwd, 'password'), 'correct horse\n')
  await made.saw('Peer store:')
  await made.stop()

  const wrong = new Peer(t, { cwd, args })
  t.is((await wrong.exited).code, 1)
  t.ok(/--wallet-password-file/.test(wrong.errors), wrong.errors)

  const whole = fs.readFileSync(file, 'utf-8')
  fs.writeFileSync(file, whole.slice(0, 100))
  const damaged = new Peer(t, { cwd, args })
  t.is((await damaged.exited).code, 1)
  t.is(fs.readFileSync(file, 'utf-8'), whole.slice(0, 100), 'left as it is')
  fs.writeFileSync(file, whole)
  const right = new Peer(t, { cwd, args: [...args, '--wallet-password-file', 'password'] })
  await right.saw('Peer store:')
  await right.stop()
})

test('flags of planes that are not here never stop a start and are named', async (t) => {
  const cwd = temporaryFolder(t)
  const args = [
    '--local',
    '--local-port',
    String(await freePort()),
    '--msb-store-name',
    'x-msb',
    '--network',
    'testnet'
  ]
  const peer = new Peer(t, { cwd, args })
  await peer.saw(/no effect yet: --msb-store-name, --network/)
  await peer.saw('Peer store:')
  await peer.stop()
  t.alike(fs.readdirSync(path.join(cwd, 'stores')), ['peer'])
})
