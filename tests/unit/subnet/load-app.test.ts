import test, { type Assertions } from 'brittle'
import fs from '#fs'
import path from '#path'
import {
  assertBuilt,
  findApp,
  foreignApp,
  importsOf,
  readSources,
  SAMPLE
} from '../../../features/subnet/app/files.ts'
import { findingsText, loadApp } from '../../../features/subnet/app/load-app.ts'
import { isHex32 } from '../../../src/base/hex.ts'
import { errorOf, failsWith } from '../../helpers/errors.ts'
import { temporaryFolder } from '../../helpers/tmp.ts'

type Files = Readonly<Record<string, string>>

const OURS = new URL('../../../src/app/index.js', import.meta.url).href
const CONTRACT = `import { Contract } from '${OURS}'\nexport default class Shop extends Contract {}\n`
const PROTOCOL = `import { Protocol } from '${OURS}'\nexport default class Till extends Protocol {}\n`
const PAIR = { 'contract.js': CONTRACT, 'protocol.js': PROTOCOL }

function write(folder: string, files: Files): string {
  for (const [name, text] of Object.entries(files)) {
    fs.mkdirSync(path.dirname(path.join(folder, name)), { recursive: true })
    fs.writeFileSync(path.join(folder, name), text)
  }
  return folder
}

/** A folder with these files; a name with a blank and a per cent sign is a name like any other. */
function appFolder(t: Assertions, files: Files): string {
  return write(path.join(temporaryFolder(t), 'my app 100%'), {
    'package.json': '{"type":"module"}',
    ...files
  })
}

async function refusalOf(t: Assertions, files: Files) {
  const error = await loadApp(appFolder(t, files)).then(
    () => new Error('it was loaded'),
    (error: unknown) => error
  )
  return errorOf(t, () => {
    throw error
  })
}

test("the project's own app, and one in another folder", async (t) => {
  const own = await loadApp(null)
  t.alike([own.name, own.version, own.findings], ['SampleContract', '1', []])
  t.ok(isHex32(own.hash))
  t.is(own.hash, (await loadApp('contract')).hash)
  t.is(own.hash, SAMPLE)
  const board = await loadApp('examples/task-board')
  t.alike([board.name, board.version, board.findings], ['task-board', '1', []])
  t.not(board.hash, own.hash)
})

test('the name and version of an app', async (t) => {
  const named = async (line: string, contract = CONTRACT) => {
    const { name, version } = await loadApp(appFolder(t, { ...PAIR, 'contract.js': `${contract}${line}\n` }))
    return [name, version]
  }
  t.alike(await named(''), ['Shop', '1'], 'of the class')
  t.alike(await named('', CONTRACT.replace('Shop ', '')), ['my app 100%', '1'], 'of the folder')
  t.alike(await named("export const app = { name: 'shop' }"), ['shop', '1'])
  t.alike(await named("export const app = { name: 'shop', version: '2.1' }"), ['shop', '2.1'])
  for (const app of ["{ name: '' }", '{ version: 2 }', `{ name: '${'a'.repeat(257)}' }`, "{ name: ['a'] }"]) {
    const error = await refusalOf(t, { ...PAIR, 'contract.js': `${CONTRACT}export const app = ${app}` })
    t.is(error.code, 'app_broken', app)
  }
})

test('the classes are the default exports, or the only ones that fit', async (t) => {
  const named = (source: string) => source.replace('export default', 'export')
  const app = await loadApp(appFolder(t, { 'contract.js': named(CONTRACT), 'protocol.js': named(PROTOCOL) }))
  t.is(app.name, 'Shop')
  const more = `${named(CONTRACT)}export class Other extends Shop {}\n`
  t.ok((await refusalOf(t, { ...PAIR, 'contract.js': more })).message.includes('more than one Contract'))
  const rows: [file: string, source: string, says: string][] = [
    ['contract.js', 'export default class Contract {}', 'exports no class that extends Contract'],
    ['contract.js', PROTOCOL, 'exports no class that extends Contract'],
    ['protocol.js', CONTRACT, 'exports no class that extends Protocol'],
    ['protocol.js', 'export default null', 'exports no class that extends Protocol'],
    ['contract.js', 'const x = ;', 'cannot be loaded: Unexpected token'],
    ['contract.js', "throw new Error('a\\u001b[2Jb')", 'cannot be loaded: a\\e[2Jb'],
    ['protocol.js', "import 'not-there-at-all'", 'not-there-at-all'],
    ['protocol.js', "import './not-there.js'", 'not-there.js'],
    ['protocol.js', `import { Wallet } from '${OURS}'`, 'Wallet']
  ]
  for (const [file, source, says] of rows) {
    const error = await refusalOf(t, { ...PAIR, [file]: source })
    t.is(error.code, 'app_broken', file)
    t.ok(error.message.includes(says), error.message)
  }
})

