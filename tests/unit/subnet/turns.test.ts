import test from 'brittle'
import { Turns } from '../../../features/subnet/transactions/turns.ts'
import { deferred } from '../../../src/base/deferred.ts'

test('alone nobody waits', async (t) => {
  const turns = new Turns()
  const turn = turns.take()
  await turn.ready()
  const next = turns.take()
  await next.ready()
  next.done()
  turn.done()
  t.pass()
})

test('whoever began first goes first, however long it takes', async (t) => {
  const turns = new Turns()
  const done: number[] = []
  const steps = Array.from({ length: 4 }, () => deferred<void>())
  const works = steps.map((step, i) =>
    turns.run(async (turn) => {
      await step.promise
      await turn.ready()
      done.push(i)
    })
  )
  for (const i of [3, 1, 2]) steps[i]?.resolve()
  await new Promise((resolve) => setTimeout(resolve, 20))
  t.alike(done, [])
  steps[0]?.resolve()
  await Promise.all(works)
  t.alike(done, [0, 1, 2, 3])
})

test('those that are ready at about the same time go together', async (t) => {
  const turns = new Turns()
  let together = 0
  const works = Array.from({ length: 10 }, (_, i) =>
    turns.run(async (turn) => {
      for (let n = 0; n < i; n++) await null
      await turn.ready()
      together++
      await Promise.resolve()
      return together
    })
  )
  t.alike(await Promise.all(works), Array(10).fill(10))
})

test('what fails is not waited for', async (t) => {
  const turns = new Turns()
  const failing = turns.run(async () => {
    await null
    throw new Error('no')
  })
  const behind = turns.run((turn) => turn.ready())
  await t.exception(failing, /no/)
  await behind
  const never = turns.take()
  const waiting = turns.take()
  const ready = waiting.ready()
  never.done()
  never.done()
  await ready
  t.pass('and its place is given up')
})

test('who takes long holds up those before it for a moment only', async (t) => {
  const turns = new Turns()
  const first = turns.take()
  turns.take()
  await first.ready()
  t.pass()
})
