import b4a from 'b4a'
import test, { type Assertions } from 'brittle'
import fs from '#fs'
import os from '#os'
import path from '#path'
import { IntercomError } from '../../../src/base/errors.ts'
import { keyPairFromMnemonic } from '../../../src/identity/derive.ts'
import {
  createWallet,
  ensurePrivate,
  loadWallet,
  openWallet,
  writeNewFile
} from '../../../src/identity/wallet.ts'

const EMPTY = b4a.alloc(0)
// Neither modes nor (for ordinary users) symbolic links exist there.
const unix = { skip: os.platform() === 'win32' }

async function refusal(work: Promise<unknown>): Promise<IntercomError> {
  const error = await work.then(
    () => new Error('it was accepted'),
    (error: unknown) => error
  )
  if (error instanceof IntercomError) return error
  throw error
}

async function failsToLoad(t: Assertions, file: string, code: string, message: RegExp) {
  const error = await refusal(loadWallet(file, EMPTY))
  t.is(error.code, code)
  t.ok(message.test(error.message), error.message)
  t.ok(error.message.includes(path.basename(file)), 'names the file')
}

const modeOf = async (file: string) => (await fs.promises.stat(file)).mode & 0o777
const read = async (file: string) => b4a.toString(await fs.promises.readFile(file))

test('a new wallet is written, found again and never overwritten', async (t) => {
  const folder = path.join(await t.tmp(), 'peer', 'db')
  const file = path.join(folder, 'keypair.json')
  const password = b4a.from('secret')
  t.is(await loadWallet(file, password), null)
  t.absent(fs.existsSync(folder), 'looking makes nothing')

  const wallet = await createWallet(file, password)
  t.is(wallet.mnemonic?.split(' ').length, 24)
  t.alike(await keyPairFromMnemonic(wallet.mnemonic ?? ''), {
    publicKey: wallet.publicKey,
    secretKey: wallet.secretKey
  })
  t.is(wallet.derivationPath, "m/918'/0'/0'/0'")
  t.alike(await fs.promises.readdir(folder), ['keypair.json'])
  if (!unix.skip) {
    t.is(await modeOf(file), 0o600)
    t.is(await modeOf(folder), 0o700)
  }
  t.absent(await ensurePrivate(file))
  t.alike(await loadWallet(file, password), wallet)

  const text = await read(file)
  const error = await refusal(createWallet(file, password))
  t.is(error.code, 'key_file_io')
  t.ok(/exists already/.test(error.message))
  t.is(await read(file), text)
})

test('of wallets that are made at the same time one is, and all have it', async (t) => {
  const file = path.join(await t.tmp(), 'db', 'keypair.json')
  const [one, other] = await Promise.all([openWallet(file, EMPTY), openWallet(file, EMPTY)])
  t.alike([one.isNew, other.isNew].sort(), [false, true])
  t.alike(one.wallet, other.wallet)
})

test('a wrong password names the file, not the password', async (t) => {
  const file = path.join(await t.tmp(), 'keypair.json')
  const name = 'keypair-trac-wallet-1.0.1.json'
  await fs.promises.copyFile(path.join(import.meta.dirname, '../../../../tests/fixtures', name), file)
  const error = await refusal(loadWallet(file, b4a.from('hunter2hunter2')))
  t.is(error.code, 'key_file_password')
  t.ok(error.message.includes('keypair.json'))
  t.absent(error.message.includes('hunter2'))
})

test('an empty or damaged file is corrupt and stays as it is', async (t) => {
  const file = path.join(await t.tmp(), 'keypair.json')
  for (const text of ['', '{"nonce":"', '\u0000'.repeat(1000), 'x'.repeat(100_000)]) {
    await fs.promises.writeFile(file, text)
    await failsToLoad(t, file, 'key_file_corrupt', /is (empty|not a JSON object|too large)/)
    t.is((await refusal(createWallet(file, EMPTY))).code, 'key_file_io')
    t.is(await read(file), text)
  }
})

test('a folder, or a file where a folder should be', async (t) => {
  const folder = await t.tmp()
  await failsToLoad(t, folder, 'key_file_io', /is not a file/)
  t.is((await refusal(createWallet(folder, EMPTY))).code, 'key_file_io')
  await fs.promises.writeFile(path.join(folder, 'file'), '')
  const below = path.join(folder, 'file', 'keypair.json')
  await failsToLoad(t, below, 'key_file_io', /Cannot read the key file.*ENOTDIR/)
  t.is((await refusal(createWallet(below, EMPTY))).code, 'key_file_io')
})

