import test from 'brittle'
import fs from '#fs'
import { GrantBook } from '../../../features/sidechannel/book.ts'
import { PeerStore } from '../../../src/store/peer-store.ts'
import { temporaryFolder } from '../../helpers/tmp.ts'
import { name, owner } from './helpers.ts'

const room = name('room')

test('what could not be written is not known either', async (t) => {
  const store = new PeerStore(temporaryFolder(t), { now: () => 0 })
  await store.ready()
  t.teardown(() => store.close())
  const book = new GrantBook(store, true, 10)
  book.open()
  book.update(room, { joined: true })
  // A folder in the place of the file: no write can succeed, for root neither.
  const file = store.file('sidechannels.json')
  fs.unlinkSync(file)
  fs.mkdirSync(file)
  t.exception(() => book.update(room, { owner: owner.publicKey }))
  t.alike(book.get(room), { joined: true })
  t.exception(() => book.forget(room))
  t.alike([...book.entries()], [[room, { joined: true }]])
  fs.rmdirSync(file)
  book.update(room, { owner: owner.publicKey })
  const again = new GrantBook(store, true, 10)
  again.open()
  t.alike(again.get(room), { joined: true, owner: owner.publicKey })
})

test('of how many channels something is kept is bounded', async (t) => {
  const store = new PeerStore(temporaryFolder(t), { now: () => 0 })
  await store.ready()
  t.teardown(() => store.close())
  const book = new GrantBook(store, true, 2)
  book.open()
  book.update(name('a'), { joined: true })
  book.update(name('b'), { joined: true })
  t.exception(() => book.update(name('c'), { joined: true }), /2 channels are kept/)
  book.update(name('a'), { owner: owner.publicKey })
  book.forget(name('b'))
  book.update(name('c'), { joined: true })
  t.alike(
    [...book.entries()].map(([channel]) => channel),
    ['a', 'c']
  )
})
