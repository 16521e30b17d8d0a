import test from 'brittle'
import { BRIDGE_CODES } from '../../src/bridge/codes.ts'
import { EVENTS, REPLIES, REQUESTS } from '../../src/bridge/protocol.ts'
import { isPiece, pieceFault } from '../helpers/skill/flags.ts'
import { spansOf, tableRows } from '../helpers/skill/parse.ts'
import { SKILL } from '../helpers/skill/recipes.ts'

/** `send { channel, message, invite? }` */
function signature(name: string, fields: Iterable<readonly [string, { readonly type: string }]>): string {
  const names = [...fields].map(([field, { type }]) => (type === 'optional' ? `${field}?` : field))
  return names.length === 0 ? `${name} {}` : `${name} { ${names.join(', ')} }`
}

/** What stands in the first code of a cell, its fields in order of the alphabet, as their order means nothing. */
function sorted(text: string): string {
  return text.replace(/\{ (.*) \}/, (_, fields: string) => `{ ${fields.split(', ').sort().join(', ')} }`)
}

function codeOf(cell = ''): string {
  return sorted(/^`([^`]+)`/.exec(cell)?.[1] ?? '')
}

test('every request stands in SKILL.md with its fields, its reply and its capability', (t) => {
  const rows = tableRows(SKILL, 'request')
  const expected = Object.entries(REQUESTS).map(([name, row]) => {
    return sorted(signature(name, Object.entries(row.fields)))
  })
  t.alike(rows.map(([request]) => codeOf(request)).sort(), expected.sort())
  for (const [request, reply = '', needs = ''] of rows) {
    const name = codeOf(request).split(' ')[0] as keyof typeof REQUESTS
    const row = REQUESTS[name]
    const [replyName] = codeOf(reply).split(' ')
    t.is(replyName, row.reply, `${name} is answered by ${row.reply}`)
    t.ok(needs.startsWith(row.needs === null ? 'nothing' : `\`${row.needs}\``), `${name}: ${needs}`)
  }
})

test('every reply stands there with its fields', (t) => {
  const shown = new Set(tableRows(SKILL, 'request').map(([, reply]) => codeOf(reply)))
  for (const [name, fields] of Object.entries(REPLIES)) {
    const full = sorted(signature(name, Object.entries(fields)))
    t.ok(shown.has(full), full)
  }
})

test('every event stands there with its fields', (t) => {
  const shown = tableRows(SKILL, 'event').map(([event]) => codeOf(event))
  const expected = Object.entries(EVENTS).map(([name, { fields }]) =>
    sorted(signature(name, Object.entries(fields)))
  )
  t.alike(shown.sort(), expected.sort())
})

test('every code of an error stands there with what to do', (t) => {
  const shown = tableRows(SKILL, 'code').flatMap(([codes = '']) =>
    [...codes.matchAll(/`(\w+)`/g)].map(([, code]) => code)
  )
  t.alike(shown.sort(), Object.keys(BRIDGE_CODES).sort())
})

test('flags and pieces of commands in its sentences can be typed like that', (t) => {
  const pieces = spansOf(SKILL).filter(({ span }) => isPiece(span))
  for (const { line, span } of pieces) t.is(pieceFault(span), null, `SKILL.md:${line} ${span}`)
  const spans = pieces.map(({ span }) => span)
  for (const span of ['--service systemd', 'init --invite', 'listen lobby --count 1 --timeout 60'])
    t.ok(spans.includes(span), `${span} is looked at`)
  for (const wrong of [
    ...[
      '--no-such-flag',
      '--service sysvinit',
      '--sc-bridge-port 70000',
      'init --count 1',
      'listen --role agent'
    ],
    ...['listen lobby --count some', 'stats lobby --json']
  ])
    t.ok(isPiece(wrong) && pieceFault(wrong) !== null, wrong)
})

test('it has what a skill begins with', (t) => {
  const [, name, description = ''] = /^---\nname: ([a-z-]+)\ndescription: (.+)\n---\n/.exec(SKILL) ?? []
  t.is(name, 'intercom')
  t.ok(description.length > 100 && description.length <= 1024, `${description.length} characters`)
})
