import test from 'brittle'
import fs from '#fs'
import path from '#path'
import { findOutside } from '../../../features/subnet/engine/source-check.ts'
import { PROJECT } from '../../helpers/peer.ts'

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
    ['const t = `now $', '{Date.now()}`; const myDate = 1'].join('')
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

test('the sample contract uses none of it', (t) => {
  const source = fs.readFileSync(path.join(PROJECT, 'contract/contract.ts'), 'utf-8')
  t.alike(findOutside(source), [])
})
