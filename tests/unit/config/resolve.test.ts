import test from 'brittle'
import path from '#path'
import { FLAG_KEYS } from '../../../src/config/flags.ts'
import { type Environment, resolveConfig } from '../../../src/config/resolve.ts'
import { errorOf, failsWith } from '../../helpers/errors.ts'
import { resolveFile, resolveIn, storesFolder } from '../../helpers/stores.ts'

const A = 'a1'.repeat(32)
const B = 'b2'.repeat(32)

test('with nothing said every value is the default', (t) => {
  const { subcommand, config, sources, idle } = resolveConfig([], {})
  t.is(subcommand, 'start')
  t.is(config.peerStoreName, 'peer')
  t.is(config.sidechannelTtl, 3)
  t.is(config.dhtBootstrap, null)
  t.alike([...new Set(Object.values(sources))], ['default'])
  t.alike(Object.keys(sources).sort(), [...FLAG_KEYS].sort())
  t.alike(idle, [])
  t.ok(Object.isFrozen(config))
})

test('flag, environment, config file, default: the first that says something wins', (t) => {
  const folder = storesFolder(t, { 'peer/config.json': '{"log-level":"error","sidechannel-ttl":1}' })
  const environment = { INTERCOM_LOG_LEVEL: 'warn', INTERCOM_LOCAL_PORT: '5' }
  const expected = [
    ['debug', 'flag', resolveIn(folder, ['--log-level', 'debug'], environment)],
    ['warn', 'environment', resolveIn(folder, [], environment)],
    ['error', 'config file', resolveIn(folder)],
    ['info', 'default', resolveConfig([], {})]
  ] as const
  for (const [level, source, { config, sources }] of expected) {
    t.is(config.logLevel, level)
    t.is(sources.logLevel, source)
  }
  const { config, sources } = resolveIn(folder, [], environment)
  t.alike([config.localPort, config.sidechannelTtl, config.terminal], [5, 1, true])
  t.alike(
    [sources.localPort, sources.sidechannelTtl, sources.terminal],
    ['environment', 'config file', 'default']
  )
})

test('the store: flag, environment, label, default', (t) => {
  const store = (words: string[], environment: Environment = {}) => {
    const { config, sources } = resolveConfig(words, environment)
    return [config.peerStoreName, sources.peerStoreName]
  }
  const environment = { PEER_STORE_NAME: 'by-env' }
  t.alike(store(['start', 'by-label', '--peer-store-name', 'by-flag'], environment), ['by-flag', 'flag'])
  t.alike(store(['start', 'by-label'], environment), ['by-env', 'environment'])
  t.alike(store(['start', 'by-label']), ['by-label', 'label'])
  t.alike(store(['start']), ['peer', 'default'])
})

test('environment: the first name that is set wins, an empty one is not set', (t) => {
  const bootstrap = (environment: Environment) => resolveConfig([], environment).config.dhtBootstrap
  t.alike(bootstrap({ PEER_DHT_BOOTSTRAP: 'a:1', DHT_BOOTSTRAP: 'b:2' }), [{ host: 'a', port: 1 }])
  t.alike(bootstrap({ PEER_DHT_BOOTSTRAP: '', DHT_BOOTSTRAP: 'b:2' }), [{ host: 'b', port: 2 }])
  t.is(bootstrap({ PEER_DHT_BOOTSTRAP: undefined }), null)
  t.is(resolveConfig([], { HELP: '1', VERSION: '1', INTERCOM_HELP: '1' }).config.help, false)
})

test('config.json belongs to its store, and may have been moved into its db folder', (t) => {
  const files = {
    'alice/config.json': '{"sidechannel-ttl":1}',
    'bob/db/config.json': '{"sidechannel-ttl":2}',
    'both/config.json': '{"sidechannel-ttl":4}',
    'both/db/config.json': '{"sidechannel-ttl":5}'
  }
  const folder = storesFolder(t, files)
  const ttl = (...words: string[]) => resolveIn(folder, words).config.sidechannelTtl
  t.is(ttl('start', 'alice'), 1)
  t.is(ttl('--peer-store-name', 'bob'), 2)
  t.is(ttl('start', 'both'), 4)
  t.is(ttl('start', 'nobody'), 3)
  t.is(resolveIn(folder, ['start', 'alice'], { PEER_STORE_NAME: 'bob' }).config.sidechannelTtl, 2)
})

