import test from 'brittle'
import fs from '#fs'
import path from '#path'
import { neighbours } from '../../helpers/heard.ts'
import { viewOf } from '../../helpers/subnet/damage.ts'
import {
  assertLivesOn,
  assertRefused,
  FullDiskStage,
  MOST,
  PADDING,
  ROOM
} from '../../helpers/subnet/full-disk.ts'
import { ENTRY } from '../client/helpers.ts'

test('a reader whose disk is full stops, lives on, and comes to the same state', {
  timeout: 60_000
}, async (t) => {
  const stage = await FullDiskStage.open(t)
  if (stage === null) return
  const { disk } = stage
  const { other, channels } = await stage.openOther()
  const { desk, node } = other
  await desk.operate('add_admin', { address: node.key })
  await desk.operate('set_chat_status', { enabled: 1 })
  await desk.operate('enable_transactions', { enabled: 1 })
  const flags = ['--subnet-bootstrap', desk.bootstrap]
  const before = await stage.start(flags)
  await neighbours(channels, ENTRY, 1)
  disk.fill(ROOM)
  const stopped = before.peer.saw('the subnet has stopped here')
  let isStopped = false
  void stopped.then(() => {
    isStopped = true
  })
  for (let n = 0; n < MOST && !isStopped; n++) await desk.post({ message: `${n} ${PADDING}` })
  await stopped
  await assertLivesOn(t, before, channels)
  assertRefused(t, await before.client.tx('something').catch((error: unknown) => error))
  t.alike(await before.peer.stop(), { code: 0, signal: null })

  disk.makeRoom()
  const after = await stage.start(flags)
  const { result } = await desk.post({ message: 'after all' })
  await after.peer.saw(`#${(result.n ?? 0) + 1} [|] `)
  const now = (await after.client.subnetStats()).stats
  t.is(`${now.viewLength} ${now.viewHash}`, await viewOf(other), 'the same state as its neighbour')
})

test('a start on a full disk is refused in a sentence', async (t) => {
  const stage = await FullDiskStage.open(t)
  if (stage === null) return
  for (const left of [0, 65_536]) {
    const store = `stores-${left}`
    stage.disk.fill(left)
    const peer = stage.spawn([], store)
    t.is((await peer.exited).code, 1, `${left} bytes left: ${peer.errors}`)
    t.ok(/^intercom: .*cannot be written \(ENOSPC\).*Make room/m.test(peer.errors), peer.errors)
    stage.disk.makeRoom()
    fs.rmSync(path.join(stage.disk.folder, store), { recursive: true, force: true })
  }
})
