import { AssertionError } from '../../../src/app/assert.ts'
import type { Contract } from '../../../src/app/contract.ts'

type Act = (contract: Contract) => unknown

const FIXED = 'Error in contract.'
const notJson = 'put(key,value): the value of x is not JSON, or too large'
const MIB = 1024 * 1024

const odd = (text: string) => Object.assign(new Error('plain'), { message: text })
const trapped = () =>
  new Proxy(new Error('in a proxy'), {
    get: () => {
      throw new Error('not to be read')
    },
    getPrototypeOf: () => {
      throw new Error('not to be looked at')
    }
  })
const withGetter = (name: string, get: () => unknown) =>
  Object.defineProperty(new Error('plain'), name, { get, configurable: true })
function overflow(): number {
  return overflow() + 1
}
async function overflowAsync(): Promise<number> {
  return (await overflowAsync()) + 1
}
const nested = (depth: number): unknown => JSON.parse('['.repeat(depth) + ']'.repeat(depth))
const endless = { toJSON: (): unknown => ({ again: endless }) }

/** What is thrown, and how it is recorded; nothing of such a run is in the state. */
export const THROWN: Readonly<Record<string, readonly [thrown: () => unknown, error: string]>> = {
  null: [() => null, FIXED],
  nothing: [() => undefined, FIXED],
  aNumber: [() => 7, FIXED],
  aText: [() => 'text', FIXED],
  aSymbol: [() => Symbol('s'), FIXED],
  aFunction: [() => () => {}, FIXED],
  aFrozenError: [() => Object.freeze(new Error('frozen')), 'frozen'],
  aProxy: [trapped, FIXED],
  aRevokedProxy: [
    () => {
      const { proxy, revoke } = Proxy.revocable({}, {})
      revoke()
      return proxy
    },
    FIXED
  ],
  aNameThatThrows: [() => withGetter('name', () => overflow()), FIXED],
  aMessageThatThrows: [() => withGetter('message', () => overflow()), FIXED],
  aMessageThatAsksTheTime: [() => withGetter('message', () => String(Date.now())), FIXED],
  aMessageWithoutText: [() => odd(Object.create(null)), FIXED],
  aSymbolAsMessage: [() => odd(Symbol('s') as unknown as string), 'Symbol(s)'],
  aHalfCharacter: [() => new Error('\ud800'), '\ud800'],
  anAssertionWithAnObject: [
    () => Object.assign(new AssertionError('x'), { message: Object.create(null) }),
    FIXED
  ],
  anErrorOfTheEngine: [() => new TypeError('words of an engine'), FIXED],
  aThenable: [() => Promise.resolve('fulfilled'), FIXED]
}

function thenable(then: (done: (value: unknown) => void) => void): object {
  return Object.defineProperty({}, 'then', { value: then })
}

/** What is returned, how it is recorded in ruleset 2, and in ruleset 1 if that differs. */
export const RETURNED: Readonly<
  Record<string, readonly [returned: Act, error: string | number | null, before?: string | number | null]>
> = {
  false: [() => false, 'Error'],
  aThenable: [() => thenable((done) => done(new Error('later'))), 'later'],
  aThenableThatThrows: [
    () =>
      thenable(() => {
        throw new Error('at once')
      }),
    'at once'
  ],
  aThenThatThrows: [() => Object.defineProperty({}, 'then', { get: () => overflow() }), FIXED],
  anErrorOfTheEngine: [() => new RangeError('words of an engine'), FIXED, 'words of an engine'],
  somethingLikeAnError: [() => ({ stack: 1, message: { n: 1 } }), '{"n":1}'],
  aMessageThatFails: [() => ({ stack: 1, message: { toJSON: () => overflow() } }), 'Error'],
  aMessageThatThrowsTheSecondTime: [
    () => {
      let reads = 0
      return {
        stack: 1,
        get message() {
          return reads++ === 0 ? 'once' : overflow()
        }
      }
    },
    FIXED
  ],
  aMessageThatAsksTheTime: [
    () => ({
      stack: 1,
      get message() {
        return Date.now()
      }
    }),
    null
  ],
  aProxy: [trapped, 'not to be looked at'],
  manyDigits: [() => new Error('9'.repeat(400)), '9'.repeat(400), null],
  aFunction: [() => () => {}, null],
  aSymbol: [() => Symbol('s'), null],
  itself: [(contract) => contract, null]
}

