interface Original {
  readonly object: object
  readonly keys: readonly PropertyKey[]
  readonly descriptors: readonly PropertyDescriptor[]
}

// Of numbers, one is not equal to itself.
const { is } = Object
const { ownKeys, deleteProperty, defineProperty, getOwnPropertyDescriptor } = Reflect

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
      return { object, keys, descriptors: keys.map(own) }
    })
  }

  /** Says whether there was something to take back. */
  restore(): boolean {
    let changed = false
    for (let i = 0; i < this.#originals.length; i++) {
      const original = this.#originals[i] as Original
      if (isAsBefore(original)) continue
      changed = true
      putBack(original)
    }
    return changed
  }
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
