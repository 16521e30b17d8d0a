import test from 'brittle'
import fc from 'fast-check'
import { type EndReason, PendingSockets } from '../../../src/http/pending.ts'

test('one more takes the place of the oldest', (t) => {
  const pending = new PendingSockets({ max: 2, timeMs: 10 })
  const ended: string[] = []
  const add = (name: string) => pending.add(0, (reason) => ended.push(`${name} ${reason}`))
  const releaseA = add('a')
  const releaseB = add('b')
  t.alike(ended, [])
  add('c')
  t.alike(ended, ['a evicted'])
  t.absent(releaseA(), 'too late')
  t.ok(releaseB())
  t.absent(releaseB(), 'once')
  t.is(pending.size, 1)
  add('d')
  t.alike(ended, ['a evicted'], 'a place that was given up is free')
  add('e')
  t.alike(ended, ['a evicted', 'c evicted'])
})

test('each has its time', (t) => {
  const pending = new PendingSockets({ max: 10, timeMs: 100 })
  const ended: string[] = []
  t.is(pending.delay(0), null)
  pending.add(0, (reason) => ended.push(`a ${reason}`))
  const release = pending.add(10, (reason) => ended.push(`b ${reason}`))
  pending.add(20, (reason) => ended.push(`c ${reason}`))
  t.is(pending.delay(30), 70)
  pending.expire(99)
  t.alike(ended, [])
  release()
  pending.expire(115)
  t.alike(ended, ['a expired'])
  t.is(pending.delay(115), 5)
  pending.expire(500)
  t.alike(ended, ['a expired', 'c expired'])
  t.is(pending.size, 0)
})

test('what is ended may give up, add and expire at once', (t) => {
  const pending = new PendingSockets({ max: 1, timeMs: 100 })
  const ended: string[] = []
  const release = pending.add(0, (reason) => {
    ended.push(`a ${reason}`)
    t.absent(release())
    pending.expire(1000)
  })
  pending.add(1, (reason) => ended.push(`b ${reason}`))
  pending.expire(101)
  t.alike(ended, ['a evicted', 'b expired'])
})

test('does what the plain list does, whatever happens in which order', (t) => {
  type Step = { kind: 'add' | 'release' | 'expire'; wait: number; which: number }
  const step: fc.Arbitrary<Step> = fc.record({
    kind: fc.constantFrom('add', 'add', 'release', 'expire'),
    wait: fc.nat(40),
    which: fc.nat()
  })
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 5 }), fc.array(step, { maxLength: 60 }), (max, steps) => {
      const pending = new PendingSockets({ max, timeMs: 100 })
      const releases: (() => boolean)[] = []
      const ended: [number, EndReason][] = []
      const expected: [number, EndReason][] = []
      let list: { id: number; deadline: number }[] = []
      let now = 0
      for (const { kind, wait, which } of steps) {
        now += wait
        if (kind === 'add') {
          const id = releases.length
          if (list.length === max) expected.push([list.shift()?.id ?? -1, 'evicted'])
          list.push({ id, deadline: now + 100 })
          releases.push(pending.add(now, (reason) => ended.push([id, reason])))
        } else if (kind === 'release' && releases.length > 0) {
          const id = which % releases.length
          const was = list.some((entry) => entry.id === id)
          list = list.filter((entry) => entry.id !== id)
          if (releases[id]?.() !== was) return false
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
    })
  )
  t.pass()
})
