import test from 'brittle'
import fs from '#fs'
import { SUBCOMMANDS, type Subcommand } from '../../../src/config/subcommands.ts'
import { CliProcess } from '../../helpers/cli.ts'
import { temporaryFolder } from '../../helpers/tmp.ts'

test('help for all and for one, without a node and without a trace', async (t) => {
  const cwd = temporaryFolder(t)
  const run = (...args: string[]) => new CliProcess(t, cwd, args).result
  const [all, send, listen, version, config] = await Promise.all([
    run('--help'),
    run('send', '--help'),
    run('listen', 'lobby', '-h', '--json'),
    run('stats', '--version'),
    run('stats', '--print-config', '--sc-bridge-token', 'canary-token-123')
  ])
  for (const { code, err } of [all, send, listen, version, config]) t.alike([code, err], [0, ''])
  for (const name of Object.keys(SUBCOMMANDS) as Subcommand[]) {
    t.ok(new RegExp(`^  ${name} .*${SUBCOMMANDS[name].help.slice(0, 10)}`, 'm').test(all.out), name)
  }
  t.ok(send.out.includes('Usage: npm start -- send <channel> <message|-> [flags]'))
  t.ok(send.out.includes('--json-message') && send.out.includes('Exit codes: 0 done;'))
  t.ok(listen.out.includes('--timeout <sec>'))
  t.ok(/^\d+\.\d+\.\d+\n$/.test(version.out))
  t.ok(/^sc-bridge-token +\(secret\) +flag$/m.test(config.out) && !config.out.includes('canary'))
  t.alike(fs.readdirSync(cwd), [])
})

test('a mistake is one line with exit code 2, for programs one object', async (t) => {
  const cwd = temporaryFolder(t)
  const rows: [string[], RegExp][] = [
    [['sned', 'lobby', 'x'], /Unknown subcommand "sned"\. Did you mean "send"\?/],
    [['send', 'lobby'], /"send" needs <message\|-> or --message\./],
    [['send', 'lobby', 'x', '--mesage', 'y'], /Unknown flag --mesage\. Did you mean --message\?/],
    [['send', 'lobby', 'x', '--sidechannel-ttl', '1'], /--sidechannel-ttl has no effect on "send"\./],
    [['send', 'lobby', 'x', '--invite', '%'], /Invalid invite \(expected JSON or base64\)\./],
    [['listen', '--since', '5'], /--since counts the messages of one channel/],
    [['listen', 'a', '--epoch', 'x'], /--epoch says what --since counts in/],
    [['stats', '--sc-bridge-port', 'x'], /Invalid --sc-bridge-port\./]
  ]
  await Promise.all(
    rows.map(async ([args, expected]) => {
      const result = await new CliProcess(t, cwd, args).result
      t.alike([result.code, result.out], [2, ''], args.join(' '))
      t.is(result.err.trimEnd().split('\n').length, 1, 'one line')
      t.ok(expected.test(result.err), result.err)
    })
  )
  const json = await new CliProcess(t, cwd, ['send', 'lobby', '--json']).result
  t.alike([json.code, json.out], [2, ''])
  const { type, code, error, next } = JSON.parse(json.err)
  t.alike(
    [type, code, error],
    [
      'error',
      'bad_arguments',
      '"send" needs <message|-> or --message. What to say; - reads standard input to its end.'
    ]
  )
  t.ok(next.includes('send --help'))
  t.alike(fs.readdirSync(cwd), [])
})
