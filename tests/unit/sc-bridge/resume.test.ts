import b4a from 'b4a'
import test from 'brittle'
import { History } from '../../../features/sc-bridge/history.ts'
import { resumption } from '../../../features/sc-bridge/resume.ts'

function context(count: number, most = 1000) {
  const history = new History(most)
  for (let i = 0; i < count; i++) history.add('a', () => b4a.alloc(1))
  history.add('b', () => b4a.alloc(1))
  return { history, epoch: 'now', followed: () => history.channels() }
}

test('without a number there is nothing to replay', (t) => {
  t.alike(resumption({}, ['a'], context(3)), {})
})

test('from the number on, and what of it is gone', (t) => {
  const rows: [since: number, epoch: string | undefined, held: number, from: number, lost: number][] = [
    [0, 'now', 10, 1, 0],
    [3, 'now', 10, 4, 0],
    [3, undefined, 10, 4, 0],
    [5, 'now', 10, 6, 0],
    [1, 'now', 2, 4, 2],
    [0, 'now', 2, 4, 3],
    [3, 'before', 10, 1, 0],
    [3, 'before', 2, 4, 3],
    [9, 'now', 10, 1, 0],
    [5, 'now', 0, 6, 0],
    [2, 'now', 0, 6, 3]
  ]
  for (const [since, epoch, held, from, lost] of rows) {
    const plan = resumption({ since, epoch }, ['a'], context(5, held))
    t.alike(plan, { from, lost, replay: { a: { from, lost } } }, `since ${since} of ${epoch}, ${held} held`)
  }
})

test('a number is for one channel, an object for several', (t) => {
  const about = context(5)
  t.exception(() => resumption({ since: 1 }, [], about), /one channel/)
  t.exception(() => resumption({ since: 1 }, ['a', 'b'], about), /one channel/)
  t.alike(resumption({ since: { a: 4 } }, [], about), {
    lost: 0,
    replay: { a: { from: 5, lost: 0 }, b: { from: 1, lost: 0 } }
  })
  t.alike(resumption({ since: { a: 4, b: 1 } }, ['b'], about), {
    lost: 0,
    replay: { b: { from: 2, lost: 0 } }
  })
})
