import test, { type Assertions } from 'brittle'
import fc from 'fast-check'
import fs from '#fs'
import path from '#path'
import { IntercomError } from '../../../src/base/errors.ts'
import { environmentNames, FLAG_KEYS, FLAG_NAMES } from '../../../src/config/flags.ts'
import { type Environment, type Resolved, resolveConfig } from '../../../src/config/resolve.ts'
import { errorOf, failsWith } from '../../helpers/errors.ts'
import { temporaryFolder } from '../../helpers/tmp.ts'

const A = 'a1'.repeat(32)
const B = 'b2'.repeat(32)

/** A folder for stores with the given files, by their paths below it. */
function storesFolder(t: Assertions, files: Readonly<Record<string, string>> = {}): string {
  const folder = temporaryFolder(t)
  for (const [name, content] of Object.entries(files)) {
    const file = path.join(folder, name)
    fs.mkdirSync(path.dirname(file), { recursive: true })
    fs.writeFileSync(file, content)
  }
  return folder
}

/** Resolves against the stores in `folder`. */
function resolveIn(folder: string, words: readonly string[] = [], environment: Environment = {}): Resolved {
  return resolveConfig([...words, '--peer-stores-directory', folder], environment)
}

/** Resolves against one config.json of the store "peer". */
function resolveFile(t: Assertions, content: unknown, words: readonly string[] = []): Resolved {
  return resolveIn(storesFolder(t, { 'peer/config.json': asText(content) }), words)
}

function asText(content: unknown): string {
  return typeof content === 'string' ? content : JSON.stringify(content)
}

/** Every file and folder below `folder` with its content and time of change. */
function snapshot(folder: string): string[] {
  return fs
    .readdirSync(folder)
    .sort()
    .flatMap((name) => {
      const at = path.join(folder, name)
      const stat = fs.statSync(at)
      const content = stat.isDirectory() ? '' : fs.readFileSync(at, 'utf-8')
      return [`${at} ${stat.mtimeMs} ${content}`, ...(stat.isDirectory() ? snapshot(at) : [])]
    })
}

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
    'peer-dht-bootstrap': ['h:1', 'h:2'],
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
  t.is(config.logLevel, 'info', 'null is not set')
  t.is(
    Object.keys(
      resolveFile(t, '{"sidechannel-owner":{"__proto__":"'.concat(A, '"}}')).config.sidechannelOwner ?? {}
    )[0],
    '__proto__'
  )
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

