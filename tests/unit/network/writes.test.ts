import test from 'brittle'
import { Writes } from '../../../src/network/writes.ts'

/** Notes what reaches the connection; a batch is a list. */
class FakeMux {
  readonly carried: (string | string[])[] = []
  drained = true
  #batch: string[] | null = null

  cork(): void {
    if (this.#batch !== null) throw new Error('corked already')
    this.#batch = []
  }

  uncork(): void {
    if (this.#batch === null) throw new Error('not corked')
    this.carried.push(this.#batch)
    this.#batch = null
  }

  send(text: string): boolean {
    if (this.#batch === null) this.carried.push(text)
    else this.#batch.push(text)
    return this.drained
  }
}

function setUp() {
  const mux = new FakeMux()
  const writes = new Writes(mux)
  const write = (text: string, bytes = 10) => writes.write(() => mux.send(text), bytes)
  return { mux, writes, write }
}

const nextTurn = () => new Promise((resolve) => setImmediate(resolve))

test('the first message of a turn goes at once, what follows together at its end', async (t) => {
  const { mux, write } = setUp()
  for (const text of ['a', 'b', 'c']) t.ok(write(text))
  t.alike(mux.carried, ['a'])
  await nextTurn()
  t.alike(mux.carried, ['a', ['b', 'c']])
  write('d')
  t.alike(mux.carried, ['a', ['b', 'c'], 'd'], 'a new turn')
  await nextTurn()
  t.is(mux.carried.length, 3, 'with nothing to add')
})

test('a batch grows no larger than the connection takes, and says when that has enough', (t) => {
  const { mux, write } = setUp()
  write('a')
  write('b', 16_000)
  t.alike(mux.carried, ['a'])
  mux.drained = false
  t.absent(write('c', 16_000))
  t.alike(mux.carried, ['a', ['b', 'c']])
})

test('at the end nothing is kept', async (t) => {
  const { mux, writes, write } = setUp()
  write('a')
  write('b')
  writes.flush()
  t.alike(mux.carried, ['a', ['b']])
  await nextTurn()
  t.is(mux.carried.length, 2)
})
