import test from 'brittle'
import fc from 'fast-check'
import { Prefixes } from '../../../features/sc-bridge/prefixes.ts'

/** Few letters, so that keys and prefixes meet; some are more than one unit of UTF-16. */
const texts = fc.string({ unit: fc.constantFrom('a', 'b', '/', 'é', '\u{1f600}', '\uffff'), maxLength: 5 })

test('a key is found exactly when it begins with one of them', (t) => {
  const lists = fc.array(texts, { maxLength: 12 })
  fc.assert(
    fc.property(lists, lists, fc.array(texts, { minLength: 1, maxLength: 20 }), (added, removed, keys) => {
      const prefixes = new Prefixes()
      prefixes.add(added)
      prefixes.remove(removed)
      const left = [...new Set(added)].filter((prefix) => !removed.includes(prefix))
      return (
        prefixes.size === left.length &&
        keys.every((key) => prefixes.cover(key) === left.some((prefix) => key.startsWith(prefix)))
      )
    }),
    { numRuns: 2000 }
  )
  t.pass()
})

test('the empty one stands for every key, none for no key', (t) => {
  const prefixes = new Prefixes()
  t.absent(prefixes.cover('') || prefixes.cover('a'))
  prefixes.add(['app/', '', 'app/x'])
  t.ok(prefixes.cover('') && prefixes.cover('zz'))
  t.alike(prefixes.all, ['app/', '', 'app/x'], 'those that others cover are told as well')
  prefixes.remove([''])
  t.ok(prefixes.cover('app/y'))
  t.absent(prefixes.cover('ap'))
  prefixes.clear()
  t.absent(prefixes.cover('app/y'))
})
