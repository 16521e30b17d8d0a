import test from 'brittle'
import fs from '#fs'
import path from '#path'
import { COMMAND_NAMES, commandRow, isCommandName } from '../src/commands/table.ts'
import { FLAG_NAMES } from '../src/config/flags.ts'
import { SUBCOMMAND_NAMES, subcommandRow } from '../src/config/subcommands.ts'
import { PROJECT } from './helpers/peer.ts'

/** Flags of other programs, and names that stand for any flag. */
const OTHERS = ['omit', 'check', 'no', 'runtime', 'x', 'key']

const OURS = new Set([
  ...FLAG_NAMES.keys(),
  ...SUBCOMMAND_NAMES.flatMap((name) => Object.keys(subcommandRow(name).args)),
  ...COMMAND_NAMES.flatMap((name) => Object.keys(commandRow(name).args)),
  ...OTHERS
])

/** Of subcommands; some have two. */
const FIRST_WORDS = new Set(SUBCOMMAND_NAMES.map((name) => name.split(' ')[0]))

function documents(folder = ''): string[] {
  return fs.readdirSync(path.join(PROJECT, folder), { withFileTypes: true }).flatMap((entry) => {
    const file = folder === '' ? entry.name : `${folder}/${entry.name}`
    if (entry.isDirectory()) return folder !== '' || entry.name === 'docs' ? documents(file) : []
    return file.endsWith('.md') ? [file] : []
  })
}

function read(file: string): string {
  return fs.readFileSync(path.join(PROJECT, file), 'utf-8')
}

const BLOCK = /^ *```[^\n]*\n[\s\S]*?^ *```|^(?: {4}[^\n]*\n)+/gm
const SPAN = /`([^`]+)`/g

/** Blocks and spans: what a reader would copy. */
function codeIn(text: string): string[] {
  const spans = [...text.replace(BLOCK, '\n').matchAll(SPAN)]
  return [
    ...[...text.matchAll(BLOCK)].map(([block]) => block),
    ...spans.map(([, span = '']) => span.replace(/\n/g, ' '))
  ]
}

/** The fragments that headings of a page can be reached by. */
function anchorsOf(text: string): Set<string> {
  const headings = [...text.replace(BLOCK, '\n').matchAll(/^#+ +(.*)$/gm)]
  return new Set(
    headings.map(([, title = '']) =>
      title
        .toLowerCase()
        .replace(/[^\p{L}\p{N}\s_-]/gu, '')
        .replace(/\s/g, '-')
    )
  )
}

function brokenLinks(file: string, text: string): string[] {
  const prose = text.replace(BLOCK, '\n').replace(SPAN, '')
  return [...prose.matchAll(/\]\(([^)\s]+)\)/g)].flatMap(([, target = '']) => {
    if (/^[a-z]+:/.test(target)) return []
    const [name = '', anchor] = target.split('#')
    const linked = name === '' ? file : path.posix.join(path.posix.dirname(file), name)
    if (!fs.existsSync(path.join(PROJECT, linked))) return [`${file}: ${target} is not there`]
    if (anchor === undefined || anchorsOf(read(linked)).has(anchor)) return []
    return [`${file}: ${linked} has no heading for #${anchor}`]
  })
}

function unknownWords(file: string, text: string): string[] {
  return codeIn(text).flatMap((code) => {
    const subcommands = [...code.matchAll(/(?:npm start(?: -s)? --|launch\.mjs) +([a-z][\w|]*)/g)]
      .flatMap(([, word = '']) => word.split('|'))
      .filter((word) => word !== '' && !FIRST_WORDS.has(word))
    const flags = [...code.matchAll(/(?<![\w-])--([a-z][a-z_-]*)/g)]
      .map(([, flag = '']) => flag)
      .filter((flag) => !OURS.has(flag))
    const commands = [...code.matchAll(/(?<![\w/])\/((?:sc|get)_[a-z_]+)/g)]
      .map(([, command = '']) => command)
      .filter((command) => !isCommandName(command))
    const paths = [
      ...code.matchAll(/^(?:src|features|tests|docs|examples|bench|scripts)\/[\w./-]*$/g)
    ].filter(([name]) => !fs.existsSync(path.join(PROJECT, name)))
    return [
      ...subcommands.map((word) => `${file}: no subcommand "${word}"`),
      ...flags.map((flag) => `${file}: no flag --${flag}`),
      ...commands.map((command) => `${file}: no command /${command}`),
      ...paths.map(([name]) => `${file}: no file ${name}`)
    ]
  })
}

/** Of tables whose first heading is "in `folder/`": the files in the first column. */
function missingFiles(file: string, text: string): string[] {
  return [...text.matchAll(/^\| in `([\w/-]+)` \|.*\n\|[ |-]+\n((?:\|.*\n)+)/gm)].flatMap(
    ([, folder = '', rows = '']) =>
      [...rows.matchAll(/^\| ([^|]*) \|/gm)]
        .flatMap(([, cell = '']) => [...cell.matchAll(/`([\w/.-]+\.ts|[\w-]+\/)`/g)])
        .filter(([, name = '']) => !fs.existsSync(path.join(PROJECT, folder, name)))
        .map(([, name]) => `${file}: no file ${folder}${name}`)
  )
}

test('links in documents lead somewhere', (t) => {
  const files = documents()
  t.ok(files.includes('README.md') && files.includes('docs/wire/sidechannel.md'), `${files.length} documents`)
  for (const file of files) t.alike(brokenLinks(file, read(file)), [], file)
})

test('documents name subcommands, flags, commands and files that exist', (t) => {
  for (const file of documents()) {
    const text = read(file)
    t.alike([...unknownWords(file, text), ...missingFiles(file, text)], [], file)
  }
})

test('what is wrong in a document is found', (t) => {
  const links =
    '[a](docs/nothing.md) [b](README.md#no-such-heading) [c](https://example.org) [d](README.md#the-two-commands)'
  t.is(brokenLinks('x.md', links).length, 2)
  t.is(brokenLinks('docs/x.md', '[a](README.md) [b](../README.md)').length, 1, 'from where the document is')
  const words = [
    ['`npm start -- sned lobby`', 1],
    ['    npm start -s -- send lobby hi --jsn\n', 1],
    ['`npm start -- send|listne`', 1],
    ['`--sc-bridge-prot 0` or `--sc-bridge-port 0`', 1],
    ['```sh\nnode scripts/launch.mjs start a --terminal 0 \\\n  --sidechannel-quite 1\n```\n', 1],
    ['`/sc_jion --channel a`, `/sc_join --channel a`', 1],
    ['`src/nothing.ts` and `src/node.ts`', 1],
    ['--not-code and a dash -- like this', 0]
  ] as const
  for (const [text, count] of words) t.is(unknownWords('x.md', text).length, count, JSON.stringify(text))
  const table = '| in `src/base/` | b |\n| --- | --- |\n| `log.ts`, `nothing.ts` | c |\n'
  t.is(missingFiles('x.md', table).length, 1)
})