test('links are followed; one to nowhere is not taken for a new start', unix, async (t) => {
  const folder = await t.tmp()
  const link = path.join(folder, 'link.json')
  await fs.promises.symlink(path.join(folder, 'keypair.json'), link)
  await failsToLoad(t, link, 'key_file_io', /link to a file that is not there/)
  t.ok(/exists already/.test((await refusal(createWallet(link, EMPTY))).message))
  t.absent(fs.existsSync(path.join(folder, 'keypair.json')))

  await fs.promises.writeFile(path.join(folder, 'keypair.json'), '')
  await failsToLoad(t, link, 'key_file_corrupt', /is empty/)

  const loop = path.join(folder, 'loop.json')
  await fs.promises.symlink(loop, loop)
  await failsToLoad(t, loop, 'key_file_io', /ELOOP/)
})

test('a key file that others can read is taken from them', unix, async (t) => {
  const folder = await t.tmp()
  const file = path.join(folder, 'keypair.json')
  await fs.promises.writeFile(file, 'content')
  for (const mode of [0o644, 0o640, 0o660, 0o604, 0o777, 0o610]) {
    await fs.promises.chmod(file, mode)
    t.ok(await ensurePrivate(file), mode.toString(8))
    t.is(await modeOf(file), 0o600)
    t.absent(await ensurePrivate(file), 'once is enough')
  }
  await fs.promises.chmod(file, 0o400)
  t.absent(await ensurePrivate(file))
  t.is(await modeOf(file), 0o400, 'stricter than ours is left alone')
  t.is(await read(file), 'content')

  t.is((await refusal(ensurePrivate(path.join(folder, 'none.json')))).code, 'key_file_io')
  await fs.promises.chmod(folder, 0o755)
  t.is((await refusal(ensurePrivate(folder))).code, 'key_file_io')
  t.is(await modeOf(folder), 0o755)
})

async function onlyOneWins(t: Assertions, write: typeof writeNewFile) {
  const folder = await t.tmp()
  const file = path.join(folder, 'keypair.json')
  const texts = Array.from({ length: 8 }, (_, i) => `wallet ${i}`)
  const results = await Promise.allSettled(texts.map((text) => write(file, text)))
  const winners = texts.filter((_, i) => results[i]?.status === 'fulfilled')
  t.is(winners.length, 1)
  t.is(await read(file), winners[0])
  for (const result of results) {
    if (result.status === 'rejected')
      t.ok(/exists already/.test(String(result.reason)), String(result.reason))
  }
  t.alike(await fs.promises.readdir(folder), ['keypair.json'])
}

test('of several writers one wins, and the others leave no trace', (t) => onlyOneWins(t, writeNewFile))

test('what a killed process left behind goes, and nothing else', async (t) => {
  const folder = await t.tmp()
  const file = path.join(folder, 'keypair.json')
  const others = [
    'keypair.json.bak',
    'keypair.json.0123456789abcdef.tmp.bak',
    'keypair.json.0123.tmp',
    'other.json.0123456789abcdef.tmp'
  ]
  for (const name of ['keypair.json.0123456789abcdef.tmp', ...others]) {
    await fs.promises.writeFile(path.join(folder, name), 'half')
  }
  await writeNewFile(file, 'wallet')
  t.alike((await fs.promises.readdir(folder)).sort(), ['keypair.json', ...others].sort())
})

const noLinks = () => Promise.reject(Object.assign(new Error('not permitted'), { code: 'EPERM' }))

test('where there are no hard links the file is made directly', async (t) => {
  const folder = await t.tmp()
  const file = path.join(folder, 'keypair.json')
  await writeNewFile(file, 'wallet', noLinks)
  t.is(await read(file), 'wallet')
  if (!unix.skip) t.is(await modeOf(file), 0o600)
  t.ok(/exists already/.test((await refusal(writeNewFile(file, 'another', noLinks))).message))
  t.is(await read(file), 'wallet')
  t.alike(await fs.promises.readdir(folder), ['keypair.json'])
})

test('one wins there too', (t) => onlyOneWins(t, (file, text) => writeNewFile(file, text, noLinks)))
