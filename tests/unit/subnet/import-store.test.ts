import test from 'brittle'
import fs from '#fs'
import path from '#path'
import { lockStore } from '../../../features/subnet/import/store.ts'
import { PeerStore } from '../../../src/store/peer-store.ts'
import { rejectionOf } from '../../helpers/errors.ts'
import { temporaryFolder } from '../../helpers/tmp.ts'

test('an old store is locked while it is looked at, and refused while somebody has it', async (t) => {
  const folder = temporaryFolder(t)
  const store = new PeerStore(folder, { now: Date.now })
  await store.ready()
  t.is((await rejectionOf(lockStore(folder))).code, 'store_locked')
  await store.close()
  const lock = await lockStore(folder)
  t.is((await rejectionOf(openAgain(folder))).code, 'store_locked')
  await lock.close()
})

test('one of a newer format is not read', async (t) => {
  const folder = temporaryFolder(t)
  const store = new PeerStore(folder, { now: Date.now })
  await store.ready()
  await store.close()
  fs.writeFileSync(path.join(folder, 'format'), '2\n')
  t.is((await rejectionOf(lockStore(folder))).code, 'store_newer')
})

function openAgain(folder: string): Promise<void> {
  return new PeerStore(folder, { now: Date.now }).ready()
}
