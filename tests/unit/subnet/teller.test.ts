import test from 'brittle'
import type { Applied, AppliedOperation } from '../../../features/subnet/engine/events.ts'
import { Teller, type Told } from '../../../features/subnet/reading/told.ts'
import { hex32 } from '../../../src/base/hex.ts'

const from = hex32(new Uint8Array(32))

function post(id: string, n: number): AppliedOperation {
  const message = { msg: `text of ${id}`, address: 'someone' }
  const details = { n, who: 'someone', message }
  const line = `#${n + 1} | someone: text of ${id}`
  return { from, id, type: 'msg', accepted: true, events: [{ op: 'msg', line, details }] }
}

const applied = (...operations: AppliedOperation[]): Applied => ({
  operations,
  changed: new Set<string>(),
  more: false
})

const idsOf = ({ messages }: Told) => messages.map(({ signature }) => signature)

test('each operation is told once, however often it is applied (D29)', (t) => {
  const teller = new Teller(0)
  const first = teller.tell(applied(post('a', 0), post('b', 1)))
  t.alike(idsOf(first), ['a', 'b'])
  t.alike(first.lines, ['#1 | someone: text of a', '#2 | someone: text of b'])
  const reordered = teller.tell(applied(post('c', 0), post('a', 1), post('b', 2)))
  t.alike(idsOf(reordered), ['c'], 'only what was not there before')
  t.alike(reordered.lines, ['#1 | someone: text of c'])
  t.alike(teller.tell(applied(post('a', 1), post('b', 2))), { lines: [], messages: [] })
  t.is(teller.messages, 2)
  t.alike(idsOf(teller.tell(applied(post('d', 3)))), ['d'])
  t.is(teller.messages, 4)
})

test('what was refused is not told, and is told once it is accepted', (t) => {
  const teller = new Teller(0)
  t.alike(idsOf(teller.tell(applied({ ...post('a', 0), accepted: false }))), [])
  t.alike(idsOf(teller.tell(applied(post('a', 0)))), ['a'])
})

test('there is an end to what is remembered, and to what is shown at once', (t) => {
  const teller = new Teller(0)
  const many = Array.from({ length: 16_384 }, (_, n) => post(`${n}`, n))
  const { lines, messages } = teller.tell(applied(...many))
  t.is(messages.length, many.length)
  t.is(lines.length, 41)
  t.is(lines[0], '(16344 earlier lines of the subnet are not shown)')
  t.alike(idsOf(teller.tell(applied(post('0', 0), post('16383', 16383)))), [], 'all of them')
  t.alike(idsOf(teller.tell(applied(post('another', 16_384)))), ['another'])
  t.alike(idsOf(teller.tell(applied(post('0', 0), post('2', 2)))), ['0'], 'the oldest is forgotten')
})

test('words of others are cleaned', (t) => {
  const { lines } = new Teller(0).tell(
    applied({ ...post('a', 0), events: [{ op: 'setNick', line: 'a\u001b[2Jb', details: {} }] })
  )
  t.absent(lines.join('').includes('\u001b'))
})
