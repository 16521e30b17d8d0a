import test from 'brittle'
import fc from 'fast-check'
import fs from '#fs'
import path from '#path'
import { IntercomError } from '../../../src/base/errors.ts'
import { environmentNames, FLAG_KEYS, FLAG_NAMES } from '../../../src/config/flags.ts'
import { resolveConfig } from '../../../src/config/resolve.ts'
import { errorOf, failsWith } from '../../helpers/errors.ts'
import { asText, resolveFile, resolveIn, snapshot, storesFolder } from '../../helpers/stores.ts'

const A = 'a1'.repeat(32)

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
    [{ 'sidechannel-ttl': true }, ['Invalid "sidechannel-ttl"', 'integer 0-32', 'Got true.']],
    [{ 'log-json': 2 }, ['Invalid "log-json"', '0, 1, true, false', 'Got 2.']],
    [{ sidechannels: [1] }, ['Invalid "sidechannels"', 'Expected up to 256 items', 'Got [1].']],
    [{ sidechannels: ['a,b'] }, ['Invalid "sidechannels"', 'without commas', 'Got ["a,b"].']],
    [{ 'sidechannel-owner': { a: [A] } }, ['Invalid "sidechannel-owner"', '<channel>:<value>']],
    [{ 'sidechannel-owner': [`a:${A}`] }, ['Invalid "sidechannel-owner"', '<channel>:<value>']],
    [{ 'subnet-channel': 5 }, ['Invalid "subnet-channel"', 'Expected text', 'Got 5.']],
    [{ 'subnet-bootstrap': '@missing' }, ['Invalid "subnet-bootstrap"', 'Cannot read "@missing"']],
    [{ 'sc-bridge-token': true }, ['Invalid "sc-bridge-token"', 'Expected text', 'does not fit']],
    [{ 'sc-bridge-token': 12345 }, ['Invalid "sc-bridge-token"', 'Expected text', 'does not fit']],
    [{ 'sc-bridge-tokens': [] }, ['Invalid "sc-bridge-tokens"', 'Expected a JSON object', 'does not fit']],
    ['['.repeat(100_000), ['nested too deep']],
    [`{"sc-bridge-tokens":${'{"a":'.repeat(100_000)}`, ['nested too deep']]
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
  failsWith(t, 'bad_flag', ['Invalid "sidechannel-ttl" in', 'Got 99.'], () =>
    resolveFile(t, { 'sidechannel-ttl': 99 })
  )
  failsWith(t, 'bad_flag', ['integer 0-32', 'Got 1.5.'], () => resolveFile(t, { 'sidechannel-ttl': 1.5 }))
  const folder = storesFolder(t, { 'peer/config.json/x': '' })
  failsWith(t, 'bad_config_file', ['Cannot read', '(not a file)'], () => resolveIn(folder))
})

test('a bad secret is not repeated', (t) => {
  const secret = `hunter2-${'x'.repeat(5000)}`
  for (const error of [
    errorOf(t, () => resolveConfig(['--sc-bridge-token', secret], {})),
    errorOf(t, () => resolveConfig([], { SC_BRIDGE_TOKEN: secret })),
    errorOf(t, () => resolveFile(t, { 'sc-bridge-token': secret })),
    errorOf(t, () => resolveFile(t, { 'sc-bridge-token': { hunter2: 1 } })),
    errorOf(t, () => resolveFile(t, { 'sc-bridge-tokens': ['hunter2'] })),
    errorOf(t, () => resolveFile(t, '{"sc-bridge-token":hunter2}'))
  ]) {
    t.absent(error.message.includes('hunter2'), error.message)
  }
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
  const flagsAsJson = fc
    .dictionary(fc.constantFrom(...FLAG_NAMES.keys()), fc.oneof(fc.jsonValue(), value), { maxKeys: 1 })
    .map((entries) => JSON.stringify(entries))
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
    fc.property(fc.oneof(fc.json(), fc.string(), flagsAsJson), (content) => {
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