test('a class that cannot be made is an error of the app', async (t) => {
  const twice = CONTRACT.replace(
    '{}\n',
    "{ constructor(p, o) { super(p, o); this.addFunction('a'); this.addFunction('a') } }\n"
  )
  const app = await loadApp(appFolder(t, { ...PAIR, 'contract.js': twice }))
  const protocol = app.createProtocol(null as never, null as never)
  failsWith(t, 'app_broken', ['registered already'], () => app.createContract(protocol))
})

test('the features of an app', async (t) => {
  const clock = `import { Feature } from '${OURS}'\nexport default class Clock extends Feature {}\n`
  const source = (features: string) =>
    `import Clock from './clock.js'\n${PROTOCOL}export const features = ${features}\n`
  const files = (features: string) => ({ ...PAIR, 'clock.js': clock, 'protocol.js': source(features) })
  t.alike((await loadApp(appFolder(t, PAIR))).features, {})
  const { features } = await loadApp(appFolder(t, files('{ clock: Clock }')))
  const host = {
    appendFeature: async () => {},
    get: async () => null,
    getSigned: async () => null,
    sleep: async () => {}
  }
  t.is(features.clock?.(host).peer, host)
  for (const wrong of ['{ clock: 1 }', '{ clock: class {} }', "{ '': Clock }", "'clock'", '[Clock, 1]']) {
    t.is((await refusalOf(t, files(wrong))).code, 'app_broken', wrong)
  }
})

test('where an app is looked for', async (t) => {
  const project = temporaryFolder(t)
  const contract = path.join(project, 'contract')
  failsWith(t, 'app_missing', ['contract'], () => findApp(null, project))
  failsWith(t, 'app_missing', ['no\\nwhere'], () => findApp('no\nwhere', project))
  write(contract, { 'contract.ts': '', 'protocol.js': '' })
  failsWith(t, 'app_missing', ['There is no contract and protocol'], () => findApp(null, project))
  write(contract, { 'protocol.ts': '' })
  t.alike(findApp(null, project), {
    folder: fs.realpathSync(contract),
    built: path.join(project, 'dist/contract'),
    extension: '.ts'
  })
  t.is(foreignApp(null, project), contract, 'a pair in the place of the sample')
  t.is(foreignApp(null), null, 'the sample')
  write(contract, { 'contract.js': '' })
  t.alike([foreignApp(null, project), foreignApp('elsewhere', project)], [contract, 'elsewhere'])
  t.is(findApp(null, project).extension, '.js', 'what runs as it is comes first')
  t.is(findApp(contract, project).built, fs.realpathSync(contract))
  const outside = write(temporaryFolder(t), { 'contract.ts': '', 'protocol.ts': '' })
  failsWith(t, 'app_missing', ['outside the project'], () => findApp(outside, project))
})

test('what is not compiled, or was changed since, is not run', async (t) => {
  const project = temporaryFolder(t)
  write(project, {
    'contract/contract.ts': "import './prices.ts'",
    'contract/protocol.ts': '',
    'contract/prices.ts': ''
  })
  const files = findApp(null, project)
  const sources = readSources(files.folder, ['contract.ts', 'protocol.ts'])
  failsWith(t, 'app_missing', ['contract.ts', 'is not compiled'], () => assertBuilt(files, sources))
  write(project, {
    'dist/contract/contract.js': '',
    'dist/contract/protocol.js': '',
    'dist/contract/prices.js': ''
  })
  assertBuilt(files, sources)
  const later = new Date(Date.now() + 60_000)
  fs.utimesSync(path.join(files.folder, 'prices.ts'), later, later)
  failsWith(t, 'app_broken', ['prices.ts', 'changed after'], () => assertBuilt(files, sources))
})

