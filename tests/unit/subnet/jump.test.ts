import test from 'brittle'
import Corestore from 'corestore'
import Hyperbee from 'hyperbee'
import { changedSince } from '../../../features/subnet/reading/jump.ts'
import { temporaryFolder } from '../../helpers/tmp.ts'

test('what has changed since a length; all that depends on it where there is nothing to compare with', async (t) => {
  const store = new Corestore(temporaryFolder(t))
  t.teardown(() => store.close())
  const view = new Hyperbee(store.get({ name: 'view' }), { keyEncoding: 'utf-8', valueEncoding: 'json' })
  await view.ready()
  const write = async (work: (batch: ReturnType<typeof view.batch>) => Promise<void>) => {
    const batch = view.batch()
    await work(batch)
    await batch.flush()
  }
  await write((batch) => batch.put('before', 1))
  const { length } = view.core
  for (const key of ['one', 'two']) await write((batch) => batch.put(key, 1))
  await write((batch) => batch.del('before'))
  const since = await changedSince(view, length)
  for (const key of ['one', 'two', 'before', 'admin', 'msgl']) t.ok(since.changed.has(key), key)
  t.is(since.more, false)
  const none = await changedSince(view, view.core.length)
  t.absent(none.changed.has('one'))
  // It was as long once, and then more of it was taken back than came in its place.
  for (const nothing of [0, view.core.length + 1, view.core.length + 100]) {
    const { changed, more } = await changedSince(view, nothing)
    t.is(more, true, `${nothing}`)
    t.alike([...changed].sort(), ['admin', 'appv', 'auto_add_writers', 'msgl'])
  }
})
