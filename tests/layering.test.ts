import test from 'brittle'
import fs from '#fs'
import path from '#path'
import { PROJECT } from './helpers/peer.ts'

const BASE = 'src/base/'
const CONFIG = 'src/config/'
const COMMANDS = 'src/commands/'
const INNER = ['src/store/', 'src/identity/', 'src/network/']
const RUN_FILE = 'src/run-file.ts'
const METRICS = 'src/metrics/'
const ACCESS = 'src/access/'
const CLI = 'src/cli/'
const BRIDGE = 'src/bridge/'
const SCHEMA = 'src/schema/'
const RPC = 'src/rpc/'
const PLANES = 'src/planes.ts'
const SUBNET_PLANE = 'src/subnet-plane.ts'
const NODE = 'src/node.ts'
const APP = 'src/app/'
const SERVERS = ['src/http/', 'src/websocket/']
const PLUG = [
  BASE,
  APP,
  CONFIG,
  COMMANDS,
  ...INNER,
  RUN_FILE,
  METRICS,
  ACCESS,
  BRIDGE,
  RPC,
  ...SERVERS,
  PLANES,
  SUBNET_PLANE,
  NODE
]

/** What each part of ours may import besides itself: files, or folders that end in "/". */
const LAYERS: Readonly<Record<string, readonly string[]>> = {
  [BASE]: [],
  [APP]: [BASE],
  [CONFIG]: [BASE],
  [COMMANDS]: [BASE, CONFIG, 'src/identity/address.ts'],
  [RUN_FILE]: [BASE],
  'src/store/': [BASE, 'src/config/types.ts', RUN_FILE],
  'src/identity/': [BASE, 'src/config/types.ts', 'src/store/'],
  'src/network/': [BASE, 'src/config/types.ts', 'src/store/', 'src/identity/'],
  'src/http/': [BASE],
  'src/websocket/': ['src/base/stream.ts', 'src/base/utf8.ts'],
  [SCHEMA]: [],
  [RPC]: [BASE, SCHEMA],
  [BRIDGE]: [BASE, SCHEMA],
  // Only the types of it: the client loads in a browser as it is.
  'src/client/': [BRIDGE],
  [PLANES]: [BASE, COMMANDS, SUBNET_PLANE],
  [SUBNET_PLANE]: [BASE, APP, PLANES],
  [ACCESS]: [BASE, CONFIG, BRIDGE, 'src/http/', ...INNER],
  [METRICS]: [BASE, BRIDGE, RPC, 'src/http/', ...INNER, ACCESS, 'src/version.ts'],
  [NODE]: [BASE, CONFIG, COMMANDS, ...INNER, METRICS, PLANES],
  'src/terminal/': [BASE, CONFIG, COMMANDS],
  'src/reference.ts': [
    BASE,
    CONFIG,
    COMMANDS,
    METRICS,
    BRIDGE,
    RPC,
    SCHEMA,
    CLI,
    'src/doctor/',
    'src/setup/'
  ],
  [CLI]: [
    ...[BASE, CONFIG, COMMANDS, RUN_FILE, BRIDGE, 'src/http/host.ts'],
    ...['src/signals.ts', 'src/streams.ts', 'src/version.ts']
  ],
  'src/doctor/': [
    ...[BASE, CONFIG, ...INNER, RUN_FILE, METRICS, CLI, 'src/http/listen.ts'],
    ...['src/streams.ts', 'src/version.ts']
  ],
  'src/setup/': [
    ...[
      BASE,
      CONFIG,
      RUN_FILE,
      APP,
      'src/store/',
      'src/identity/',
      NODE,
      PLANES,
      SUBNET_PLANE,
      'src/cli/arguments.ts'
    ],
    ...['src/streams.ts', 'src/version.ts']
  ],
  'src/banner.ts': [BASE, CONFIG, RUN_FILE, 'src/identity/address.ts', NODE],
  'src/node-commands.ts': [BASE, CONFIG, COMMANDS, 'src/store/', 'src/identity/derive.ts', NODE],
  'src/index.ts': [BASE, CONFIG, NODE],
  'src/signals.ts': [BASE],
  'src/supervisor.ts': [BASE],
  'src/streams.ts': [BASE],
  'src/version.ts': [BASE],
  'src/pear.ts': [],
  'contract/': PLUG
}
const MAIN = 'src/main.ts'
/** The program is put together here, from all parts. */
const WHOLE: ReadonlySet<string> = new Set([MAIN, 'src/program.ts', 'src/servers.ts'])
/** Imports what the user names: the app. */
const LOADER = 'features/subnet/app/load-app.ts'
/** What apps call our own files, as programs outside do. */
const BY_NAME: Readonly<Record<string, string>> = { 'intercom/app': 'src/app/index.ts' }

