import test from 'brittle'
import fs from '#fs'
import path from '#path'
import { createLog } from '../../../src/base/log.ts'
import { Disk } from '../../../src/metrics/disk.ts'
import { folderSize } from '../../../src/store/size.ts'
import { temporaryFolder } from '../../helpers/tmp.ts'

test('the size of a store is looked at once a minute, and in between is what it was', async (t) => {
  const folder = temporaryFolder(t)
  const lines: string[] = []
  const log = createLog({ level: 'debug', json: false, now: () => 0, write: (line) => lines.push(line) })
  let now = 1000
  const disk = new Disk({ folder, monotonic: () => now, log })
  fs.mkdirSync(path.join(folder, 'db', 'deep'), { recursive: true })
  fs.writeFileSync(path.join(folder, 'a'), 'x'.repeat(1000))
  fs.writeFileSync(path.join(folder, 'db', 'deep', 'b'), 'x'.repeat(500))
  t.is(disk.use(), null, 'nobody waits for it')
  await disk.look()
  t.is(disk.use()?.storeBytes, 1500)
  t.ok((disk.use()?.freeBytes ?? 0) > 0)

  fs.writeFileSync(path.join(folder, 'c'), 'x'.repeat(100))
  now += 59_000
  await disk.look()
  t.is(disk.use()?.storeBytes, 1500)
  now += 1000
  disk.use()
  await disk.look()
  t.is(disk.use()?.storeBytes, 1600)

  fs.rmSync(folder, { recursive: true })
  fs.writeFileSync(folder, 'a file')
  now += 60_000
  await disk.look()
  t.is(disk.use(), null, 'what cannot be seen is not known')
  t.is(lines.length, 1, lines.join())
})

test('a folder that is gone has no size', async (t) => {
  t.is(await folderSize(path.join(temporaryFolder(t), 'gone')), 0)
})
