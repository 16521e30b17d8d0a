import test from 'brittle'
import { LANGUAGE, Originals } from '../../../features/subnet/engine/originals.ts'

const before = { map: Array.prototype.map, from: Array.from, length: Symbol.length }
const originals = new Originals(LANGUAGE)
const others = new Originals([{ a: 1 }])

/** What a contract may do, and how to tell that it is there. */
const changes: readonly (readonly [string, () => unknown])[] = [
  ['another value', () => Object.assign(Array.prototype, { map: () => [] })],
  [
    'a getter that says what the value was',
    () => void Object.defineProperty(Array.prototype, 'map', { get: () => before.map, configurable: true })
  ],
  [
    'the same by way of Reflect',
    () => void Reflect.defineProperty(Array, 'from', { get: () => before.from, configurable: true })
  ],
  [
    'of several properties',
    () => Object.defineProperties(Array, { from: { get: () => before.from, configurable: true } })
  ],
  [
    'in the old way',
    () =>
      (
        Array.prototype as unknown as { __defineGetter__(name: string, get: () => unknown): void }
      ).__defineGetter__('map', () => before.map)
  ],
  ['a new property', () => Object.assign(Object.prototype, { left: 1 })],
  [
    'one more and one less, of which the value is inherited',
    () => {
      delete (Symbol as { length?: unknown }).length
      Object.assign(Symbol, { left: 1 })
    }
  ],
  ['nothing of a property', () => void delete (Math as { max?: unknown }).max]
]

test('what was changed in the language is found and taken back', (t) => {
  t.absent(originals.restore(), 'nothing was')
  for (const [name, change] of changes) {
    change()
    t.absent(others.restore())
    t.ok(originals.restore(), name)
    t.absent(originals.restore(), 'once')
  }
  t.is(Array.prototype.map, before.map)
  t.is(Object.getOwnPropertyDescriptor(Array, 'from')?.value, before.from)
  t.alike(Object.getOwnPropertyNames(Symbol).includes('left'), false)
  t.is(typeof Math.max, 'function')
})

test('those that define properties look as they did', (t) => {
  t.is(Object.defineProperty.length, 3)
  t.is(Object.defineProperty.name, 'defineProperty')
  t.absent('prototype' in Object.defineProperty)
  t.is(Object.defineProperty({ a: 1 }, 'a', { value: 2 }).a, 2)
  let thrown: unknown = null
  try {
    Object.defineProperty(1 as unknown as object, 'a', {})
  } catch (error) {
    thrown = error
  }
  t.ok(thrown instanceof TypeError)
})
