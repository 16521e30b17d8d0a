import test from 'brittle'
import fc from 'fast-check'
import { nearest, printable, quoted } from '../../../src/base/text.ts'

test('printable leaves ordinary text alone', (t) => {
  for (const text of ['hello', 'naïve ☃ 😀', 'a b  c', '{"x":[1,2]}']) t.is(printable(text), text)
})

test('printable disarms what could act on a terminal', (t) => {
  t.is(printable('\u001b[2Jgone'), '\\e[2Jgone')
  t.is(printable('one\ntwo\r\tthree'), 'one\\ntwo\\r\\tthree')
  t.is(printable('\u202eevil\u0007\u009b'), '\\u202eevil\\u0007\\u009b')
  t.is(printable('\ud800 alone'), '\\ud800 alone')
})

test('whatever comes in, one visible line comes out', (t) => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const out = printable(text)
      // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
      return !/[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/.test(out) && printable(out) === out
    })
  )
  t.pass()
})

test('quoted bounds what it shows', (t) => {
  t.is(quoted('abc'), '"abc"')
  t.is(quoted('x'.repeat(200)).length, 83)
})

test('nearest finds what was meant', (t) => {
  const names = ['sidechannel-ttl', 'sidechannel-relay', 'peer-store-name', 'help', 'stats']
  t.alike(nearest('sidechanel-ttl', names), ['sidechannel-ttl'])
  t.alike(nearest('hlep', names), ['help'])
  t.alike(nearest('stat', names), ['stats'])
  t.alike(nearest('zzzzzz', names), [])
  t.alike(nearest('statsfoo', names), ['stats'])
  t.alike(nearest('peer-store-name-x', names), ['peer-store-name'])
})
