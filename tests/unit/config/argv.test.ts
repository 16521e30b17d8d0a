import test from 'brittle'
import fc from 'fast-check'
import { IntercomError } from '../../../src/base/errors.ts'
import { type Argv, parseArgv, SUBCOMMANDS } from '../../../src/config/argv.ts'
import { FLAG_KEYS, FLAG_NAMES, flagName } from '../../../src/config/flags.ts'
import { errorOf, failsWith } from '../../helpers/errors.ts'

/** The flags as `{ key: text }`. */
function flags(...words: string[]): Record<string, string> {
  return Object.fromEntries([...parseArgv(words).flags].map(([key, { text }]) => [key, text]))
}

function place({ subcommand, label }: Argv): [string, string | null] {
  return [subcommand, label]
}

test('values stand behind a blank or an equals sign', (t) => {
  t.alike(flags('--sidechannel-ttl', '5'), { sidechannelTtl: '5' })
  t.alike(flags('--sidechannel-ttl=5'), { sidechannelTtl: '5' })
  t.alike(flags('--sc-bridge-filter', 'a+b|c'), { scBridgeFilter: 'a+b|c' })
  t.alike(flags('--sc-bridge-filter=a=b'), { scBridgeFilter: 'a=b' })
  t.alike(flags('--sc-bridge-token='), { scBridgeToken: '' })
  t.alike(flags('--sidechannel-ttl', '-1'), { sidechannelTtl: '-1' })
  t.alike(flags('--sidechannel-ttl', '1', '--sidechannel-ttl', '2'), { sidechannelTtl: '2' })
  t.alike(flags('--sc-bridge-token=--x'), { scBridgeToken: '--x' })
})

test('a bare boolean takes the next word only if it is a boolean word', (t) => {
  t.alike(flags('--local'), { local: '1' })
  t.alike(flags('--local', '0'), { local: '0' })
  t.alike(flags('--local', 'OFF'), { local: 'OFF' })
  t.alike(flags('--local=no'), { local: 'no' })
  t.alike(flags('--local', '--terminal', '0'), { local: '1', terminal: '0' })
  const argv = parseArgv(['--local', 'start', 'alice'])
  t.alike(place(argv), ['start', 'alice'])
  t.is(argv.flags.get('local')?.text, '1')
})

test('aliases and short flags', (t) => {
  t.alike(flags('--sidechannel', 'a,b'), { sidechannels: 'a,b' })
  t.alike(flags('--peer-dht-bootstrap=h:1'), { dhtBootstrap: 'h:1' })
  t.is(parseArgv(['--peer-dht-bootstrap', 'h:1']).flags.get('dhtBootstrap')?.as, 'peer-dht-bootstrap')
  t.alike(flags('-h'), { help: '1' })
  t.alike(flags('-v'), { version: '1' })
  t.alike(flags('-h', '--local'), { help: '1', local: '1' })
})

test('every spelling of every flag is taken', (t) => {
  for (const [name, key] of FLAG_NAMES) t.alike(flags(`--${name}=x`), { [key]: 'x' })
  for (const key of FLAG_KEYS) t.is(FLAG_NAMES.get(flagName(key)), key)
})

test('a word is a subcommand; a label comes only after start', (t) => {
  t.alike(place(parseArgv([])), ['start', null])
  t.alike(place(parseArgv(['start'])), ['start', null])
  t.alike(place(parseArgv(['start', 'alice'])), ['start', 'alice'])
  t.alike(place(parseArgv(['--local', 'start', '--sidechannel-ttl', '1', 'alice'])), ['start', 'alice'])
  for (const name of Object.keys(SUBCOMMANDS)) t.is(parseArgv([name]).subcommand, name)
  t.alike(place(parseArgv(['start', 'dht'])), ['start', 'dht'], 'behind start any word is a label')

  failsWith(t, 'unknown_word', ['"alice"', 'start, dht'], () => parseArgv(['alice']))
  failsWith(t, 'unknown_word', ['"strat"', 'Did you mean "start"?'], () => parseArgv(['strat']))
  failsWith(t, 'unknown_word', ['"toString"'], () => parseArgv(['toString']))
  failsWith(t, 'unknown_word', ['"bob"', '"start"'], () => parseArgv(['start', 'alice', 'bob']))
  failsWith(t, 'unknown_word', ['"alice"', '"dht"'], () => parseArgv(['dht', 'alice']))
  failsWith(t, 'unknown_word', ['"../x"', '1-64 letters'], () => parseArgv(['start', '../x']))
  failsWith(t, 'unknown_word', ['"5"', 'Unknown subcommand'], () => parseArgv(['--local', '5']))
})

test('unknown flags are named, with what was probably meant', (t) => {
  const near: [string, string][] = [
    ['--sidechanel-ttl', 'Did you mean --sidechannel-ttl?'],
    ['--sidechannel-pow-dificulty=3', 'Did you mean --sidechannel-pow-difficulty?'],
    ['--HELP', 'Did you mean --help?'],
    ['--peer-store', 'Did you mean --peer-store-name'],
    ['-help', 'Did you mean --help?']
  ]
  for (const [word, hint] of near) {
    failsWith(t, 'unknown_flag', [`Unknown flag ${word.split('=')[0]}.`, hint], () => parseArgv([word]))
  }
  for (const word of [
    '--',
    '--=1',
    '--no-such-thing-at-all',
    '--__proto__',
    '--constructor',
    '-x',
    '---local'
  ]) {
    failsWith(t, 'unknown_flag', [`Unknown flag ${word.split('=')[0]}.`], () => parseArgv([word]))
  }
  failsWith(t, 'unknown_flag', ['Unknown flag --a\\nb.'], () => parseArgv(['--a\nb']))
})

test('the value of a flag that is not known is not repeated', (t) => {
  const error = errorOf(t, () => parseArgv(['--sc-bridge-tokn=hunter2-hunter2']))
  t.ok(error.message.includes('--sc-bridge-tokn.'))
  t.absent(error.message.includes('hunter2'))
})

test('a flag without the value it needs says what it accepts', (t) => {
  failsWith(t, 'bad_flag', ['Invalid --sidechannel-ttl.', 'integer 0-32', 'Got no value.'], () =>
    parseArgv(['--sidechannel-ttl'])
  )
  failsWith(t, 'bad_flag', ['Invalid --sidechannel.', 'channel name', 'Got no value.'], () =>
    parseArgv(['--sidechannel', '--local'])
  )
})

test('no command line makes it throw anything but its own errors', (t) => {
  const word = fc.oneof(
    fc.string(),
    fc.constantFrom('start', 'dht', '-h', '-v', '--', '1', 'off', '--local'),
    fc.constantFrom(...FLAG_NAMES.keys()).map((name) => `--${name}`),
    fc.tuple(fc.constantFrom(...FLAG_NAMES.keys()), fc.string()).map(([name, value]) => `--${name}=${value}`)
  )
  let parsed = 0
  fc.assert(
    fc.property(fc.array(word, { maxLength: 6 }), (words) => {
      try {
        parseArgv(words)
        parsed++
      } catch (error) {
        if (!(error instanceof IntercomError)) throw error
        return error.exitCode === 2 && !/[\r\n]/.test(error.message)
      }
      return true
    }),
    { numRuns: 1000 }
  )
  t.ok(parsed > 0)
})
