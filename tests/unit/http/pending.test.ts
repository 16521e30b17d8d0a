import test from 'brittle'
import fc from 'fast-check'
import { type EndReason, PendingSockets } from '../../../src/http/pending.ts'

const first = () => 0
const HERE = '127.0.0.1'

/** Connections by name, and what became of them. */
function createPending(options: { max: number; timeMs?: number; random?: (count: number) => number }) {
  const pending = new PendingSockets({ timeMs: 100, random: first, ...options })
  const ended: string[] = []
  const add = (name: string, address = HERE, now = 0) =>
    pending.add(address, now, (reason) => ended.push(`${name} ${reason}`))
  return { pending, ended, add }
}

test('one more takes the place of one that is there', (t) => {
  const { pending, ended, add } = createPending({ max: 2 })
  const a = add('a')
  const b = add('b')
  t.alike(ended, [])
  add('c')
  t.alike(ended, ['a evicted'])
  t.absent(a.release(), 'too late')
  t.ok(b.release())
  t.absent(b.release(), 'once')
  t.is(pending.size, 1)
  add('d')
  t.alike(ended, ['a evicted'], 'a place that was given up is free')
  add('e')
  t.alike(ended, ['a evicted', 'c evicted'])
})

test('which one is by chance', (t) => {
  const chances = [2, 0, 3]
  const counts: number[] = []
  const random = (count: number) => {
    counts.push(count)
    return chances.shift() ?? 0
  }
  const { ended, add } = createPending({ max: 4, random })
  for (const name of ['a', 'b', 'c', 'd', 'e', 'f', 'g']) add(name)
  t.alike(ended, ['c evicted', 'a evicted', 'f evicted'])
  t.alike(counts, [4, 4, 4])
})

test('those that are upgraded stay, unless they are the most', (t) => {
  const { ended, add } = createPending({ max: 4 })
  const [a, b] = [add('a'), add('b')]
  for (const place of [a, b]) place.upgraded()
  const c = add('c')
  add('d')
  add('e')
  t.alike(ended, ['c evicted'], 'as many')
  c.upgraded()
  add('f').upgraded()
  t.alike(ended, ['c evicted', 'd evicted'])
  add('g')
  t.alike(ended.at(-1), 'a evicted', 'they leave room to others')
})

test('who comes from an address that holds most pays for it', (t) => {
  const { ended, add } = createPending({ max: 4 })
  add('a', '10.0.0.1')
  for (const name of ['b', 'c', 'd']) add(name, '10.0.0.2').upgraded()
  for (const name of ['e', 'f', 'g']) add(name, '10.0.0.3')
  t.alike(ended, ['b evicted', 'c evicted', 'e evicted'])
  add('h', '10.0.0.4')
  t.alike(ended.at(-1), 'f evicted')
  add('i', '10.0.0.1')
  t.alike(ended.at(-1), 'a evicted', 'where all hold one, the second of an address takes its first')
})

test('each has its time', (t) => {
  const { pending, ended, add } = createPending({ max: 10 })
  t.is(pending.delay(0), null)
  add('a', HERE, 0)
  const b = add('b', HERE, 10)
  add('c', 'elsewhere', 20).upgraded()
  t.is(pending.delay(30), 70)
  pending.expire(99)
  t.alike(ended, [])
  b.release()
  pending.expire(115)
  t.alike(ended, ['a expired'])
  t.is(pending.delay(115), 5)
  pending.expire(500)
  t.alike(ended, ['a expired', 'c expired'])
  t.is(pending.size, 0)
})

test('what is ended may give up, add and expire at once', (t) => {
  const pending = new PendingSockets({ max: 1, timeMs: 100, random: first })
  const ended: string[] = []
  const place = pending.add(HERE, 0, (reason) => {
    ended.push(`a ${reason}`)
    t.absent(place.release())
    pending.expire(1000)
  })
  pending.add(HERE, 1, (reason) => ended.push(`b ${reason}`))
  pending.expire(101)
  t.alike(ended, ['a evicted', 'b expired'])
})

test('does what the plain list does, whatever happens in which order', (t) => {
  type Step = { kind: 'add' | 'upgraded' | 'release' | 'expire'; wait: number; which: number }
  type Entry = { id: number; address: number; deadline: number; upgraded: boolean }
  const step: fc.Arbitrary<Step> = fc.record({
    kind: fc.constantFrom('add', 'add', 'add', 'upgraded', 'release', 'expire'),
    wait: fc.nat(40),
    which: fc.nat(1000)
  })
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 6 }), fc.array(step, { maxLength: 80 }), (max, steps) => {
      let chance = 0
      const pending = new PendingSockets({ max, timeMs: 100, random: (count) => chance % count })
      const places: ReturnType<typeof pending.add>[] = []
      const ended: [number, EndReason][] = []
      const expected: [number, EndReason][] = []
      let list: Entry[] = []
      let now = 0
      for (const { kind, wait, which } of steps) {
        now += wait
        chance = which
        const id = which % Math.max(1, places.length)
        if (kind === 'add') {
          const address = which % 3
          if (list.length === max) {
            const victim = victimOf(list, address, chance)
            expected.push([victim, 'evicted'])
            list = list.filter((entry) => entry.id !== victim)
          }
          const added = places.length
          list.push({ id: added, address, deadline: now + 100, upgraded: false })
          places.push(pending.add(String(address), now, (reason) => ended.push([added, reason])))
        } else if (kind === 'upgraded') {
          places[id]?.upgraded()
          list = list.map((entry) => (entry.id === id ? { ...entry, upgraded: true } : entry))
        } else if (kind === 'release' && places.length > 0) {
          const was = list.some((entry) => entry.id === id)
          list = list.filter((entry) => entry.id !== id)
          if (places[id]?.release() !== was) return false
        } else if (kind === 'expire') {
          for (const { id, deadline } of list) if (deadline <= now) expected.push([id, 'expired'])
          list = list.filter(({ deadline }) => deadline > now)
          pending.expire(now)
        }
        if (pending.size !== list.length || pending.size > max) return false
        const delay = list[0] === undefined ? null : Math.max(0, list[0].deadline - now)
        if (pending.delay(now) !== delay) return false
      }
      return JSON.stringify(ended) === JSON.stringify(expected)

      function victimOf(entries: readonly Entry[], newcomer: number, chance: number): number {
        const all = [...entries.map(({ address }) => address), newcomer]
        const load = (address: number) => all.filter((other) => other === address).length
        const crowd = entries.filter(({ address }) => all.every((other) => load(other) <= load(address)))
        const ready = crowd.filter(({ upgraded }) => upgraded)
        const bare = crowd.filter(({ upgraded }) => !upgraded)
        const group = ready.length > bare.length ? ready : bare
        return group[chance % group.length]?.id ?? -1
      }
    })
  )
  t.pass()
})

test('whoever is upgraded stays through a flood of connections that say nothing', (t) => {
  const { pending, ended, add } = createPending({ max: 64, random: (count) => count - 1 })
  add('slow').upgraded()
  for (let i = 0; i < 1000; i++) add('silent')
  t.is(pending.size, 64)
  t.absent(ended.includes('slow evicted'))
})
