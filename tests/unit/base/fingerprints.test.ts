import test from 'brittle'
import fc from 'fast-check'
import { Fingerprinter, FingerprintTable } from '../../../src/base/fingerprints.ts'

test('a fingerprint stands for author and id, under a key of its own', (t) => {
  const one = new Fingerprinter()
  t.alike(one.of('a', 'b'), one.of('a', 'b'))
  t.alike(new Set([one.of('ab'), one.of('ab', ''), one.of('a', 'b'), one.of('', 'ab')].map(text)).size, 4)
  t.unlike(one.of('a', 'b'), new Fingerprinter().of('a', 'b'))
  const long = 'é'.repeat(5000)
  t.unlike(one.of(long, '1'), one.of(long, '2'))
  t.alike(one.of(long), one.of(long))
  t.execution(() => one.of('\ud800', '\udfff'))
})

test('no two texts of a hundred thousand share one', (t) => {
  const fingerprinter = new Fingerprinter()
  const all = new Set<string>()
  for (let n = 0; n < 100_000; n++) all.add(text(fingerprinter.of('author', String(n))))
  t.is(all.size, 100_000)
})

test('a table counts as a map does, in as many bytes as it says beforehand', (t) => {
  // Small words, so that places are shared.
  const word = fc.nat(40)
  fc.assert(
    fc.property(fc.array(fc.record({ low: word, high: word }), { maxLength: 400 }), (steps) => {
      const table = new FingerprintTable()
      const model = new Map<string, number>()
      for (const step of steps) {
        const count = (model.get(text(step)) ?? 0) + 1
        const bytes = table.bytesWith(1)
        if (table.count(step) !== count - 1 || table.add(step) !== count) return false
        if (!model.has(text(step)) && table.bytes !== bytes) return false
        model.set(text(step), count)
      }
      const all = [...model].every(([key, count]) => table.count(of(key)) === count)
      return all && table.size === model.size && table.bytes <= Math.max(192, table.size * 32)
    })
  )
  t.pass()
})

test('the highest words are as good as others', (t) => {
  const table = new FingerprintTable()
  for (let n = 0; n < 100; n++) table.add({ low: 0xffffffff - n, high: 0xffffffff })
  t.is(table.size, 100)
  t.is(table.count({ low: 0xffffffff, high: 0xffffffff }), 1)
  t.is(table.count({ low: 0, high: 0xffffffff }), 0)
})

function text({ low, high }: { low: number; high: number }): string {
  return `${low} ${high}`
}

function of(key: string) {
  const [low = 0, high = 0] = key.split(' ').map(Number)
  return { low, high }
}