/** What is put under `x`, and what is there then; `notJson` is what is recorded where that is nothing. */
export const WRITTEN: Readonly<
  Record<string, readonly [written: () => unknown, stored: unknown, error: string | null]>
> = {
  NaN: [() => Number.NaN, null, null],
  infinity: [() => Number.POSITIVE_INFINITY, null, null],
  minusZero: [() => -0, 0, null],
  nothing: [() => undefined, null, notJson],
  aFunction: [() => () => {}, null, notJson],
  aSymbol: [() => Symbol('s'), null, notJson],
  aBigint: [() => 1n, null, notJson],
  aCycle: [
    () => {
      const cycle: Record<string, unknown> = {}
      cycle.self = cycle
      return cycle
    },
    null,
    notJson
  ],
  functionsWithin: [() => ({ a: () => {}, b: [undefined, Symbol('s')] }), { b: [null, null] }, null],
  aToJSON: [() => ({ toJSON: () => 'mine' }), 'mine', null],
  aToJSONThatThrows: [() => ({ toJSON: overflow }), null, notJson],
  theTime: [() => ({ toJSON: () => Date.now() }), null, notJson],
  anEndlessToJSON: [() => endless, null, notJson],
  aPrototype: [() => JSON.parse('{"__proto__":{"x":1}}'), JSON.parse('{"__proto__":{"x":1}}'), null],
  aDeepList: [() => nested(5000), null, notJson],
  aVeryDeepList: [() => nested(200_000), null, notJson],
  // Fewer characters than a block has room for, but more bytes.
  aLongText: [() => '€'.repeat(5.5 * MIB), null, notJson],
  aHalfCharacter: [() => '\ud800', '\ud800', null]
}

const runTwice = new WeakMap<object, Promise<unknown>>()

/** Anything else, with what is recorded in ruleset 2, and in ruleset 1 if that differs. */
export const ACTS: Readonly<
  Record<string, readonly [act: Act, error: string | null, before?: string | null]>
