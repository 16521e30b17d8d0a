import test from 'brittle'
import fs from '#fs'
import path from '#path'
import { findOutside } from '../../../features/subnet/engine/source-check.ts'
import { PROJECT } from '../../helpers/peer.ts'

/** What is found in a source without its lines. */
const namesIn = (source: string) => findOutside(source).map(({ name }) => name)

// Written as those of an app are, not as those of this file.
const now = '$' + '{Date.now()}'

test('names what a contract may not use, by line', (t) => {
  const source = [
    "import { Contract } from 'trac-peer'",
    '// Date.now() in a comment',
    'const text = \'Date.now()\' + "process"',
    'const at = Date.now()',
    'const r = Math.random() + Math.floor(1)',
    'await fetch(url); this.fetch(url); entry.Date',
    'const o = { process: 1, crypto: 2 }',
    "const x = await import('x'); require('fs')",
    'a.localeCompare(b); new Function("return 1")',
    `const t = \`now ${now}\`; const myDate = 1`
  ].join('\n')
  t.alike(findOutside(source), [
    { name: 'Date', line: 4 },
    { name: 'Math.random', line: 5 },
    { name: 'fetch', line: 6 },
    { name: 'import', line: 8 },
    { name: 'require', line: 8 },
    { name: 'localeCompare', line: 9 },
    { name: 'Function', line: 9 },
    { name: 'Date', line: 10 }
  ])
})

test('texts are no code, but what a template computes is', (t) => {
  for (const source of [
    `\`http://x/${now}\``,
    `\`it's ${now} isn't\``,
    `\`a ${'$'}{ \`b ${now}\` } /* c\``,
    `\`${'$'}{ { a: '}' } }\` + Date.now() + \`\``,
    "/'/; Date.now(); /'/",
    'a = b / c; Date.now(); d / e',
    'text.split(/[/`]/).map(Date.now)',
    'return /"/.test(text) ? Date.now() : 0 // "'
  ]) {
    t.alike(namesIn(source), ['Date'], source)
  }
  for (const source of [
    '`the process is over`',
    `\`it costs $5 and \\\` more, process ${'$'}{a} process\``,
    `\`${'$'}{ { a: \`}\` } } process\``,
    'a = /[/]process/g',
    "// it's\nf(1) // `\n'process' /* ` */",
    'const shown = `\nlet us see\nvar\n`',
    '`process'
  ]) {
    t.alike(namesIn(source), [], source)
  }
})

test('other ways to name them', (t) => {
  for (const [source, name] of [
    ['a ? Date : null', 'Date'],
    ['a ? new Date : null', 'Date'],
    ["Math['random']()", 'random'],
    ['Math [ `random` ]()', 'random'],
    ['Math?.random()', 'Math?.random'],
    ['const { floor, random } = Math', 'random'],
    ['const { random: chance, ...rest } = Math', 'random'],
    ["''['constructor']", 'constructor'],
    ["a['localeCompare'](b)", 'localeCompare']
  ] as const) {
    t.alike(namesIn(source), [name], source)
  }
  for (const source of [
    'interface A {\n  readonly process: string\n  crypto?: string\n  Date: number\n}',
    'const { floor } = Math; const random = 4; a[random]; `[constructor]`',
    "const words = ['random', 'constructor']; f(\"a['constructor']\")"
  ]) {
    t.alike(namesIn(source), [], source)
  }
})

test('what is kept from one run to the next', (t) => {
  for (const container of ['{}', '[]', '{ price: null }', 'Object.create(null)', 'new Float64Array(2)']) {
    t.alike(
      findOutside(
        `const memo = ${container}\nclass A {\n  async f() { memo.price ??= await this.get('p') }\n}`
      ),
      [{ name: 'a change of memo', line: 3 }],
      container
    )
  }
  for (const change of [
    ...[
      'memo.x = 1',
      'memo[key] = 1',
      'memo.x ||= 1',
      'memo.a.b[c(d)] += 1',
      'memo.x++',
      '--memo[0]',
      'memo.a <<= 2'
    ],
    ...['memo.push(1)', 'memo.list.push(1)', 'memo?.list.shift()', 'delete memo.x', 'delete memo[a]'],
    ...[
      'Object.assign(memo, a)',
      'Object.defineProperty(memo, a, b)',
      'Reflect.set(memo, a, b)',
      '[memo.a] = b'
    ],
    ...[
      'memo!.x = 1',
      'memo\n    .get(key)\n    .push(1)',
      '(memo as A).x = 1',
      '({ a: memo.a } = b)',
      'memo.a!.b = 1'
    ]
  ]) {
    for (const declared of [
      'const memo: A = make()',
      'export class memo {}',
      "import { memo } from './memo.js'"
    ]) {
      t.alike(
        namesIn(`${declared}\nfunction f() {\n  ${change}\n}`),
        ['a change of memo'],
        `${declared} … ${change}`
      )
    }
  }
  for (const [source, name] of [
    ['let runs = 0', 'let'],
    ['const a = 1; var b = 2', 'var'],
    ['const a = new Map([[1, 2]])\nconst f = () => a.set(3, 4)', 'a change of a'],
    ['const a = { b: new Set() }\nclass A { f() { a.b.add(1) } }', 'a change of a'],
    ['const f = (key) =>\n  (memo[key] ??= 1)\nconst memo = {}', 'a change of memo'],
    ['const memo = []\nconst f = () => void memo.push(1)', 'a change of memo'],
    ['const memo = []\nconst f = () =>\n  void memo.push(1)', 'a change of memo'],
    ['const [memo] = [{}]\nif (a) { f = () => { memo.x = 1 } }', 'a change of memo'],
    [
      'const memo = {}\nfunction f(a) { a[(memo.b = 1)] = 2 }\nconst g = () => { const memo = {} }',
      'a change of memo'
    ],
    ['const answers: Map<string, A> = new Map<string, A>()', 'Map'],
    ['const a = new WeakMap()', 'WeakMap'],
    ['class A {\n  static runs = 0\n  f() { A.runs++ }\n}', 'a change of A'],
    [
      'export default class extends B {\n  static runs = 0\n  f() { this.constructor.runs++ }\n}',
      'constructor'
    ],
    [
      'export default class {\n  static #runs: number = 0\n  static f() { this.#runs += 1 }\n}',
      'a change of #runs'
    ],
    [
      'export default class {\n  static #memo = {}\n  static f() { this.#memo[a] = 1 }\n}',
      'a change of #memo'
    ],
    [
      'export default class {\n  static memo\n  static f() { return (this.memo ??= a()) }\n}',
      'a change of memo'
    ]
  ] as const) {
    t.alike(namesIn(source), [name], source)
  }
})

