import test from 'brittle'
import {
  environmentNames,
  FLAG_KEYS,
  FLAG_NAMES,
  type FlagKey,
  flagName,
  flagSpec,
  PLANES
} from '../../../src/config/flags.ts'
import { configText, defaultText, flagsMarkdown, helpText } from '../../../src/config/help.ts'
import { resolveConfig } from '../../../src/config/resolve.ts'
import { subcommandHelp } from '../../../src/config/subcommand-help.ts'
import { SUBCOMMAND_NAMES, SUBCOMMANDS, subcommandRow } from '../../../src/config/subcommands.ts'

const A = 'a1'.repeat(32)

test('help fits 100 columns', (t) => {
  for (const line of helpText().split('\n')) {
    if (line.length > 100 || line !== line.trimEnd()) t.fail(`${line.length} columns: "${line}"`)
  }
  t.pass()
})

test('help names every flag, subcommand and plane', (t) => {
  const lines = helpText().split('\n')
  for (const [name, key] of FLAG_NAMES) {
    const line = lines.find((text) => new RegExp(`^ {2}(--[a-z-]+, )*--${name}[ ,]`).test(text))
    t.ok(line?.endsWith(` ${flagSpec(key).type.hint}`), `--${name}`)
  }
  for (const name of Object.keys(SUBCOMMANDS)) t.ok(lines.some((line) => line.startsWith(`  ${name} `)))
  for (const { title, here } of Object.values(PLANES)) {
    t.ok(lines.includes(here ? title : `${title} (not in this version)`), title)
  }
})

test('the help of a subcommand fits as well, and names all that it takes', (t) => {
  for (const name of SUBCOMMAND_NAMES) {
    const lines = subcommandHelp(name).split('\n')
    for (const line of lines) {
      if (line.length > 100 || line !== line.trimEnd()) t.fail(`${line.length} columns: "${line}"`)
    }
    const { args, example } = subcommandRow(name)
    for (const [key, { type, help }] of Object.entries(args)) {
      t.ok(
        lines.some((line) => new RegExp(`--${key}( |$)`).test(line)),
        `${name} --${key}`
      )
      t.ok(lines.join(' ').replace(/\s+/g, ' ').includes(help), help)
      t.ok(type.hint !== '')
    }
    t.ok(lines.includes(`Example: npm start -- ${example}`))
  }
})

test('help tells every meaning and default', (t) => {
  const words = helpText().replace(/\s+/g, ' ')
  for (const key of FLAG_KEYS) {
    const value = defaultText(key)
    t.ok(words.includes(flagSpec(key).help + (value === '' ? '' : ` (default ${value})`)), key)
  }
})

/** The lines of --print-config, by flag. */
function printed(words: readonly string[], environment = {}): Record<string, string> {
  const { config, sources } = resolveConfig(words, environment)
  const lines = configText(config, sources).split('\n')
  return Object.fromEntries(lines.map((line) => [line.split(' ')[0], line.replace(/\s+/g, ' ')]))
}

test('print-config shows one line a flag, with where its value came from', (t) => {
  const lines = printed(['start', 'alice', '--local', '--sidechannels', 'a,b'], {
    SIDECHANNEL_RATE_BYTES: '5'
  })
  t.is(lines['peer-store-name'], 'peer-store-name alice label')
  t.is(lines.local, 'local 1 flag')
  t.is(lines.sidechannels, 'sidechannels a,b flag')
  t.is(lines['sidechannel-rate-bytes'], 'sidechannel-rate-bytes 5 environment')
  t.is(lines['sidechannel-pow'], 'sidechannel-pow 1 default')
  t.is(lines['sidechannel-welcome'], 'sidechannel-welcome - default')
  const shown = FLAG_KEYS.filter((key) => !['help', 'version', 'printConfig'].includes(key)).map(flagName)
  t.alike(Object.keys(lines), shown)
})

test('a value of several lines stays on one', (t) => {
  const lines = printed([
    '--sidechannel-welcome',
    'a:{\n "x": 1\n},b:eyJ4',
    '--peer-stores-directory',
    'a\u001b[2J'
  ])
  t.is(lines['sidechannel-welcome'], 'sidechannel-welcome a:{\\n "x": 1\\n},b:eyJ4 flag')
  t.is(lines['peer-stores-directory'], 'peer-stores-directory a\\e[2J flag')
})

test('print-config masks secrets', (t) => {
  const secrets = FLAG_KEYS.filter((key) => flagSpec(key).secret)
  t.alike(secrets, ['scBridgeToken', 'scBridgeTokens', 'rpcToken'] satisfies FlagKey[])
  for (const key of secrets) {
    const { config, sources } = resolveConfig([`--${flagName(key)}`, 'canary-71935'], {})
    const text = configText(config, sources)
    t.absent(text.includes('canary'), key)
    t.ok(text.includes('(secret)'))
    t.ok(new RegExp(`^${flagName(key)} +\\(secret\\) +flag$`, 'm').test(text))
  }
})

test('what print-config shows can be given back', (t) => {
  const words = ['--sidechannel-owner', `a:b:${A}`, '--dht-bootstrap', 'h:1,h:2', '--sidechannel-pow', 'off']
  const first = resolveConfig(words, {}).config
  const again = FLAG_KEYS.flatMap((key) => {
    const value = first[key]
    return value === null ? [] : [`--${flagName(key)}=${flagSpec(key).type.show(value)}`]
  })
  t.is(JSON.stringify(resolveConfig(again, {}).config), JSON.stringify(first))
})

test('the reference names every flag with its environment names and default, in whole rows', (t) => {
  const rows = flagsMarkdown()
    .split('\n')
    .filter((line) => line.startsWith('| `--'))
  t.is(rows.length, FLAG_KEYS.length)
  for (const key of FLAG_KEYS) {
    const row = rows.find((line) => line.startsWith(`| \`--${flagName(key)}\``)) ?? ''
    t.is(row.split(/(?<!\\)\|/).length, 7, flagName(key))
    for (const name of environmentNames(key)) t.ok(row.includes(`\`${name}\``), name)
    const value = defaultText(key)
    t.ok(value === '' || row.includes(`| \`${value}\` |`), `default ${value}`)
  }
})