test('the hash is that of the files of the app, wherever they lie', async (t) => {
  const files: Files = {
    ...PAIR,
    'contract.js': `${CONTRACT}import './lib/a.js'\n// once more: './b.js'\n`,
    'protocol.js': `${PROTOCOL}import data from './data.json' with { type: 'json' }\nexport { data }\n`,
    'lib/a.js': "import '../b.js'\nexport * from './c.js'\nawait import(`./d.js`)\n",
    ...{ 'b.js': '', 'lib/c.js': '', 'lib/d.js': '', 'data.json': '{}', 'unused.js': '' }
  }
  const hash = async (changed: Files = {}) => (await loadApp(appFolder(t, { ...files, ...changed }))).hash
  const first = await hash()
  t.is(await hash(), first)
  t.is(await hash({ 'unused.js': '1', 'README.md': 'x' }), first, 'what is not imported')
  t.is(
    await hash({ 'contract.js': (files['contract.js'] as string).replaceAll('\n', '\r\n') }),
    first,
    'line ends'
  )
  const changes: Files[] = [
    ...['contract.js', 'protocol.js', 'lib/a.js'].map((name) => ({ [name]: `${files[name]} ` })),
    ...['b.js', 'lib/c.js', 'lib/d.js'].map((name) => ({ [name]: ' ' })),
    { 'data.json': '{"a":1}' },
    // The same text under another name.
    { 'lib/a.js': (files['lib/a.js'] as string).replace('./c.js', './e.js'), 'lib/e.js': '' }
  ]
  const hashes = new Set([first])
  for (const change of changes) hashes.add(await hash(change))
  t.is(hashes.size, changes.length + 1)
})

test('imports that are there when the code runs', (t) => {
  const source = [
    'import a from \'./a.js\'; import * as b from "./b.js"',
    "import {\n  c,\n  type D\n} from './c.js'",
    "import './e.js'\nexport * from './f.js'\nexport { g } from './g.js'",
    "import type { H } from './h.js'\nexport type { I } from './i.js'\nimport type from './type.js'",
    "export type J = 'j'\nexport const k = 'k'\nimport { l } from 'l'",
    "// import './m.js'\n/* import './n.js' */",
    "const o = require('./o.js'), p = await import('./p.js')",
    "const q = Array.from('q'); const r = 'import'; const s = 's'"
  ].join('\n')
  t.alike(
    importsOf(source)
      .map(({ from, line }) => `${from} ${line}`)
      .sort(),
    [
      './a.js 1',
      './b.js 1',
      './c.js 5',
      './e.js 6',
      './f.js 7',
      './g.js 8',
      './o.js 17',
      './p.js 17',
      './type.js 11',
      'l 14'
    ]
  )
})

const outside = (n: number): Files => ({
  'contract.js': `${CONTRACT}import '../shared.js'\n`,
  '../package.json': '{"type":"module"}',
  '../shared.js': `export const n = ${n}\n`
})

test('findings are those of the contract and of what it imports', async (t) => {
  const app = await loadApp(
    appFolder(t, {
      'contract.js': `${CONTRACT}import { memo } from './lib/prices.js'\nexport const at = () => Date.now()\nexport const keep = (a) => (memo.a ??= a)\n`,
      'lib/prices.js':
        "import '../os.js'\nexport const price = () => Math.random()\nexport const memo = {}\n",
      'os.js': '// import fs from "fs"\nexport const never = () => import("fs")\nexport const now = 1',
      'protocol.js': `${PROTOCOL}export const now = () => Date.now()\n`
    })
  )
  t.alike(app.findings, [
    { file: 'contract.js', name: 'Date', line: 4 },
    { file: 'contract.js', name: 'a change of memo', line: 5 },
    { file: 'lib/prices.js', name: 'Math.random', line: 2 },
    { file: 'os.js', name: 'import', line: 2 },
    { file: 'os.js', name: 'import of fs', line: 2 }
  ])
  t.is(
    findingsText(app.findings.slice(0, 3)),
    'Date (contract.js, line 4), a change of memo (contract.js, line 5), Math.random (lib/prices.js, line 2)'
  )
  const { hash, findings } = await loadApp(appFolder(t, { ...PAIR, ...outside(1) }))
  t.alike(findings, [{ file: 'contract.js', name: 'import of ../shared.js', line: 3 }])
  t.is(hash, (await loadApp(appFolder(t, { ...PAIR, ...outside(2) }))).hash, 'which is why')
  const many = Array.from({ length: 12 }, (_, line) => ({ file: 'a\n.js', name: 'Date', line }))
  t.ok(/^Date \(a\\n\.js, line 0\), .*, Date \(a\\n\.js, line 9\) and 2 more$/.test(findingsText(many)))
})