interface Import {
  readonly from: string
  /** Only its types are taken; nothing of it is there when the code runs. */
  readonly types: boolean
}

const COMPUTED = '(computed)'

function importsOf(source: string): Import[] {
  const statement = /^(?:import|export)\s+(type\s+)?(?:[\w$\s{},*]*?\bfrom\s+)?'([^']*)'/gm
  const dynamic = /\bimport\(\s*(?:'([^']*)')?/g
  return [
    ...[...source.matchAll(statement)].map(([, type, from = '']) => ({ from, types: type !== undefined })),
    ...[...source.matchAll(dynamic)].map(([, from = COMPUTED]) => ({ from, types: false }))
  ]
}

/** The row of a file: its own, or that of the folder it lies in. Every feature has the same. */
function layerOf(file: string): { part: string; allowed: readonly string[] } | null {
  const feature = /^features\/[^/]+\//.exec(file)
  if (feature) return { part: feature[0], allowed: PLUG }
  for (const [part, allowed] of Object.entries(LAYERS)) {
    if (within(file, part)) return { part, allowed }
  }
  return null
}

function within(file: string, part: string): boolean {
  return part.endsWith('/') ? file.startsWith(part) : file === part
}

/** What is wrong with one import, or null. */
function fault(file: string, { from, types }: Import, packages: ReadonlySet<string>): string | null {
  if (file === LOADER && from === COMPUTED) return null
  const named = BY_NAME[from]
  if (named === undefined && !from.startsWith('.')) {
    const name = from.split('/', from.startsWith('@') ? 2 : 1).join('/')
    return types || packages.has(name)
      ? null
      : `${file} imports ${from}: neither a dependency nor a "#…" of package.json`
  }
  if (WHOLE.has(file)) return null
  const target = named ?? path.posix.join(path.posix.dirname(file), from)
  const layer = layerOf(file)
  if (layer === null) return `${file} has no row in the table of layers`
  const may = within(target, layer.part) || layer.allowed.some((part) => within(target, part))
  return may ? null : `${file} may not import ${target}`
}

function faults(file: string, source: string, packages: ReadonlySet<string>): string[] {
  return importsOf(source).flatMap((entry) => fault(file, entry, packages) ?? [])
}

/** What may be imported by name: our dependencies and the runtime's modules, which differ and go through "#…". */
function packageNames(): ReadonlySet<string> {
  const { dependencies, imports } = JSON.parse(fs.readFileSync(path.join(PROJECT, 'package.json'), 'utf-8'))
  // The compatible names of our own classes are for apps.
  const others = new Set(['bare', 'trac-peer'])
  const names = Object.keys(dependencies).filter((name) => !others.has(name) && !name.startsWith('bare-'))
  return new Set([...names, ...Object.keys(imports)])
}

function sourceFiles(folder: string): string[] {
  if (!fs.existsSync(path.join(PROJECT, folder))) return []
  return fs.readdirSync(path.join(PROJECT, folder), { withFileTypes: true }).flatMap((entry) => {
    const file = `${folder}/${entry.name}`
    if (entry.isDirectory()) return sourceFiles(file)
    return file.endsWith('.ts') && !file.endsWith('.d.ts') ? [file] : []
  })
}

test('imports point one way', (t) => {
  const packages = packageNames()
  const files = ['src', 'contract', 'features'].flatMap(sourceFiles)
  t.ok(files.includes(MAIN) && files.length > 30, `${files.length} files`)
  for (const file of files) {
    const source = fs.readFileSync(path.join(PROJECT, file), 'utf-8')
    t.alike(faults(file, source, packages), [], file)
  }
})

