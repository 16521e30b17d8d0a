import test from 'brittle'
import fs from '#fs'
import os from '#os'
import path from '#path'
import { Peer, PROJECT } from './helpers/peer.ts'

const PICTURE = fs.readFileSync(path.join(PROJECT, 'docs', 'tour.svg'), 'utf-8')

/** What the two terminals showed when it was recorded, without their names. */
function recordedLines(): Set<string> {
  const [, text = ''] = /<desc>([\s\S]*?)<\/desc>/.exec(PICTURE) ?? []
  const plain = text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&')
  return new Set(plain.split('\n').map((line) => line.replace(/^\w+\| /, '')))
}

test('docs/tour.svg shows what happens now', { timeout: 120_000 }, async (t) => {
  const script = path.join(PROJECT, 'scripts', 'record.mjs')
  const record = new Peer(t, { command: ['node'], args: [script, '--check'], cwd: os.tmpdir(), input: false })
  const { code } = await record.exited
  t.is(code, 0, record.errors)
})

test('the tour of the README shows nothing else', (t) => {
  const readme = fs.readFileSync(path.join(PROJECT, 'README.md'), 'utf-8')
  const [, tour = ''] = /^## Five minutes.*\n([\s\S]*?)^## /m.exec(readme) ?? []
  const shown = [...tour.matchAll(/^ {4}(\S.*)$/gm)].map(([, line = '']) => line)
  const recorded = recordedLines()
  t.ok(shown.length > 20, `${shown.length} lines`)
  t.alike(
    shown.filter((line) => !recorded.has(line)),
    []
  )
  const typed = [...recorded].filter((line) => /^[$>] /.test(line))
  t.alike(
    typed.filter((line) => !shown.includes(line)),
    [],
    'every command of the recording is explained'
  )
})
