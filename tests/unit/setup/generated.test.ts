import test, { type Assertions } from 'brittle'
import fs from '#fs'
import path from '#path'
import {
  removeUnnamed,
  SEAL_LINE,
  sealed,
  type Written,
  writeGenerated
} from '../../../src/setup/generated.ts'
import { errorOf } from '../../helpers/errors.ts'
import { temporaryFolder } from '../../helpers/tmp.ts'

function script(value: string): string {
  return sealed(`#!/bin/sh\n# ${SEAL_LINE}\necho ${value}\n`)
}

function setUp(t: Assertions) {
  const folder = temporaryFolder(t)
  const files = (value: string) => [
    { path: path.join(folder, 'scripts', 'a.sh'), content: script(value), mode: 0o755 },
    { path: path.join(folder, 'scripts', 'a.d', 'value.txt'), content: `${value}\n`, mode: 0o644 }
  ]
  const [{ path: sh = '' } = {}, { path: blob = '' } = {}] = files('')
  const write = (value: string, force = false) => outcomes(writeGenerated(files(value), { force }))
  return { files, sh, blob, write }
}

function outcomes(written: readonly Written[]): string[] {
  return written.map(({ outcome }) => outcome)
}

function change(file: string, edit: (content: string) => string): string {
  const content = edit(fs.readFileSync(file, 'utf-8'))
  fs.writeFileSync(file, content)
  return content
}

test('made, then left as it is, then replaced by what is new', (t) => {
  const { sh, blob, write } = setUp(t)
  t.alike(write('one'), ['made', 'made'])
  t.is(fs.statSync(sh).mode & 0o777, 0o755)
  t.is(fs.statSync(blob).mode & 0o777, 0o644)
  const before = fs.statSync(sh).mtimeMs
  fs.chmodSync(sh, 0o644)
  t.alike(write('one'), ['unchanged', 'unchanged'])
  t.is(fs.statSync(sh).mtimeMs, before, 'not even written')
  t.is(fs.statSync(sh).mode & 0o777, 0o755, 'but with the mode it needs')
  t.alike(write('two'), ['replaced', 'replaced'], 'an older version of ours')
  t.ok(fs.readFileSync(sh, 'utf-8').includes('echo two'))
  t.alike(fs.readdirSync(path.dirname(sh)).sort(), ['a.d', 'a.sh'], 'nothing is left behind')
})

test('what a person changed is not replaced unasked, and nothing else is written then', (t) => {
  const { sh, blob, write } = setUp(t)
  write('one')
  const mine = change(sh, (content) => `${content}echo mine\n`)
  const error = errorOf(t, () => write('two'))
  t.is(error.code, 'changed_by_hand')
  t.ok(error.message.includes(sh) && !error.message.includes(blob), error.message)
  t.is(fs.readFileSync(sh, 'utf-8'), mine)
  t.is(fs.readFileSync(blob, 'utf-8'), 'one\n', 'nor what was not changed')
  t.alike(write('two', true), ['replaced', 'replaced'], 'forced')
  t.is(fs.readFileSync(sh, 'utf-8'), script('two'))
  change(blob, () => 'mine\n')
  t.is(errorOf(t, () => write('three')).code, 'changed_by_hand', 'a value without a header likewise')
})

test('a change stays while there is nothing new to put in its place', (t) => {
  const { sh, blob, write } = setUp(t)
  write('one')
  const mine = change(sh, (content) => content.replace('echo', 'echo -n'))
  change(blob, () => 'mine\n')
  const kept = 'kept-because-changed-by-hand'
  t.alike(write('one'), [kept, kept])
  t.is(fs.readFileSync(sh, 'utf-8'), mine)
  t.alike(write('one', true), ['replaced', 'replaced'])
})

test('a file without our header is of somebody else', (t) => {
  const { sh, blob, write } = setUp(t)
  fs.mkdirSync(path.dirname(blob), { recursive: true })
  fs.writeFileSync(sh, '#!/bin/sh\necho mine\n')
  fs.writeFileSync(blob, 'mine\n')
  const error = errorOf(t, () => write('one'))
  t.is(error.code, 'changed_by_hand')
  t.ok(error.message.includes(sh) && error.message.includes(blob))
  t.is(fs.readFileSync(sh, 'utf-8'), '#!/bin/sh\necho mine\n')
  write('one', true)
  change(sh, (content) => content.replace(/^#.*sha256.*\n/m, ''))
  t.is(errorOf(t, () => write('two')).code, 'changed_by_hand', 'nor one whose header was removed')
})

test('line ends are no change, and are made right again', (t) => {
  const { sh, blob, write } = setUp(t)
  write('one')
  for (const file of [sh, blob]) change(file, (content) => content.replaceAll('\n', '\r\n'))
  t.alike(write('one'), ['replaced', 'replaced'])
  t.absent(fs.readFileSync(sh, 'utf-8').includes('\r'))
})

test('a value that looks as if there were a hash in it', (t) => {
  const { sh, blob, write } = setUp(t)
  const value = `sha256 ${'a'.repeat(64)}`
  write(value)
  t.alike(write(value), ['unchanged', 'unchanged'])
  t.alike(write('other'), ['replaced', 'replaced'])
  change(blob, () => `${value}\n`)
  t.is(errorOf(t, () => write('new')).code, 'changed_by_hand')
  t.ok(fs.existsSync(sh))
})

test('a folder that cannot be had is an error with a name', (t) => {
  const folder = temporaryFolder(t)
  fs.writeFileSync(path.join(folder, 'scripts'), '')
  const file = { path: path.join(folder, 'scripts', 'a.sh'), content: script('x'), mode: 0o755 }
  t.is(errorOf(t, () => writeGenerated([file], { force: false })).code, 'setup_unwritable')
})

test('values that no script names any more go, unless a person changed them', (t) => {
  const folder = temporaryFolder(t)
  const values = path.join(folder, 'a.d')
  const file = (name: string) => path.join(values, name)
  const made = (name: string) => ({ path: file(name), content: `${name}\n`, mode: 0o644 })
  const unit = { path: file('a.service'), content: script('unit'), mode: 0o644 }
  writeGenerated([...['named.txt', 'old.txt', 'changed.txt'].map(made), unit], { force: false })
  change(file('changed.txt'), () => 'mine\n')
  fs.writeFileSync(file('own.txt'), 'mine\n')
  fs.writeFileSync(`${file('gone.txt')}.sha256`, `${'a'.repeat(64)}  gone.txt\n`)
  t.alike(
    removeUnnamed(values, (name) => name === 'named.txt'),
    [{ path: file('old.txt'), outcome: 'removed' }]
  )
  t.alike(fs.readdirSync(values).sort(), [
    ...['a.service', 'changed.txt', 'changed.txt.sha256', 'gone.txt.sha256'],
    ...['named.txt', 'named.txt.sha256', 'own.txt']
  ])
  t.alike(
    removeUnnamed(path.join(folder, 'none.d'), () => false),
    []
  )
})
