import test from 'brittle'
import fc from 'fast-check'
import { IntercomError } from '../../../src/base/errors.ts'
import { COMMANDS } from '../../../src/commands/table.ts'
import { type Argv, findSubcommand, parseArgv } from '../../../src/config/argv.ts'
import { FLAG_KEYS, FLAG_NAMES, flagName } from '../../../src/config/flags.ts'
import { SUBCOMMAND_NAMES, SUBCOMMANDS, type SubcommandRow } from '../../../src/config/subcommands.ts'
import { bool } from '../../../src/config/types.ts'
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
  for (const name of Object.keys(SUBCOMMANDS)) t.is(parseArgv(name.split(' ')).subcommand, name)
  t.alike(place(parseArgv(['start', 'dht'])), ['start', 'dht'], 'behind start any word is a label')

  failsWith(t, 'unknown_word', ['"alice"', 'start, init'], () => parseArgv(['alice']))
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

/** The arguments as `{ key: texts }`. */
function args(...words: string[]): Record<string, readonly string[]> {
  return Object.fromEntries(parseArgv(words).args)
}

test('words stand in their places, or behind their names', (t) => {
  t.alike(args('send', 'lobby', 'hello there'), { channel: ['lobby'], message: ['hello there'] })
  t.alike(args('send', '--channel', 'lobby', '--message', 'hi'), { channel: ['lobby'], message: ['hi'] })
  t.alike(args('send', '--message=hi', 'lobby'), { channel: ['lobby'], message: ['hi'] })
  t.alike(args('send', 'hi', '--channel', 'lobby'), { channel: ['lobby'], message: ['hi'] })
  t.alike(args('--json', 'send', 'lobby', '-'), { channel: ['lobby'], message: ['-'], json: ['1'] })
  t.alike(args('send', 'lobby', '-', '--json', '0'), { channel: ['lobby'], message: ['-'], json: ['0'] })
  t.alike(args('send', '--channel', 'a', '--channel', 'b'), { channel: ['b'] }, 'the last one counts')
  t.alike(args('listen'), {})
  t.alike(args('listen', 'a', 'b'), { channel: ['a', 'b'] })
  t.alike(args('listen', '--channel', 'a', '--channel=b', 'c'), { channel: ['a', 'b', 'c'] })
  t.alike(args('stats'), {})
})

test('a subcommand of two words takes its own arguments, and the flags of a node', (t) => {
  const { subcommand, label, flags, args } = parseArgv([
    ...['--local', 'subnet', 'import', '--from', 'old/stores/peer', '--confirmed', '0'],
    ...['--peer-store-name=new', '--subnet-channel', 'x']
  ])
  t.alike([subcommand, label], ['subnet import', null])
  t.alike([...flags.keys()], ['local', 'peerStoreName', 'subnetChannel'])
  t.alike(
    [...args],
    [
      ['from', ['old/stores/peer']],
      ['confirmed', ['0']]
    ]
  )
  failsWith(t, 'unknown_word', ['"subnet"', 'Did you mean "subnet import"'], () =>
    parseArgv(['subnet', 'imprt'])
  )
  failsWith(t, 'unknown_word', ['"x"', '"subnet import"'], () => parseArgv(['subnet', 'import', 'x']))
  failsWith(t, 'unknown_flag', ['Did you mean --from?'], () => parseArgv(['subnet', 'import', '--form', 'x']))
  failsWith(t, 'unknown_flag', ['--from'], () => parseArgv(['start', '--from', 'x']))
})

test('behind two dashes everything is a word', (t) => {
  t.alike(args('send', 'lobby', '--', '--json'), { channel: ['lobby'], message: ['--json'] })
  t.alike(args('send', '--json', '--', '-lobby', '--'), { channel: ['-lobby'], message: ['--'], json: ['1'] })
  t.alike(args('send', '--', 'lobby', '-h'), { channel: ['lobby'], message: ['-h'] })
  failsWith(t, 'unknown_flag', ['Unknown flag --.'], () => parseArgv(['start', '--', 'alice']))
})

test('a command of the terminal keeps its own flags', (t) => {
  t.alike(args('cli', '/stats'), { line: ['/stats'] })
  t.alike(args('cli', '/sc_send', '--channel', 'a b', '--message=x', '--json', '-y'), {
    line: ['/sc_send', '--channel', 'a b', '--message=x', '-y'],
    json: ['1']
  })
  t.alike(args('cli', '--', '/x', '--json'), { line: ['/x', '--json'] })
  failsWith(t, 'unknown_flag', ['--channel'], () => parseArgv(['cli', '--channel', 'a', '/stats']))
})