test('bad values: the flag or its place, the value, what is accepted; and nothing is written', (t) => {
  const folder = storesFolder(t, { 'peer/note.txt': 'x', big: 'x'.repeat(1024 * 1024 + 1), empty: '' })
  const at = (name: string) => `@${path.join(folder, name)}`
  const hex63 = A.slice(1)
  const rows: [words: string[], texts: string[]][] = [
    [
      ['--sidechannel-ttl', 'ten'],
      ['Invalid --sidechannel-ttl.', 'integer 0-32', '"ten"']
    ],
    [
      ['--sidechannel-ttl', '33'],
      ['integer 0-32', '"33"']
    ],
    [
      ['--sidechannel-ttl', '-1'],
      ['integer 0-32', '"-1"']
    ],
    [['--sidechannel-ttl='], ['integer 0-32', '""']],
    [
      ['--rpc-port', '0'],
      ['Invalid --rpc-port. Expected integer 1-65535.', '"0"']
    ],
    [['--sidechannel-pow=maybe'], ['Invalid --sidechannel-pow.', '0, 1, true, false', '"maybe"']],
    [
      ['--subnet-bootstrap', hex63],
      ['Invalid --subnet-bootstrap. Provide 32-byte hex (64 chars).', `"${hex63}"`]
    ],
    [
      ['--peer-dht-bootstrap', 'host'],
      ['Invalid --peer-dht-bootstrap.', '<host>:<port>', '"host"']
    ],
    [
      ['--sidechannel', 'a,b\u0007'],
      ['Invalid --sidechannel.', '1-128 bytes', '"a,b\\u0007"']
    ],
    [
      ['--sidechannel-owner', `a:${hex63}`],
      ['Invalid --sidechannel-owner.', '<channel>:<value>', '64 chars']
    ],
    [['--sidechannel-inviter-keys', 'x\ny'], ['"x\\ny"']],
    [
      ['--peer-store-name', '../out'],
      ['Invalid --peer-store-name.', '1-64 letters', '"../out"']
    ],
    [
      ['--log-level', 'loud'],
      ['Invalid --log-level.', 'error, warn, info, debug', '"loud"']
    ],
    [
      ['--subnet-bootstrap', at('missing')],
      ['Invalid --subnet-bootstrap.', 'Cannot read', '(ENOENT)', '64 chars']
    ],
    [
      ['--subnet-bootstrap', at('empty')],
      ['Invalid --subnet-bootstrap.', '64 chars']
    ],
    [
      ['--sidechannel-welcome', `a:${at('missing')}`],
      ['Invalid --sidechannel-welcome.', '(ENOENT)']
    ],
    [
      ['--sidechannels', at('peer')],
      ['Cannot read', '(not a file)']
    ],
    [
      ['--sidechannels', at('big')],
      ['Cannot read', '(larger than 1048576 bytes)']
    ],
    [['--sidechannels', '@'], ['Cannot read "@"']]
  ]
  const before = snapshot(folder)
  for (const [words, texts] of rows) {
    failsWith(t, 'bad_flag', texts, () => resolveIn(folder, words))
    t.is(errorOf(t, () => resolveIn(folder, words)).exitCode, 2)
  }
  const environment = { SIDECHANNEL_RATE_BYTES: 'lots' }
  failsWith(t, 'bad_flag', ['Invalid SIDECHANNEL_RATE_BYTES.', '"lots"'], () =>
    resolveIn(folder, [], environment)
  )
  failsWith(t, 'unknown_flag', ['--sidechanel-ttl', '--sidechannel-ttl'], () =>
    resolveIn(folder, ['--sidechanel-ttl', '1'])
  )
  t.is(errorOf(t, () => resolveIn(folder, ['--nope'])).exitCode, 2)
  resolveIn(folder, ['--local', '--print-config', 'start', 'new'])
  t.alike(snapshot(folder), before)
})

test('a device is not read without end', { timeout: 5000 }, (t) => {
  if (!fs.existsSync('/dev/zero')) return t.pass('no such device here')
  failsWith(t, 'bad_flag', ['(not a file)'], () => resolveConfig(['--sidechannels', '@/dev/zero'], {}))
})

test('a bad config.json: the file, the flag, what is accepted; and it stays as it is', (t) => {
  const rows: [content: unknown, texts: string[]][] = [
    ['', ['is not JSON']],
    ['{"a":\n\nx}', ['is not JSON', "Unexpected token 'x'"]],
    ['[]', ['must hold one object']],
    ['null', ['must hold one object']],
    ['"x"', ['must hold one object']],
    [{ 'sidechanel-ttl': 1 }, ['Unknown flag "sidechanel-ttl"', 'Did you mean "sidechannel-ttl"?']],
    [{ sidechannelTtl: 1 }, ['Unknown flag "sidechannelTtl"']],
    ['{"__proto__": 1}', ['Unknown flag "__proto__"']],
    [{ 'peer-store-name': 'x' }, ['"peer-store-name"', 'on the command line']],
    [{ help: true }, ['"help"', 'on the command line']],
    [{ 'sidechannel-ttl': {} }, ['Invalid "sidechannel-ttl"', 'integer 0-32']],
    [{ sidechannels: [1] }, ['Invalid "sidechannels"', 'Expected text, a number']],
    [{ 'sidechannel-owner': { a: [A] } }, ['Invalid "sidechannel-owner"', 'Expected text, a number']]
  ]
  for (const [content, texts] of rows) {
    const folder = storesFolder(t, { 'peer/config.json': asText(content) })
    const before = snapshot(folder)
    const error = errorOf(t, () => resolveIn(folder))
    t.is(error.exitCode, 2)
    t.ok(error.code === 'bad_config_file' || error.code === 'bad_flag')
    for (const text of [...texts, path.join('peer', 'config.json')])
      t.ok(error.message.includes(text), error.message)
    t.alike(snapshot(folder), before)
  }
  failsWith(t, 'bad_flag', ['Invalid "sidechannel-ttl" in', '"99"'], () =>
    resolveFile(t, { 'sidechannel-ttl': 99 })
  )
  failsWith(t, 'bad_flag', ['integer 0-32', '"1.5"'], () => resolveFile(t, { 'sidechannel-ttl': 1.5 }))
  const folder = storesFolder(t, { 'peer/config.json/x': '' })
  failsWith(t, 'bad_config_file', ['Cannot read', '(EISDIR)'], () => resolveIn(folder))
})

