import test from 'brittle'
import fs from '#fs'
import net from '#net'
import path from '#path'
import { CliStage } from '../../helpers/cli.ts'

const GIVEN = 'canary-given-token-0123456789'
const SENDER = 'canary-sender-token-0123456789'

type Row = readonly [
  what: string,
  store: string,
  flags: readonly string[],
  env: Readonly<Record<string, string>>,
  code: number,
  expected: RegExp
]

test('why a node cannot be asked: each case has its code, its sentence and its next step', {
  timeout: 55_000
}, async (t) => {
  const stage = await CliStage.open(t)
  const tokens = JSON.stringify({ [SENDER]: ['send'] })
  const [alice, plain, given] = await Promise.all([
    stage.start('alice', ['--sc-bridge-tokens', tokens]),
    stage.stage.start('plain'),
    stage.start('given', ['--sc-bridge-token', GIVEN])
  ])
  const check = async ([what, store, flags, env, code, expected]: Row) => {
    const human = await stage.run(store, ['stats', ...flags], { env })
    t.alike([human.code, human.out], [code, ''], `${what}: ${human.err}`)
    t.ok(expected.test(human.err), human.err)
    t.is(human.err.trimEnd().split('\n').length, 1, 'one line')
    t.absent(/canary|wrong-token|\bat \w+ \(/.test(human.err), 'neither a secret nor a stack')
    const program = await stage.run(store, ['stats', ...flags, '--json'], { env })
    t.alike([program.code, program.out], [code, ''], what)
    const object = JSON.parse(program.err)
    t.is(object.type, 'error')
    t.ok(object.code !== '' && object.error !== '' && object.next !== '', what)
  }

  const port = ['--sc-bridge-port', String(await unusedPort())]
  const wrong = { SC_BRIDGE_TOKEN: 'wrong-token-0123456789' }
  const sender = { SC_BRIDGE_TOKEN: SENDER }
  const known = /There is no store ".*nobody"\. There are: alice, given, plain\..*--peer-store-name/
  await check(['no store', 'nobody', [], {}, 3, known])
  await check(['no bridge', 'plain', [], {}, 3, /runs without SC-Bridge\..*--sc-bridge 1/])
  await check(['no listener', 'alice', port, {}, 3, /Cannot connect to ws:\/\/127\.0\.0\.1:\d+ \(/])
  await check(['no token file', 'given', [], {}, 4, /was given its token at its start.*SC_BRIDGE_TOKEN/])
  await check(['wrong token', 'alice', [], wrong, 4, /The node refused the token from SC_BRIDGE_TOKEN\./])
  await check(['may not', 'alice', [], sender, 4, /This token may not stats/])
  await check(['not sent away', 'alice', ['--sc-bridge-host', '192.0.2.1'], {}, 4, /stays on this machine/])

  t.ok(
    (await stage.done('given', ['stats'], { env: { SC_BRIDGE_TOKEN: GIVEN } })).startsWith('Connections: ')
  )
  fs.writeFileSync(path.join(stage.stage.cwd, 'token'), `${GIVEN}\n`)
  t.ok((await stage.done('given', ['stats', '--sc-bridge-token-file', 'token'])).startsWith('Connections: '))
  await stage.done('alice', ['send', '0000intercom', 'x'], { env: sender })
  t.is((await stage.run('alice', ['join', 'den', '--owner', alice.key], { env: sender })).code, 4)

  await Promise.all([plain.peer.kill(), given.stop(), alice.stop()])
  const stopped = /No node runs on the store ".*given"\..*npm start -- start given --sc-bridge 1/
  await check(['stopped', 'given', [], {}, 3, stopped])
  await check(['killed', 'plain', [], {}, 3, /process \d+ ended without closing it\..*start plain/])
})

test('what the node refuses is code 1, with the sentence of the node', { timeout: 120_000 }, async (t) => {
  const stage = await CliStage.open(t)
  const alice = await stage.start('alice', [
    '--sidechannel-owner',
    `news:${'ab'.repeat(32)}`,
    '--sidechannel-owner-write-only',
    '1'
  ])
  const rows: [string[], string, RegExp][] = [
    [['send', 'news', 'x'], 'owner_only', /^Send denied \(owner-only channel\)\.$/],
    [['cli', '/stats'], 'disabled', /^CLI over WS is disabled\.$/],
    [['welcome', '0000intercom', 'x'], 'denied', /^Welcome denied \(.*\)\.$/]
  ]
  for (const [words, code, sentence] of rows) {
    const { code: exit, err } = await stage.run('alice', [...words, '--json'])
    const object = JSON.parse(err)
    t.alike([exit, object.code], [1, code])
    t.ok(sentence.test(object.error), object.error)
  }
  const input = 'x'.repeat(3_000_000)
  const { code, out, err } = await stage.run('alice', ['send', '0000intercom', '-'], { input })
  t.alike([code, out], [1, ''])
  const sentence =
    /^intercom: The node does not take a message of this size: .* \d+ bytes\. .*Shorten or split/
  t.ok(sentence.test(err), err)
  await alice.stop()
})

/** One that was free a moment ago. */
function unusedPort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = net.createServer()
    server.on('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number }
      server.close(() => resolve(port))
    })
  })
}
