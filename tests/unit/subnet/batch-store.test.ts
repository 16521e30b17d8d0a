import test from 'brittle'
import Corestore from 'corestore'
import fc from 'fast-check'
import Hyperbee from 'hyperbee'
import { BatchStore } from '../../../features/subnet/engine/batch-store.ts'
import { temporaryFolder } from '../../helpers/tmp.ts'

// Some of them are one key in the view.
const key = fc.constantFrom('a', 'b', 'txl', '\ud800', '\ud801', '\ufffd', 'é', 'sh/x')
const value = fc.oneof(
  fc.constantFrom(0, -0, 1.5, Number.NaN, Number.POSITIVE_INFINITY, null, true, '', 'x'.repeat(65), '\ud800'),
  fc.jsonValue({ maxDepth: 1 })
)
const step = fc.oneof(
  fc.record({ kind: fc.constant('put' as const), key, value }),
  fc.record({ kind: fc.constantFrom('del' as const, 'get' as const, 'get' as const), key })
)

test('it reads what the batch itself would read, whatever was written before', async (t) => {
  const store = new Corestore(temporaryFolder(t))
  t.teardown(() => store.close())
  const view = new Hyperbee(store.get({ name: 'view' }), {
    ...{ extension: false, keyEncoding: 'utf-8', valueEncoding: 'json' }
  })
  await view.ready()
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
      const batch = view.batch()
      const changed = new Set<string>()
      const kept = new BatchStore(batch, changed)
      for (const { kind, key, ...rest } of steps) {
        if (kind === 'put') await kept.put(key, (rest as { value: unknown }).value)
        if (kind === 'del') await kept.del(key)
        const [read, real] = [await kept.get(key), await batch.get(key)]
        if (!same(read?.value, real?.value) || (read === null) !== (real === null)) return false
      }
      const written = steps.filter(({ kind }) => kind !== 'get').map(({ key }) => key)
      await batch.flush()
      await batch.close()
      return written.every((key) => changed.has(key)) && changed.size === new Set(written).size
    }),
    { numRuns: 150 }
  )
})

/** To the sign of zero. */
function same(a: unknown, b: unknown): boolean {
  return Object.is(a, b) || (typeof a === 'object' && JSON.stringify(a) === JSON.stringify(b))
}