> = {
  recursion: [() => overflow(), FIXED],
  asyncRecursion: [() => overflowAsync(), FIXED],
  recursionThatIsReturned: [
    () => {
      try {
        return overflow()
      } catch (error) {
        return error
      }
    },
    FIXED,
    'Maximum call stack size exceeded'
  ],
  deepJson: [() => void JSON.stringify(endless), FIXED],
  aTextTooLong: [() => 'x'.repeat(2 ** 30), FIXED],
  aListTooLong: [() => new Array(2 ** 32), FIXED],
  aBufferTooLong: [() => new ArrayBuffer(2 ** 53), FIXED],
  aNumberTooLong: [() => 1n << (1n << 40n), FIXED],
  atomics: [
    () => Atomics.add(new Int32Array(1), 0, 1),
    'Atomics is not available to a contract: every peer has to come to the same result'
  ],
  manyPuts: [
    async (contract) => {
      for (let i = 0; i < 1000; i++) await contract.put(`many/${i % 200}`, i)
    },
    null
  ],
  putsNobodyWaitsFor: [
    (contract) => {
      for (let i = 0; i < 200; i++) void contract.put(`unwaited/${i}`, i)
    },
    null
  ],
  // Steps nobody waits for, further apart than the state is.
  lateSteps: [
    (contract) => {
      void (async () => {
        for (let i = 0; i < 200; i++) await null
        await contract.put('late', contract.tx)
      })()
    },
    null
  ],
  failuresNobodyWaitsFor: [
    (contract) => {
      void (async () => {
        await null
        throw new Error('nobody hears this')
      })()
      void Promise.reject(new TypeError('nor this'))
      void contract.get(7 as unknown as string)
    },
    null
  ],
  keysThatAreNone: [
    async (contract) => {
      const refused: string[] = []
      for (const key of [7, null, undefined, {}, [], Symbol('s'), () => {}, 1n]) {
        for (const call of ['get', 'put', 'del'] as const)
          await contract[call](key as string, 1).catch(({ message }: Error) => void refused.push(message))
      }
      await contract.put('refused', refused)
    },
    null
  ],
  aLongKey: [(contract) => contract.put('k'.repeat(9 * MIB), 1), 'put(key,value): the key is too large'],
  aLongReservedKey: [
    (contract) => contract.put(`sh/${'k'.repeat(5000)}`, 1),
    `put(key,value): sh/${'k'.repeat(1024 - 19)}`,
    `put(key,value): sh/${'k'.repeat(5000)}is reserved`
  ],
  oddKeys: [
    async (contract) => {
      for (const key of ['', '__proto__', 'constructor', '\0', '\ud800', '\udc00', 'ä€😀'])
        await contract.put(key, `at ${encodeURIComponent(key.toWellFormed())}`)
      await contract.put('seen', [
        await contract.get(''),
        await contract.get('__proto__'),
        await contract.get('\udc00')
      ])
    },
    null
  ],
  aStack: [(contract) => contract.put('stack', new Error('here').stack), null],
  aLongMessage: [() => new Error('m'.repeat(20 * MIB)), 'm'.repeat(1024), 'm'.repeat(MIB)],
  changesItsOperation: [
    async (contract) => {
      const op = contract.op as Record<string, unknown>
      await contract.get('x')
      op.type = 'forged'
      op.value = { changed: true, at: () => {} }
    },
    null
  ],
  makesItsOperationHuge: [
    (contract) => void Object.assign(contract.op as object, { value: 'x'.repeat(16 * MIB) }),
    null
  ],
  makesItsOperationAProxy: [
    (contract) =>
      void Object.defineProperty(contract.op, 'value', { get: () => overflow(), enumerable: true }),
    null
  ],
  writesToItsContext: [(contract) => void Object.assign(contract, { address: 'me' }), FIXED],
  keepsTheRun: [(contract) => void runTwice.set(contract, Promise.resolve(contract.storage)), null],
  // Of the run before, which is over.
  usesTheRunBefore: [
    async (contract) => {
      const storage = (await runTwice.get(contract)) as { put(key: string, value: unknown): Promise<void> }
      await storage.put('kept', 1)
    },
    'the run is over'
  ],
  registersAFunction: [
    (contract) => contract.addFunction('registered'),
    'addFunction(type): not while the contract runs.'
  ],
  registersAHandler: [
    (contract) => contract.messageHandler(() => new Error('from now on')),
    'messageHandler(func): not while the contract runs.'
  ]
}

/** What a contract leaves where the next run, of another operation, finds it. */
export const LEFT_BEHIND: Readonly<Record<string, readonly [leave: Act, found: Act]>> = {
  inItsFields: [
    (contract) => void Object.assign(contract, { counter: 1, assert: null }),
    (contract) => 'counter' in contract || contract.assert === null
  ],
  inItsClass: [
    (contract) => void Object.assign(contract.constructor, { counter: 1 }),
    (contract) => 'counter' in contract.constructor
  ],
  inItsMethods: [
    (contract) => void Object.assign(Object.getPrototypeOf(contract), { counter: 1 }),
    (contract) => 'counter' in contract
  ],
  inAPrototype: [() => void Object.assign(Object.prototype, { left: 1 }), () => 'left' in {}],
  asAThen: [
    () => void Object.defineProperty(Object.prototype, 'then', { value: () => {}, configurable: true }),
    () => 'then' in {}
  ],
  inTheListOfAll: [
    () => void Object.assign(Array.prototype, { map: () => ['mine'] }),
    () => [1].map(String)[0] === 'mine'
  ],
  inAGetter: [
    () => void Object.defineProperty(Map.prototype, 'size', { get: () => 7 }),
    () => new Map().size === 7
  ],
  inJson: [
    () => void Object.assign(JSON, { parse: () => 'mine' }),
    () => (JSON.parse('1') as unknown) === 'mine'
  ]
}
