import test from 'brittle'
import { sectionsOf } from '../helpers/skill/parse.ts'
import { Values } from '../helpers/skill/values.ts'

test('what is to be done is found, wherever it stands', (t) => {
  const text = [
    '## Start',
    '`init` takes `--role`, see `docs/x.md`; ask `npm start -s -- status a --json`.',
    '| look | `/sc_stats` |',
    '    npm start -- start a',
    '    a > {"type":"ping"}      until it answers',
    '    a < {"type":"pong",…}',
    '    /sc_join --channel c',
    '### More',
    'Say `{"id":1,"type":"stats"}`.'
  ].join('\n')
  const found = sectionsOf(text).map(({ title, steps }) => [
    title,
    ...steps.map((step) => `${step.kind} ${step.text}`)
  ])
  t.alike(found, [
    [
      'Start',
      'shell npm start -s -- status a --json',
      'terminal /sc_stats',
      'shell npm start -- start a',
      'say {"type":"ping"}',
      'hear {"type":"pong"}',
      'terminal /sc_join --channel c'
    ],
    ['Start / More', 'say {"id":1,"type":"stats"}']
  ])
  const [ping, pong] = sectionsOf(text)[0]?.steps.slice(3, 5) ?? []
  t.ok(ping?.kind === 'say' && ping.again && ping.peer === 'a')
  t.ok(pong?.kind === 'hear' && pong.open && !pong.again)
})

test('what would not be read is refused', (t) => {
  t.exception(() => sectionsOf('## A\n```sh\nnpm test\n```\n'), /fenced/)
  t.exception(() => sectionsOf('## A\nsay `npm start\n-- stats`\n'), /line 2/)
})

test('what is not as it is shown is found', (t) => {
  const values = new Values()
  const differs = (shown: unknown, real: unknown, open = false) => values.differs(shown, real, open)
  t.is(differs({ a: 'x', n: 1, ok: true }, { a: 'x', n: 7, ok: true }), null, 'numbers may be others')
  t.ok(differs({ a: 'x' }, { a: 'y' }))
  t.ok(differs({ ok: true }, { ok: false }))
  t.ok(differs({ n: 1 }, { n: '1' }))
  t.ok(differs({ a: 'x' }, {}))
  t.ok(differs({}, { a: 'x' }), 'a field that is not shown')
  t.is(differs({}, { a: 'x' }, true), null)
  t.is(differs({ neighbours: 1 }, { neighbours: 1 }), null)
  t.ok(differs({ neighbours: 1 }, { neighbours: 0 }))
  t.is(differs({ a: ['trac1…'] }, { a: ['trac1abc', 'more'] }), null)
  t.ok(differs({ a: ['trac1…'] }, { a: [] }))

  t.exception(() => values.fill('say <alice>'), /nothing is known for <alice>/)
  t.is(differs({ key: '<alice>' }, { key: 'abc' }), null, 'known from now on')
  t.is(values.fill('say <alice>'), 'say abc')
  t.ok(differs({ key: '<alice>' }, { key: 'other' }))
})
