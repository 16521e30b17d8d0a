import test from 'brittle'
import fs from '#fs'
import path from '#path'
import process from '#process'
import { PeerStore } from '../../../src/store/peer-store.ts'
import { rejectionOf } from '../../helpers/errors.ts'
import { temporaryFolder } from '../../helpers/tmp.ts'

const now = () => 1_795_000_000_000

test('a store opens, keeps our files where they belong and is private', async (t) => {
  const folder = path.join(temporaryFolder(t), 'alice')
  fs.mkdirSync(path.join(folder, 'db'), { recursive: true })
  fs.writeFileSync(path.join(folder, 'config.json'), '{}')
  fs.writeFileSync(path.join(folder, 'db', 'keypair.json'), 'mine')
  const store = new PeerStore(folder, { now })
  await store.ready()
  t.is(fs.readFileSync(store.file('config.json'), 'utf-8'), '{}', 'moved back out of db')
  t.is(fs.readFileSync(store.keyFile, 'utf-8'), 'mine', 'the key file stays in db')
  const run = JSON.parse(fs.readFileSync(store.file('run.json'), 'utf-8'))
  t.is(run.pid, process.pid)
  t.is(run.startedAt, now())
  t.is(fs.statSync(folder).mode & 0o777, 0o700)
  await store.close()
  await store.close()
  t.absent(fs.existsSync(store.file('run.json')), 'run.json goes with the process')
})

test('a second opening is refused and names the holder; closing frees the store', async (t) => {
  const folder = path.join(temporaryFolder(t), 'alice')
  const first = new PeerStore(folder, { now })
  await first.ready()
  const error = await rejectionOf(new PeerStore(folder, { now }).ready())
  t.is(error.code, 'store_locked')
  t.ok(error.message.includes(`process ${process.pid}`))
  t.ok(fs.existsSync(first.file('run.json')), 'the refused one left the files of the holder alone')
  await first.close()
  const third = new PeerStore(folder, { now })
  await third.ready()
  await third.close()
})

test('a store killed while it was made opens', async (t) => {
  const folder = path.join(temporaryFolder(t), 'alice')
  fs.mkdirSync(folder, { recursive: true })
  fs.writeFileSync(path.join(folder, 'CORESTORE'), '')
  const store = new PeerStore(folder, { now })
  await store.ready()
  await store.close()
  t.pass()
})

test('a copied store is refused with the remedy and left as it is', async (t) => {
  const root = temporaryFolder(t)
  const store = new PeerStore(path.join(root, 'alice'), { now })
  await store.ready()
  await store.close()
  fs.mkdirSync(path.join(root, 'copy', 'db'), { recursive: true })
  const device = fs.readFileSync(path.join(root, 'alice', 'CORESTORE'), 'utf-8')
  fs.writeFileSync(path.join(root, 'copy', 'CORESTORE'), device)
  const error = await rejectionOf(new PeerStore(path.join(root, 'copy'), { now }).ready())
  t.is(error.code, 'store_moved')
  t.ok(error.next.includes('keypair.json'))
  t.is(fs.readFileSync(path.join(root, 'copy', 'CORESTORE'), 'utf-8'), device)
})

test('what is no file in the place of one is named, and not waited for', async (t) => {
  for (const name of ['CORESTORE', 'sidechannels.json', path.join('db', 'subnet-written')]) {
    const folder = path.join(temporaryFolder(t), 'alice')
    fs.mkdirSync(path.join(folder, name), { recursive: true })
    const error = await rejectionOf(new PeerStore(folder, { now }).ready())
    t.is(error.code, 'store_broken')
    t.ok(error.message.includes(`${name}" is not a file`), error.message)
  }
})

test('a folder that cannot be is a clear error', async (t) => {
  const root = temporaryFolder(t)
  fs.writeFileSync(path.join(root, 'file'), '')
  const error = await rejectionOf(new PeerStore(path.join(root, 'file', 'alice'), { now }).ready())
  t.is(error.code, 'store_broken')
})