test('a bad secret is not repeated', (t) => {
  const secret = `hunter2-${'x'.repeat(5000)}`
  for (const error of [
    errorOf(t, () => resolveConfig(['--sc-bridge-token', secret], {})),
    errorOf(t, () => resolveConfig([], { SC_BRIDGE_TOKEN: secret })),
    errorOf(t, () => resolveFile(t, { 'sc-bridge-token': secret })),
    errorOf(t, () => resolveFile(t, '{"sc-bridge-token":hunter2}'))
  ]) {
    t.absent(error.message.includes('hunter2'), error.message)
  }
})

test('the subnet and the settlement network cannot be the same', (t) => {
  const words = ['--subnet-bootstrap', A, '--msb-bootstrap', A.toUpperCase()]
  failsWith(t, 'bad_flag', ['Subnet bootstrap cannot equal MSB bootstrap.'], () => resolveConfig(words, {}))
  t.is(resolveConfig(['--subnet-bootstrap', A, '--msb-bootstrap', B], {}).config.msbBootstrap, B)
})

test('flags of planes that are not here are told of', (t) => {
  t.alike(resolveConfig(['--network', 'mainnet', '--local'], {}).idle, ['network'])
})

test('no command line, environment or file makes it throw anything but its own errors', (t) => {
  const folder = storesFolder(t, { key: A })
  const value = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.constantFrom('1', '0', 'a,b', A, `a:${A}`, `@${path.join(folder, 'key')}`, '@', 'a:@missing', folder)
  )
  const word = fc.oneof(
    value,
    fc.constantFrom('start', 'dht', '-h'),
    fc.constantFrom(...FLAG_NAMES.keys()).map((name) => `--${name}`),
    fc.tuple(fc.constantFrom(...FLAG_NAMES.keys()), value).map(([name, text]) => `--${name}=${text}`)
  )
  const names = FLAG_KEYS.flatMap((key) => environmentNames(key))
  const environment = fc.dictionary(fc.constantFrom(...names), value, { maxKeys: 3 })
  let resolved = 0
  const before = snapshot(folder)
  fc.assert(
    fc.property(fc.array(word, { maxLength: 5 }), environment, (words, variables) => {
      try {
        resolveConfig(words, variables)
        resolved++
      } catch (error) {
        if (!(error instanceof IntercomError)) throw error
        return error.exitCode === 2 && !/[\r\n]/.test(error.message)
      }
      return true
    }),
    { numRuns: 1000 }
  )
  fc.assert(
    fc.property(fc.oneof(fc.json(), fc.string()), (content) => {
      fs.writeFileSync(path.join(folder, 'config.json'), content)
      try {
        resolveConfig(
          ['--peer-stores-directory', path.dirname(folder), '--peer-store-name', path.basename(folder)],
          {}
        )
      } catch (error) {
        if (!(error instanceof IntercomError)) throw error
        return error.exitCode === 2 && !/[\r\n]/.test(error.message)
      }
      return true
    }),
    { numRuns: 300 }
  )
  fs.rmSync(path.join(folder, 'config.json'))
  t.alike(snapshot(folder), before)
  t.ok(resolved > 0)
})
