interface Original {
  readonly object: Readonly<Record<PropertyKey, unknown>>
  readonly keys: readonly PropertyKey[]
  readonly descriptors: readonly PropertyDescriptor[]
  /** Whether a property is read, and not asked for. */
  readonly isValue: readonly boolean[]
  readonly watch: Watch
}

interface Watch {
  /** Somebody has defined a property: it may be a getter that says what the value was. */
  defined: boolean
}

// Of numbers, one is not equal to itself.
const { is } = Object
const { apply, ownKeys, deleteProperty, defineProperty, getOwnPropertyDescriptor } = Reflect

/**
 * What objects had as their own at one moment, to be put back. Written without what lists and maps inherit:
 * that can be what was changed.
 */
export class Originals {
  readonly #originals: readonly Original[]

  constructor(objects: readonly object[]) {
    this.#originals = objects.map((object) => {
      const keys = ownKeys(object)
      const own = (key: PropertyKey) => getOwnPropertyDescriptor(object, key) as PropertyDescriptor
      const descriptors = keys.map(own)
      const isValue = descriptors.map(({ get, set }) => get === undefined && set === undefined)
      return { object: object as Original['object'], keys, descriptors, isValue, watch: watchOf(object) }
    })
  }

  /** Says whether there was something to take back. */
  restore(): boolean {
    let changed = false
    for (let i = 0; i < this.#originals.length; i++) {
      const original = this.#originals[i] as Original
      if (!original.watch.defined && looksAsBefore(original)) continue
      if (!isAsBefore(original)) {
        changed = true
        putBack(original)
      }
      original.watch.defined = false
    }
    return changed
  }
}

/** Enough where nobody has put a getter in the place of a value, and many times cheaper. */
function looksAsBefore({ object, keys, descriptors, isValue }: Original): boolean {
  const now = ownKeys(object)
  if (now.length !== keys.length) return false
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i] as PropertyKey
    if (now[i] !== key) return false
    if (isValue[i] && !is(object[key], (descriptors[i] as PropertyDescriptor).value)) return false
  }
  return true
}

function isAsBefore({ object, keys, descriptors }: Original): boolean {
  if (ownKeys(object).length !== keys.length) return false
  for (let i = 0; i < keys.length; i++) {
    const now = getOwnPropertyDescriptor(object, keys[i] as PropertyKey)
    const before = descriptors[i] as PropertyDescriptor
    if (now === undefined || !is(now.value, before.value)) return false
    if (now.get !== before.get || now.set !== before.set) return false
  }
  return true
}

function putBack({ object, keys, descriptors }: Original): void {
  const now = ownKeys(object)
  for (let i = 0; i < now.length; i++) {
    let known = false
    for (let k = 0; k < keys.length && !known; k++) known = keys[k] === now[i]
    if (!known) deleteProperty(object, now[i] as PropertyKey)
  }
  for (let i = 0; i < keys.length; i++)
    defineProperty(object, keys[i] as PropertyKey, descriptors[i] as PropertyDescriptor)
}

const watches = new WeakMap<object, Watch>()
const watchAt = Function.prototype.call.bind(WeakMap.prototype.get, watches) as (
  object: unknown
) => Watch | undefined

function watchOf(object: object): Watch {
  const watch = watchAt(object) ?? { defined: false }
  watches.set(object, watch)
  return watch
}

/** There are no other ways to make a getter of a property that is there. */
function noteCalls(holder: object, name: string, targetOf: (self: unknown, first: unknown) => unknown): void {
  const before = getOwnPropertyDescriptor(holder, name) as PropertyDescriptor
  const original = before.value as (...words: unknown[]) => unknown
  // A method, since the originals are no constructors either.
  const { [name]: noted } = {
    [name](this: unknown, ...words: unknown[]): unknown {
      const watch = watchAt(targetOf(this, words[0]))
      if (watch !== undefined) watch.defined = true
      return apply(original, this, words)
    }
  }
  defineProperty(noted as object, 'length', { value: original.length, configurable: true })
  defineProperty(holder, name, { ...before, value: noted })
}

const firstOf = (_: unknown, first: unknown) => first
for (const name of ['defineProperty', 'defineProperties']) noteCalls(Object, name, firstOf)
noteCalls(Reflect, 'defineProperty', firstOf)
for (const name of ['__defineGetter__', '__defineSetter__']) noteCalls(Object.prototype, name, (self) => self)

/** What all code of a process shares. */
export const LANGUAGE: readonly object[] = [
  ...[JSON, Math, Reflect],
  ...[Object, Function, Array, String, Number, Boolean, BigInt, Symbol, RegExp, Error, Promise],
  ...[Map, Set, WeakMap, WeakSet, ArrayBuffer, Uint8Array],
  ...[Object, Function, Array, String, Number, Boolean, BigInt, Symbol, RegExp, Error, Promise].map(
    prototypeOf
  ),
  ...[Map, Set, WeakMap, WeakSet, ArrayBuffer, DataView, Uint8Array].map(prototypeOf),
  Object.getPrototypeOf(Uint8Array.prototype) as object
]

function prototypeOf({ prototype }: { readonly prototype: unknown }): object {
  return prototype as object
}