test('what is only read, or belongs to a run, is not kept', (t) => {
  for (const source of [
    'const TABLE = { a: 1 }\nfunction f(key) {\n  return TABLE[key] === 1 ? TABLE.a == 2 : TABLE.b => 1\n}',
    'const LIST = [1, 2]\nconst f = () => { LIST.map((n) => n + 1); [...LIST].sort(); LIST.slice().push(1) }',
    'const TABLE = {}\nconst f = () => 1\nTABLE.a = 1\nfor (const b of c) TABLE[b] = 1\nObject.freeze(TABLE)',
    'const TABLE = {}\nfor (const b of c.d()) {\n  if (b) { TABLE[b] = 1 } else { TABLE.x = 1 }\n}',
    'const memo = {}\nfunction f(a) {\n  a.memo.b = 1; this.memo[c] = 2; a.memo.push(1)\n}',
    'const memo = {}\nfunction f() {\n  const a = memo.b; const g = (memo) => 1; return { memo: 1, a: memo.b }\n}',
    'const value = (a) => a\nclass A { f() { const value = {}; value.x = 1 } }',
    'class A {\n  static LIMIT = 5\n  static make() { return new A() }\n  f() { this.count = A.LIMIT }\n}',
    'function f() {\n  let a = 1\n  const m = new Map()\n}',
    'const a = {}\nconst f = ({ a }) => { a.b = 1 }\nclass A { f(c, a: B): void { a.b = 1; const g = (d) => a.push(d) } }',
    'const a = {}\nclass A { async f() { for (const a of b) a.c = 1; const { d, a } = this; if (d) { a.c = 1 } } }',
    "import { sum } from './sum.js'\nclass Money { f() { return Money.add(sum.add(1), 2) } }",
    'class A { f() { if (a) /[{]/.test(b); let c = 1 } }\nfunction f() {\n  const a = {}; a.b = 1\n}',
    'function check() {}\nexport const assert = Object.assign(check, { a })\nexport default assert',
    "import { type Place, type A } from './a.ts'\nclass B { f() { const c: Place[] = []; let d: A['b'] = 1 } }",
    'const c = {}\nfunction f() {\n  state.end++\n  c.uint(1)\n  n-- // it\n  c.uint(2)\n}',
    'for (let i = 0; i < 3; i++) f(i)',
    "import { KEYS } from './keys.js'\nclass A { f() { return this.put(KEYS.a, KEYS.b(1)) } }"
  ]) {
    t.alike(namesIn(source), [], source)
  }
})

test('a long text or comment takes no longer than as much code', (t) => {
  const long = 'a'.repeat(30_000)
  const lines = `${'a'.repeat(80)}\n`.repeat(400)
  const startedAt = Date.now()
  for (const constant of [
    `'${long}'`,
    `1 /* ${long} */`,
    `1 /* ${lines} */`,
    `() => /* ${long} */ 1`,
    `\`${lines}\``
  ]) {
    const source = `const memo = {}\nconst x = ${constant}\nfunction f() { memo.x = 1 }`
    t.alike(namesIn(source), ['a change of memo'], constant.slice(0, 20))
  }
  // Searched with patterns that look back as far as they like, it is half a minute.
  t.ok(Date.now() - startedAt < 3000)
})

for (const app of ['contract', 'examples/task-board', 'tests/helpers/subnet/counter-app']) {
  test(`the contract of ${app} does none of it`, (t) => {
    for (const name of fs.readdirSync(path.join(PROJECT, app)).filter((name) => /^(?!README)/.test(name))) {
      t.alike(findOutside(fs.readFileSync(path.join(PROJECT, app, name), 'utf-8')), [], name)
    }
  })
}
