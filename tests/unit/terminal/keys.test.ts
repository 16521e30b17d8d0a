import b4a from 'b4a'
import test from 'brittle'
import fc from 'fast-check'
import { createKeyDecoder, type Key, MAX_PASTE } from '../../../src/terminal/keys.ts'

function keysOf(...chunks: (string | number[])[]): Key[] {
  const decoder = createKeyDecoder()
  const keys = chunks.flatMap((chunk) =>
    decoder.push(typeof chunk === 'string' ? b4a.from(chunk) : Uint8Array.from(chunk))
  )
  return joined([...keys, ...decoder.flush()])
}

/** Text comes in pieces when its bytes do. */
function joined(keys: readonly Key[]): Key[] {
  const out: Key[] = []
  for (const key of keys) {
    const last = out.at(-1)
    if (key.name === 'text' && last?.name === 'text')
      out[out.length - 1] = { name: 'text', text: last.text + key.text }
    else out.push(key)
  }
  return out
}

/** Keys as short words. */
function namesOf(...chunks: (string | number[])[]): string {
  return keysOf(...chunks)
    .map((key) => ('text' in key ? `${key.name}:${key.text}` : key.name))
    .join(' ')
}

test('text arrives whole however its bytes are cut', (t) => {
  const text = 'aé漢😀👨‍👩‍👧z'
  t.alike(keysOf(text), [{ name: 'text', text }])
  t.alike(keysOf(...[...b4a.from(text)].map((byte) => [byte])), [{ name: 'text', text }])
})

test('bytes that are no UTF-8 are replaced, and cost only themselves', (t) => {
  t.is(namesOf([0xff, 0x61]), 'text:\ufffda')
  t.is(namesOf([0xe6, 0xbc], [0x61]), 'text:\ufffda')
  t.is(namesOf([0xc0, 0xaf]), 'text:\ufffd\ufffd', 'an overlong form')
  t.is(namesOf([0xe0, 0x80, 0x80]), 'text:\ufffd\ufffd\ufffd', 'another')
  t.is(namesOf([0xf0, 0x80, 0x80, 0x80]), 'text:\ufffd\ufffd\ufffd\ufffd', 'and one more')
  t.is(namesOf([0xed, 0xa0, 0x80]), 'text:\ufffd\ufffd\ufffd', 'a surrogate')
  t.is(namesOf([0xf4, 0x90, 0x80, 0x80]), 'text:\ufffd\ufffd\ufffd\ufffd', 'past the last code point')
  t.is(namesOf([0xf0, 0x9f, 0x98], '\r'), 'text:\ufffd enter')
  t.is(namesOf([0xe6, 0xe6, 0xbc, 0xa2]), 'text:\ufffd漢')
})

test('control keys', (t) => {
  for (const letter of 'abcdefgklnprtuwyz') t.is(namesOf([letter.charCodeAt(0) - 96]), `ctrl-${letter}`)
  t.is(namesOf([0x7f, 0x08]), 'backspace backspace')
  t.is(namesOf('\t\u001b[Z'), 'tab shift-tab')
  t.is(namesOf([0x00, 0x0f, 0x11, 0x13, 0x16, 0x18, 0x1c, 0x1f]), '', 'the others mean nothing')
  t.is(namesOf('a\u0001b'), 'text:a ctrl-a text:b')
})

test('a line ends once, by any of its endings', (t) => {
  t.is(namesOf('a\rb\nc\r\nd'), 'text:a enter text:b enter text:c enter text:d')
  t.is(namesOf('a\r', '\nb'), 'text:a enter text:b')
  t.is(namesOf('\r\r\n\n'), 'enter enter enter')
})

test('arrows and their neighbours in every form', (t) => {
  t.is(namesOf('\u001b[A\u001b[B\u001b[C\u001b[D\u001b[H\u001b[F'), 'up down right left home end')
  t.is(
    namesOf('\u001bOA\u001bOB\u001bOC\u001bOD\u001bOH\u001bOF\u001bOM'),
    'up down right left home end enter'
  )
  t.is(namesOf('\u001b[1~\u001b[7~\u001b[4~\u001b[8~\u001b[3~'), 'home home end end delete')
  t.is(namesOf('\u001b[1;5C\u001b[1;5D\u001b[1;3C\u001b[1;7D'), 'ctrl-right ctrl-left alt-right ctrl-left')
  t.is(namesOf('\u001b[1;2C\u001b[5D\u001bO5C\u001bOc\u001b[d'), 'right ctrl-left ctrl-right ctrl-right left')
  t.is(namesOf('\u001b[3;5~\u001b[3;3~\u001b[3^\u001b[1;5H'), 'ctrl-delete alt-delete ctrl-delete ctrl-home')
})

test('alt keys', (t) => {
  t.is(namesOf('\u001bb\u001bf\u001bd\u001b\u007f\u001b\b'), 'alt-b alt-f alt-d alt-backspace alt-backspace')
  t.is(namesOf('\u001bq\u001b.x'), 'text:x', 'unknown ones are nothing, not their letter')
})

test('a lone escape is a key once nothing follows it', (t) => {
  const decoder = createKeyDecoder()
  t.alike(decoder.push(b4a.from('\u001b')), [])
  t.alike(decoder.flush(), [{ name: 'escape' }])
  t.alike(decoder.flush(), [])
  t.alike(decoder.push(b4a.from('[A')), [{ name: 'text', text: '[A' }])
  t.is(namesOf('\u001b\u001b[A'), 'escape up')
  t.is(namesOf('\u001b\r'), 'escape enter')
  t.is(namesOf('\u001bé'), 'escape text:é')
})

