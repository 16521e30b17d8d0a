import test from 'brittle'
import { DeterminismError, Guard, unguarded } from '../../../features/subnet/engine/guard.ts'

const later = (value: unknown) => new Promise((resolve) => setTimeout(() => resolve(value), 1))
/** What a contract tries, by its name. */
const attempts: Readonly<Record<string, () => unknown>> = {
  Date: () => new Date(),
  'Date.now': () => Date.now(),
  'Math.random': () => Math.random(),
  setTimeout: () => setTimeout(() => {}, 0),
  setInterval: () => setInterval(() => {}, 1000),
  queueMicrotask: () => queueMicrotask(() => {}),
  fetch: () => fetch('http://localhost'),
  process: () => process.version,
  crypto: () => crypto.randomUUID(),
  'globalThis.crypto': () => globalThis.crypto,
  console: () => console.log('hi'),
  Bare: () => (globalThis as { Bare?: unknown }).Bare,
  Intl: () => Intl.DateTimeFormat()
}

const isRefused = (error: unknown) => error instanceof DeterminismError

function refused(call: () => unknown): boolean {
  try {
    call()
    return false
  } catch (error) {
    return isRefused(error)
  }
}

test('clock, chance and world are away while a contract has control, and back afterwards', (t) => {
  const names = [...Object.getOwnPropertyNames(globalThis)].sort()
  const before = names.map((name) => Object.getOwnPropertyDescriptor(globalThis, name))
  const guard = new Guard()
  for (const [name, attempt] of Object.entries(attempts)) {
    t.ok(
      refused(() => guard.inside(attempt)),
      name
    )
    t.ok(Date.now() > 0 && Math.random() >= 0, `${name}: back`)
  }
  t.exception(
    () =>
      guard.inside(() => {
        throw new Error('of the contract')
      }),
    /of the contract/
  )
  t.alike([...Object.getOwnPropertyNames(globalThis)].sort(), names)
  const after = names.map((name) => Object.getOwnPropertyDescriptor(globalThis, name))
  t.ok(after.every((descriptor, i) => sameDescriptor(descriptor, before[i])))
})

function sameDescriptor(a: PropertyDescriptor | undefined, b: PropertyDescriptor | undefined): boolean {
  return (['value', 'get', 'set', 'enumerable', 'configurable', 'writable'] as const).every((key) =>
    Object.is(a?.[key], b?.[key])
  )
}

test('for everybody else the globals are as they were', (t) => {
  const isBare = (globalThis as { Bare?: unknown }).Bare !== undefined
  t.is(typeof (globalThis as { require?: unknown }).require, 'undefined', 'what is not there looks so')
  t.is(typeof (globalThis as { Bare?: unknown }).Bare, isBare ? 'object' : 'undefined')
  const { console: before } = globalThis
  const other = { ...before }
  globalThis.console = other
  t.is(console, other, 'it can be replaced')
  globalThis.console = before
  const guard = new Guard()
  t.ok(
    refused(() =>
      guard.inside(() => {
        globalThis.console = other
      })
    ),
    'but not by a contract'
  )
  t.is(console, before)
})

test('whatever a contract makes of the limit of traces, the engine goes on', (t) => {
  const { stackTraceLimit } = Error
  new Guard().inside(() => {
    Object.defineProperty(Error, 'stackTraceLimit', {
      configurable: true,
      get() {
        throw new Error('of the contract')
      }
    })
  })
  Object.defineProperty(Error, 'stackTraceLimit', {
    value: stackTraceLimit,
    writable: true,
    configurable: true
  })
  t.ok(new Error('has a trace').stack?.includes('\n'))
})

test('what the engine does for a contract is not guarded, what follows is', async (t) => {
  const guard = new Guard()
  const steps: string[] = []
  const read = () =>
    guard.outside(async () => {
      steps.push(refused(() => Date.now()) ? 'engine guarded' : 'engine free')
      return later('value')
    })
  await guard.inside(async () => {
    steps.push(refused(() => Date.now()) ? 'guarded' : 'free')
    steps.push(String(await read()))
    steps.push(refused(() => Date.now()) ? 'guarded' : 'free')
    steps.push(String(await Promise.all([read(), read()])))
    await read().then(() => steps.push(refused(() => Date.now()) ? 'guarded' : 'free'))
  })
  const engine = 'engine free'
  t.alike(steps, ['guarded', engine, 'value', 'guarded', engine, engine, 'value,value', engine, 'guarded'])
  t.ok(Date.now() > 0)
})

test('nor is the engine when a callback of the contract calls it', async (t) => {
  const guard = new Guard()
  const engine: boolean[] = []
  const work = () =>
    guard.outside(async () => {
      for (let i = 0; i < 5; i++) {
        engine.push(refused(() => Date.now()))
        await null
      }
    })
  await unguarded(guard.inside(() => work().then(() => work().then(() => work()))))
  t.alike(
    engine,
    Array.from({ length: 15 }, () => false)
  )
})

test('nobody else is guarded while a contract waits', async (t) => {
  const guard = new Guard()
  let others = 0
  let running = true
  const tick = async () => {
    while (running) {
      Date.now()
      Math.random()
      others++
      await (others % 8 === 0 ? later(null) : null)
    }
  }
  const other = tick()
  await guard.inside(async () => {
    for (let i = 0; i < 50; i++) await guard.outside(async () => (i % 5 === 0 ? later(i) : i))
  })
  running = false
  await other
  t.ok(others > 20, `${others} times`)
})

test('a refusal nobody waits for ends nothing', async (t) => {
  const guard = new Guard()
  guard.inside(() => void guard.outside(() => Promise.reject(new Error('ignored'))))
  await later(null)
  t.pass()
})

test('console can be a log', (t) => {
  const lines: unknown[] = []
  new Guard({ log: (words) => void lines.push(words) }).inside(() => console.log('a', 1))
  t.alike(lines, [['a', 1]])
})
