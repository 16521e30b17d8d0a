import test from 'brittle'
import { captured } from '../../../features/subnet/app/captured.ts'
import { deferred } from '../../../src/base/deferred.ts'
import { IntercomError } from '../../../src/base/errors.ts'

async function failure(run: () => Promise<unknown>): Promise<unknown> {
  try {
    return await run()
  } catch (error) {
    return error
  }
}

test('code of an app that never returns ends by itself, and the console is given back', async (t) => {
  const { log } = console
  const answer = deferred<string>()
  const stuck = failure(() => captured(() => answer.promise, 50))
  const next = captured(() => {
    console.log('two\u001b[2J')
    return 2
  })
  // Before anything is asserted: that prints, too.
  const [error, { value, lines }] = [await stuck, await next]
  t.ok(error instanceof IntercomError && error.code === 'command_failed', String(error))
  t.is((error as IntercomError).message, 'The app has not answered within 0.05 s.')
  t.alike([value, lines], [2, ['two\\e[2J']], 'the next one has its turn')
  t.is(console.log, log)
  answer.reject(new Error('too late for anybody'))
})

test('code of an app that fails gives the console back', async (t) => {
  const { log } = console
  const thrown = new Error('no')
  const fails = () => {
    throw thrown
  }
  t.is(await failure(() => captured(fails)), thrown)
  t.is(await failure(() => captured(() => Promise.reject(thrown))), thrown)
  t.is(console.log, log)
})
