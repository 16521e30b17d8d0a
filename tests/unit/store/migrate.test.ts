import test, { type Assertions } from 'brittle'
import fs from '#fs'
import path from '#path'
import process from '#process'
import { createLog } from '../../../src/base/log.ts'
import { FORMAT, formatOf, MIGRATIONS, type Migration } from '../../../src/store/format.ts'
import { migrate } from '../../../src/store/migrate.ts'
import { PeerStore } from '../../../src/store/peer-store.ts'
import { rejectionOf } from '../../helpers/errors.ts'
import { snapshot } from '../../helpers/stores.ts'
import { temporaryFolder } from '../../helpers/tmp.ts'

const now = () => 1_795_000_000_000
const BACKUP = 'backup-1-20261118T110640000Z'

/** Steps as a later version might have them: one file is split, one is renamed, one is made. */
const MIGRATIONS_OF_LATER: readonly Migration[] = [
  {
    from: 1,
    touches: ['sidechannels.json', 'grants.json'],
    migrate: function splitGrants(folder) {
      const { joined, grants } = JSON.parse(read(folder, 'sidechannels.json'))
      fs.writeFileSync(path.join(folder, 'sidechannels.json'), JSON.stringify({ joined }))
      fs.writeFileSync(path.join(folder, 'grants.json'), JSON.stringify(grants))
    }
  },
  {
    from: 2,
    touches: ['subnet-channel', 'subnet.json'],
    migrate: function nameSubnet(folder) {
      fs.writeFileSync(
        path.join(folder, 'subnet.json'),
        JSON.stringify(read(folder, 'subnet-channel').trim())
      )
      fs.unlinkSync(path.join(folder, 'subnet-channel'))
    }
  }
]
const LATER = { format: 3, migrations: MIGRATIONS_OF_LATER }

const OLD_FILES = {
  'sidechannels.json': '{"joined":["den"],"grants":["g"]}',
  'subnet-channel': 'tea\n',
  'sc-bridge.token': 'untouched'
}

function read(folder: string, name: string): string {
  return fs.readFileSync(path.join(folder, name), 'utf-8')
}

/** The folder of a store of this version, as a node leaves it. */
async function oldStore(t: Assertions, files: Readonly<Record<string, string>> = OLD_FILES): Promise<string> {
  const folder = path.join(temporaryFolder(t), 'alice')
  await openAndClose(folder)
  for (const [name, content] of Object.entries(files)) fs.writeFileSync(path.join(folder, name), content)
  return folder
}

async function openAndClose(folder: string, upgrade?: typeof LATER): Promise<string[]> {
  const lines: string[] = []
  const log = createLog({ level: 'info', json: false, write: (line) => lines.push(line), now })
  const store = new PeerStore(folder, { now, log, ...(upgrade && { upgrade }) })
  await store.ready()
  await store.close()
  return lines
}

function assertMigrated(t: Assertions, folder: string): void {
  t.is(formatOf(folder), 3)
  t.is(read(folder, 'sidechannels.json'), '{"joined":["den"]}')
  t.is(read(folder, 'grants.json'), '["g"]')
  t.is(read(folder, 'subnet.json'), '"tea"')
  t.absent(fs.existsSync(path.join(folder, 'subnet-channel')), 'what a step removed is gone')
  t.is(read(folder, 'sc-bridge.token'), 'untouched')
  const left = fs.readdirSync(folder).filter((name) => name.startsWith('migration') || name.endsWith('.new'))
  t.alike(left, [], 'nothing is left over')
}

function backups(folder: string): string[] {
  return fs
    .readdirSync(folder)
    .filter((name) => name.startsWith('backup-'))
    .sort()
}

test('the table leads from the first format to the present one', (t) => {
  t.alike(
    MIGRATIONS.map(({ from }) => from),
    Array.from({ length: FORMAT - 1 }, (_, i) => i + 1)
  )
})

test('a new store says its format, and one without the file is of the first', async (t) => {
  const folder = await oldStore(t)
  t.is(read(folder, 'format'), `${FORMAT}\n`)
  fs.unlinkSync(path.join(folder, 'format'))
  t.is(formatOf(folder), 1)
  t.alike(await openAndClose(folder), [], 'nothing to tell')
  t.is(read(folder, 'format'), `${FORMAT}\n`)
  t.alike(backups(folder), [])
})