test('values in config.json are written as JSON has them', (t) => {
  const { config } = resolveFile(t, {
    sidechannels: ['a', 'b:c'],
    'sidechannel-ttl': 5,
    'sidechannel-pow': false,
    'sc-bridge': true,
    'sidechannel-quiet': 1,
    terminal: 'off',
    'sidechannel-max-bytes': '1000',
    'sidechannel-owner': { 'a:b': A, __proto__x: B },
    'sidechannel-welcome': { a: '{"payload":{"text":"x, y"},"sig":""}', b: 'eyJ4IjoxfQ==' },
    'peer-dht-bootstrap': ['h:1', 'h:2', 'h:1'],
    'sc-bridge-tokens': { 'a,b': { can: ['read'], channels: ['x:y'] } },
    'log-level': null,
    firstRun: { chat: false }
  })
  t.alike(config.sidechannels, ['a', 'b:c'])
  t.is(config.sidechannelTtl, 5)
  t.alike(
    [config.sidechannelPow, config.scBridge, config.sidechannelQuiet, config.terminal],
    [false, true, true, false]
  )
  t.is(config.sidechannelMaxBytes, 1000)
  t.alike(Object.entries(config.sidechannelOwner ?? {}), [
    ['a:b', A],
    ['__proto__x', B]
  ])
  t.alike(Object.entries(config.sidechannelWelcome ?? {}), [
    ['a', '{"payload":{"text":"x, y"},"sig":""}'],
    ['b', 'eyJ4IjoxfQ==']
  ])
  t.is(config.dhtBootstrap?.length, 2)
  t.is(config.scBridgeTokens, '{"a,b":{"can":["read"],"channels":["x:y"]}}')
  t.is(config.logLevel, 'info', 'null is not set')
  t.is(
    Object.keys(
      resolveFile(t, '{"sidechannel-owner":{"__proto__":"'.concat(A, '"}}')).config.sidechannelOwner ?? {}
    )[0],
    '__proto__'
  )
})

test('--help and --version answer whatever the environment and config.json hold', (t) => {
  const environment = { INTERCOM_LOG_LEVEL: 'loud', SIDECHANNEL_RATE_BYTES: 'lots', PEER_STORE_NAME: '../x' }
  for (const content of ['', '[]', '{"nope":1}', '{"log-level":"loud"}']) {
    const folder = storesFolder(t, { 'peer/config.json': content })
    t.is(errorOf(t, () => resolveIn(folder)).exitCode, 2)
    for (const [word, key] of [
      ['--help', 'help'],
      ['-h', 'help'],
      ['--version', 'version'],
      ['-v', 'version']
    ] as const) {
      const { config, sources } = resolveIn(folder, [word], environment)
      t.is(config[key], true)
      t.is(sources[key], 'flag')
      t.is(config.logLevel, 'info')
    }
    t.is(errorOf(t, () => resolveIn(folder, ['--help', '0'])).exitCode, 2, 'not asked for')
  }
  failsWith(t, 'bad_flag', ['Invalid PEER_STORE_NAME.'], () => resolveConfig(['--version=no'], environment))
  // The command line is still checked.
  failsWith(t, 'bad_flag', ['Invalid --log-level.'], () => resolveConfig(['-h', '--log-level', 'loud'], {}))
})

test('@file stands for what is in the file', (t) => {
  const folder = storesFolder(t, {
    key: `${A.toUpperCase()}\n`,
    names: 'a,\nb\n',
    'w.json': '{"payload": {},\n "sig": ""}\n'
  })
  const at = (name: string) => `@${path.join(folder, name)}`
  const { config } = resolveConfig(
    [
      ...['--subnet-bootstrap', at('key'), '--sidechannels', at('names')],
      ...['--sidechannel-owner', `a:${at('key')}`, '--sidechannel-welcome', `a:${at('w.json')},b:eyJ4`]
    ],
    { PEER_STORES_DIRECTORY: folder }
  )
  t.is(config.subnetBootstrap, A)
  t.alike(config.sidechannels, ['a', 'b'])
  t.is(config.sidechannelOwner?.a, A)
  t.is(config.sidechannelWelcome?.a, '{"payload": {},\n "sig": ""}')
  t.is(resolveConfig(['--sc-bridge-token', '@x'], {}).config.scBridgeToken, '@x', 'a token is no file')
})

test('the subnet and the settlement network cannot be the same', (t) => {
  const words = ['--subnet-bootstrap', A, '--msb-bootstrap', A.toUpperCase()]
  failsWith(t, 'bad_flag', ['Subnet bootstrap cannot equal MSB bootstrap.'], () => resolveConfig(words, {}))
  t.is(resolveConfig(['--subnet-bootstrap', A, '--msb-bootstrap', B], {}).config.msbBootstrap, B)
})

test('the RPC needs its subnet, and every page only where everybody may ask', (t) => {
  const rpc = ['--rpc', '1']
  failsWith(t, 'bad_flag', ['--rpc 1', '--subnet 0'], () => resolveConfig([...rpc, '--subnet', '0'], {}))
  failsWith(t, 'bad_flag', ['--subnet 0'], () => resolveConfig(['--subnet', '0'], { PEER_RPC: 'true' }))
  const every = [...rpc, '--rpc-allow-origin', '*']
  failsWith(t, 'bad_flag', ['--rpc-allow-origin', '--rpc-public 1'], () => resolveConfig(every, {}))
  t.is(resolveConfig([...every, '--rpc-public', '1'], {}).config.rpcAllowOrigin, '*')
  t.is(resolveConfig([...rpc, '--rpc-allow-origin', 'https://a.example'], {}).idle.length, 0)
})

test('flags of planes that are not here are told of', (t) => {
  t.alike(resolveConfig(['--network', 'mainnet', '--local'], {}).idle, ['network'])
})