test('a subcommand that asks a node takes the flags that say which', (t) => {
  t.alike(flags('stats', '--peer-store-name', 'a', '--sc-bridge-port=1'), {
    peerStoreName: 'a',
    scBridgePort: '1'
  })
  t.alike(flags('--peer-store-name', 'a', 'send', '-h'), { peerStoreName: 'a', help: '1' })
  const idle = errorOf(t, () => parseArgv(['send', 'lobby', 'x', '--sidechannel-ttl', '3']))
  t.is(idle.message, '--sidechannel-ttl has no effect on "send".')
  t.ok(idle.next.includes('start of a node') && idle.next.includes('send --help'))
})

test('mistakes behind a subcommand are named, with what was probably meant', (t) => {
  const rows: [string[], 'unknown_word' | 'unknown_flag' | 'bad_flag', string[]][] = [
    [['sned', 'lobby', '--json'], 'unknown_word', ['"sned"', 'Did you mean "send"?', 'listen']],
    [['--json', 'lisen'], 'unknown_word', ['"lisen"', '"listen"']],
    [['send', 'lobby', 'hello', 'there'], 'unknown_word', ['"there"', '"send"']],
    [['stats', 'lobby'], 'unknown_word', ['"lobby"', '"stats"']],
    [['send', '--mesage', 'x'], 'unknown_flag', ['--mesage.', 'Did you mean --message?']],
    [['listen', '--peer-store', 'x'], 'unknown_flag', ['--peer-store.', '--peer-store-name']],
    [['listen', '--invite=x'], 'unknown_flag', ['--invite.']],
    [['join', '--__proto__'], 'unknown_flag', ['--__proto__.']],
    [['join', '--constructor=1'], 'unknown_flag', ['--constructor.']],
    [['join', '-x'], 'unknown_flag', ['-x.']],
    [['send', 'lobby', 'x', '--invite'], 'bad_flag', ['--invite.', 'JSON or base64', 'Got no value.']],
    [['listen', '--count', '--json'], 'bad_flag', ['--count.', 'Got no value.']]
  ]
  for (const [words, code, texts] of rows) failsWith(t, code, texts, () => parseArgv(words))
  t.ok(errorOf(t, () => parseArgv(['send', 'lobby', 'a', 'b'])).next.includes('send <channel> <message|->'))
})

test('the subcommand is found without a look at the rest', (t) => {
  const rows: [string[], string | null][] = [
    [[], null],
    [['--peer-store-name', 'send', 'listen'], 'listen'],
    [['--peer-store-name=send', '--json', 'listen'], 'listen'],
    [['--count', '5', 'listen', '--no-such-flag'], 'listen'],
    [['--no-such-flag', 'listen'], null],
    [['--', 'listen'], null],
    [['nonsense', 'listen'], null],
    [['-h', 'send'], 'send'],
    [['--local', 'subnet', 'import', '--from', 'x'], 'subnet import'],
    [['subnet'], null],
    [['subnet', '--from', 'x', 'import'], null],
    [['subnet import'], null],
    [['--local', 'send'], 'send']
  ]
  for (const [words, name] of rows) t.is(findSubcommand(words), name, words.join(' '))
})

test('no flag of a subcommand is one of the node, and all of one name are of one kind', (t) => {
  const kinds = new Map<string, boolean>()
  for (const { args } of Object.values(SUBCOMMANDS) as readonly SubcommandRow[]) {
    for (const [key, { type }] of Object.entries(args)) {
      t.absent(FLAG_NAMES.has(key), key)
      const isBool = type === (bool as unknown)
      t.is(kinds.get(key) ?? isBool, isBool, key)
      kinds.set(key, isBool)
    }
  }
  const taken = ['json', ...Object.keys(SUBCOMMANDS.cli.args), ...FLAG_NAMES.keys()]
  for (const { args } of Object.values(COMMANDS)) {
    for (const key of Object.keys(args))
      t.absent(taken.includes(key), `the terminal's --${key} gets through "cli"`)
  }
})

test('no command line makes it throw anything but its own errors', (t) => {
  const word = fc.oneof(
    fc.string(),
    fc.constantFrom('start', 'dht', '-h', '-v', '--', '-', '1', 'off', '--local', ...SUBCOMMAND_NAMES),
    fc.constantFrom('--json', '--channel', '--message=x', '--count', '--since'),
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
