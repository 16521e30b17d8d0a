import test from 'brittle'
import { Overlay } from '../../../features/subnet/engine/overlay.ts'
import type { Store } from '../../../features/subnet/engine/state.ts'
import { RESERVED_1, RESERVED_2, type Reserved } from '../../../features/subnet/engine/state-keys.ts'

/** A store that remembers what was done to it, in order. */
function record(entries: Record<string, unknown> = {}): Store & { done: unknown[] } {
  const done: unknown[] = []
  return {
    done,
    get: async (key) => (Object.hasOwn(entries, key) ? { value: entries[key] } : null),
    put: async (key, value) => void done.push([key, value]),
    del: async (key) => void done.push([key])
  }
}

const bounds = (reserved: Reserved) => ({ reserved, maxEntryBytes: 100, maxDepth: 3 })

test('writes come on top, and are committed all and in order', async (t) => {
  const under = record({ a: 1, b: { n: 1 } })
  const overlay = new Overlay(under, bounds(RESERVED_1))
  await overlay.put('a', 2)
  await overlay.del('b')
  await overlay.put('c', null)
  await overlay.put('a', 3)
  t.alike(await overlay.get('a'), { value: 3 })
  t.is(await overlay.get('b'), null)
  t.alike(await overlay.get('c'), { value: null })
  t.is(await overlay.get('d'), null)
  t.alike(under.done, [])
  await overlay.commit(under)
  t.alike(under.done, [['a', 2], ['b'], ['c', null], ['a', 3]])
})

test('values are taken and given as copies', async (t) => {
  const stored = { n: 1 }
  const under = record({ b: stored })
  const overlay = new Overlay(under, bounds(RESERVED_1))
  const value = { list: [1] }
  await overlay.put('a', value)
  value.list.push(2)
  const read = (await overlay.get('a'))?.value as { list: number[] }
  t.alike(read, { list: [1] })
  read.list.push(3)
  ;((await overlay.get('b'))?.value as { n: number }).n = 2
  t.alike(stored, { n: 1 })
  await overlay.commit(under)
  t.alike(under.done, [['a', { list: [1] }]])
})

test('what cannot be written', async (t) => {
  const under = record()
  const overlay = new Overlay(under, bounds(RESERVED_2))
  const cycle: Record<string, unknown> = {}
  cycle.self = cycle
  await t.exception(overlay.put('admin', 1), /^ContractError: put\(key,value\): adminis reserved$/)
  await t.exception(overlay.del('sh/x'), /^ContractError: del\(key\): sh\/xis reserved$/)
  await t.exception(overlay.put('x', undefined), /not JSON/)
  await t.exception(overlay.put('x', 'x'.repeat(98)), /too large/)
  await t.exception(overlay.put('x', '€'.repeat(34)), /too large/, 'bytes are counted, not characters')
  await t.exception(overlay.put('x'.repeat(98), 100), /too large/, 'those of the key too')
  await t.exception(
    overlay.put('x'.repeat(101), 1),
    /^ContractError: put\(key,value\): the key is too large$/
  )
  await t.exception(overlay.del('x'.repeat(101)), /the key is too large/)
  await t.exception(overlay.put('x', [[[[]]]]), /too large/)
  await t.exception(overlay.put(5 as unknown as string, 1), /not a string/)
  await t.exception(overlay.get(null as unknown as string), /not a string/)
  const others = await Promise.allSettled([overlay.put('x', cycle), overlay.put('x', 1n)])
  t.alike(
    others.map(({ status }) => status),
    ['rejected', 'rejected']
  )
  await overlay.commit(under)
  t.alike(under.done, [])
})