test('flushing leaves a sequence alone that came in parts', (t) => {
  const decoder = createKeyDecoder()
  t.alike(decoder.push(b4a.from('\u001b[1')), [])
  t.alike(decoder.flush(), [])
  t.alike(decoder.push(b4a.from(';5C')), [{ name: 'ctrl-right' }])
})

test('unknown sequences are dropped whole', (t) => {
  for (const sequence of [
    '\u001b[15~',
    '\u001b[?1;2c',
    '\u001b[<0;10;20M',
    '\u001b[12;40R',
    '\u001b[[A',
    '\u001b[1$w',
    '\u001b[I',
    '\u001bOP',
    '\u001b]11;rgb:0000/0000/0000\u0007',
    '\u001b]11;rgb:0000/0000/0000\u001b\\',
    '\u001bP1$r0m\u001b\\',
    '\u001b[201~'
  ])
    t.is(namesOf(`a${sequence}b`), 'text:ab', JSON.stringify(sequence))
})

test('a sequence that breaks off does not swallow the key after it', (t) => {
  t.is(namesOf('\u001b[12\u0003x'), 'ctrl-c text:x')
  t.is(namesOf('\u001b[1\u001b[A'), 'up')
  t.is(namesOf('\u001b]52;never ends\rls'), 'enter text:ls')
  t.is(namesOf('\u001bPabc\u001b[A'), 'up')
  const decoder = createKeyDecoder()
  t.alike([...decoder.push(b4a.from('\u001b]')), ...decoder.flush()], [], 'alt-] alone')
  t.alike(decoder.push(b4a.from('x')), [{ name: 'text', text: 'x' }])
})

test('a paste is one key, whatever is in it', (t) => {
  t.is(namesOf('a\u001b[200~b\r\nc\u0003\td\u001b[201~e'), 'text:a paste:b\r\nc\u0003\td text:e')
  t.is(namesOf('\u001b[200~\u001b[201~\u001b[200~x\u001b[201~'), 'paste: paste:x')
  t.is(namesOf('\u001b[200~x\u001b[20\u001b\u001b[Ay\u001b[201~'), 'paste:x\u001b[20\u001b\u001b[Ay')
  t.is(namesOf('\u001b[200~é', [0xe6], '\u001b[201~z'), 'paste:é\ufffd text:z')
  const decoder = createKeyDecoder()
  decoder.push(b4a.from('\u001b[200~one'))
  t.alike(decoder.flush(), [], 'a pause does not end it')
  t.alike(decoder.push(b4a.from('\u001b[201~')), [{ name: 'paste', text: 'one' }])
})

test('what never ends is not kept', (t) => {
  const decoder = createKeyDecoder()
  const chunk = b4a.from('1'.repeat(64 * 1024))
  const keys: Key[] = []
  decoder.push(b4a.from('\u001b['))
  for (let i = 0; i < 8; i++) keys.push(...decoder.push(chunk))
  t.alike(keys, [])
  t.is(JSON.stringify(decoder.push(b4a.from('Ax'))), '[{"name":"text","text":"x"}]')

  decoder.push(b4a.from('\u001b[200~'))
  for (let i = 0; i < 8; i++) decoder.push(chunk)
  const [paste] = decoder.push(b4a.from('\u001b[201~'))
  t.alike(paste, { name: 'paste', text: '1'.repeat(MAX_PASTE) })
})

const PIECES = [
  'a',
  'é',
  '漢',
  '😀',
  '\r',
  '\n',
  '\t',
  '\u007f',
  '\u0003',
  '\u001b',
  '\u001b[A',
  '\u001b[1;5C',
  '\u001bOD',
  '\u001b[200~',
  '\u001b[201~',
  '\u001b]0;t\u0007',
  '\u001b[[B',
  '[',
  '~'
]
const stream = fc
  .array(
    fc.oneof(
      fc.constantFrom(...PIECES).map((piece) => [...b4a.from(piece)]),
      fc.array(fc.nat(255), { maxLength: 4 })
    )
  )
  .map((parts) => Uint8Array.from(parts.flat()))

test('any cutting of the same bytes gives the same keys', (t) => {
  fc.assert(
    fc.property(stream, fc.array(fc.nat(20), { maxLength: 30 }), (bytes, sizes) => {
      const whole = createKeyDecoder()
      const cut = createKeyDecoder()
      const expected = [...whole.push(bytes), ...whole.flush()]
      const keys: Key[] = []
      let at = 0
      for (const size of sizes) {
        keys.push(...cut.push(bytes.subarray(at, at + size)))
        at += size
      }
      keys.push(...cut.push(bytes.subarray(at)), ...cut.flush())
      return JSON.stringify(joined(keys)) === JSON.stringify(joined(expected))
    }),
    { numRuns: 2000 }
  )
  t.pass()
})

test('any bytes give keys, and enough closings make the decoder listen again', (t) => {
  fc.assert(
    fc.property(stream, (bytes) => {
      const decoder = createKeyDecoder()
      decoder.push(bytes)
      decoder.flush()
      const keys = decoder.push(b4a.from('\u001b[201~\rok'))
      return JSON.stringify(keys.slice(-2)) === '[{"name":"enter"},{"name":"text","text":"ok"}]'
    }),
    { numRuns: 2000 }
  )
  t.pass()
})