test('every file of ours has its place in the table', (t) => {
  for (const file of ['src', 'contract', 'features'].flatMap(sourceFiles)) {
    t.ok(WHOLE.has(file) || layerOf(file) !== null, file)
  }
})

test('at run time the client needs nothing but itself', (t) => {
  for (const file of sourceFiles('src/client')) {
    const source = fs.readFileSync(path.join(PROJECT, file), 'utf-8')
    const others = importsOf(source).filter(({ from, types }) => !types && !from.startsWith('./'))
    // Bare has no WebSocket of its own.
    const allowed = file === 'src/client/bare-socket.ts' ? ['#websocket', 'b4a'] : []
    t.alike(
      others.map(({ from }) => from).filter((from) => !allowed.includes(from)),
      [],
      file
    )
  }
})

test('an import in the wrong direction is found', (t) => {
  const packages = new Set(['b4a', '@scope/name', '#fs'])
  const rows: [file: string, source: string, faults: number][] = [
    ['src/base/a.ts', "import { b } from './b.ts'\nimport c from 'b4a'\nimport fs from '#fs'", 0],
    ['src/base/a.ts', "import { b } from '../config/types.ts'", 1],
    ['src/base/a.ts', "import type { b } from '../config/types.ts'", 1],
    ['src/config/a.ts', "import {\n  b,\n  type C\n} from '../commands/table.ts'", 1],
    ['src/commands/a.ts', "import { b } from '../config/types.ts'", 0],
    ['src/store/a.ts', "import { b } from '../config/types.ts'", 0],
    ['src/store/a.ts', "import { b } from '../config/flags.ts'", 1],
    ['src/store/a.ts', "import { b } from '../network/network.ts'", 1],
    ['src/network/a.ts', "import { b } from '../store/peer-store.ts'", 0],
    ['src/node.ts', "import { b } from './terminal/terminal.ts'", 1],
    ['src/terminal/a.ts', "export { b } from '../node.ts'", 1],
    ['src/terminal/a.ts', "export * from '../network/network.ts'", 1],
    ['src/terminal/a.ts', "const b = await import('../node.ts')", 1],
    ['src/terminal/a.ts', 'const b = await import(name)', 1],
    ['src/node.ts', "import './main.ts'", 1],
    ['features/a/index.ts', "import { b } from '../../src/main.ts'", 1],
    ['features/a/index.ts', "import { b } from '../../src/terminal/line.ts'", 1],
    ['features/a/index.ts', "import { b } from '../b/index.ts'", 1],
    ['features/a/x/y.ts', "import { b } from '../index.ts'\nimport { c } from '../../../src/node.ts'", 0],
    ['contract/contract.ts', "import { b } from '../features/a/index.ts'", 1],
    ['contract/contract.ts', "import { b } from 'intercom/app'", 0],
    ['src/base/a.ts', "import { b } from 'intercom/app'", 1],
    [LOADER, 'const b = await import(name)', 0],
    ['src/new.ts', "import { b } from './base/text.ts'", 1],
    [
      'src/main.ts',
      "import { b } from './terminal/terminal.ts'\nimport { c } from '../features/a/index.ts'",
      0
    ],
    ['src/base/a.ts', "import fs from 'node:fs'", 1],
    ['src/base/a.ts', "import path from 'path'\nimport process from 'process'\nimport 'fs'", 3],
    ['src/base/a.ts', "import fs from 'bare-fs'", 1],
    ['src/main.ts', "import fs from 'fs'\nimport os from '#os'", 2],
    ['src/base/a.ts', "import type { Readable } from 'node:stream'", 0],
    ['src/base/a.ts', "import { type Readable } from 'node:stream'", 1],
    ['src/base/a.ts', "import a from '@scope/name/deep.js'\nimport b from 'b4a/lib'", 0],
    ['src/base/a.ts', "// taken from 'fs'\nexport const a = 'from'\nconst b = \"x from 'fs'\"", 0]
  ]
  for (const [file, source, count] of rows) {
    const found = faults(file, source, packages)
    t.is(found.length, count, `${file}: ${JSON.stringify(source)} ${found.join('; ')}`)
  }
})