test('an older store is migrated step by step, after a backup of what the steps touch', async (t) => {
  const folder = await oldStore(t)
  const lines = await openAndClose(folder, LATER)
  assertMigrated(t, folder)
  t.alike(backups(folder), [BACKUP])
  const backup = path.join(folder, BACKUP)
  t.alike(fs.readdirSync(backup).sort(), ['format', 'sidechannels.json', 'subnet-channel'])
  t.is(read(backup, 'sidechannels.json'), OLD_FILES['sidechannels.json'])
  t.is(read(backup, 'format'), '1\n')
  t.is(fs.statSync(backup).mode & 0o777, 0o700)
  t.is(fs.statSync(path.join(backup, 'sidechannels.json')).mode & 0o777, 0o600)
  t.ok(lines[0]?.includes(BACKUP), lines[0])
  t.alike(await openAndClose(folder, LATER), [], 'once')
})

test('a step that fails leaves the store as it was, for this version too', async (t) => {
  const folder = await oldStore(t, { ...OLD_FILES, 'subnet-channel': '' })
  fs.unlinkSync(path.join(folder, 'subnet-channel'))
  const error = await rejectionOf(openAndClose(folder, LATER))
  t.is(error.code, 'store_broken')
  t.ok(error.message.includes('from format 2 to 3'), error.message)
  t.is(read(folder, 'sidechannels.json'), OLD_FILES['sidechannels.json'], 'the first step left no trace')
  t.alike(backups(folder), [])
  await openAndClose(folder)
  fs.writeFileSync(path.join(folder, 'subnet-channel'), 'tea\n')
  await openAndClose(folder, LATER)
  assertMigrated(t, folder)
})

test('a crash before the new number is written leaves the old store; the migration is repeated', async (t) => {
  const folder = await oldStore(t)
  fs.mkdirSync(path.join(folder, `format.${process.pid}.new`))
  t.exception(() => migrate(folder, { now, ...LATER }))
  t.ok(fs.existsSync(path.join(folder, 'migration')), 'it had come that far')
  t.is(formatOf(folder), 1)
  for (const name of Object.keys(OLD_FILES) as (keyof typeof OLD_FILES)[])
    t.is(read(folder, name), OLD_FILES[name])
  fs.rmdirSync(path.join(folder, `format.${process.pid}.new`))
  fs.writeFileSync(path.join(folder, 'sidechannels.json'), '{"joined":["den"],"grants":["g"], "since":1}')
  await openAndClose(folder, LATER)
  assertMigrated(t, folder)
  t.alike(backups(folder), [BACKUP, `${BACKUP}-2`])
  t.ok(read(path.join(folder, `${BACKUP}-2`), 'sidechannels.json').includes('since'))
})

test('a crash after it is made good at the next opening', async (t) => {
  const folder = await oldStore(t)
  // The second of the files cannot be put in its place.
  fs.mkdirSync(path.join(folder, `grants.json.${process.pid}.new`))
  t.exception(() => migrate(folder, { now, ...LATER }))
  t.is(formatOf(folder), 3)
  t.is(read(folder, 'subnet-channel'), 'tea\n', 'half of it is still old')
  const older = await rejectionOf(openAndClose(folder))
  t.is(older.code, 'store_newer')
  fs.rmdirSync(path.join(folder, `grants.json.${process.pid}.new`))
  await openAndClose(folder, LATER)
  assertMigrated(t, folder)
  t.alike(backups(folder), [BACKUP])
})

test('a newer store is refused, and nothing in it is touched', async (t) => {
  const folder = await oldStore(t)
  await openAndClose(folder, LATER)
  fs.chmodSync(folder, 0o755)
  const before = snapshot(folder)
  const error = await rejectionOf(openAndClose(folder))
  t.is(error.code, 'store_newer')
  t.is(error.exitCode, 1)
  t.ok(error.message.includes('format 3'), error.message)
  t.alike(snapshot(folder), before)
  t.is(fs.statSync(folder).mode & 0o777, 0o755)
})

test('a format that cannot be read is no format', async (t) => {
  const folder = await oldStore(t)
  for (const text of ['', '0', '-1', '1.5', 'two', '9999999999']) {
    fs.writeFileSync(path.join(folder, 'format'), text)
    t.is((await rejectionOf(openAndClose(folder))).code, 'store_broken', JSON.stringify(text))
  }
  fs.writeFileSync(path.join(folder, 'format'), `${FORMAT}\r\n`)
  await openAndClose(folder)
})
