import b4a from 'b4a'
import sodium from 'sodium-universal'
import fs from '#fs'
import os from '#os'
import path from '#path'
import { IntercomError, messageOf, systemCode } from '../base/errors.ts'
import { toHex } from '../base/hex.ts'
import { printable, quoted } from '../base/text.ts'
import { createMnemonic, DERIVATION_PATH, keyPairFromMnemonic } from './derive.ts'
import { decodeKeyFile, encodeKeyFile, KEY_FILE_MAX_BYTES, type Wallet } from './key-file.ts'

const PRIVATE_FILE = 0o600
const PRIVATE_FOLDER = 0o700
const OTHERS = 0o077
const LEFT_OVER = /^\.[0-9a-f]{16}\.tmp$/

// Windows opens no folder, and some file systems sync none.
const NO_SYNC = ['EISDIR', 'EPERM', 'EACCES', 'EINVAL', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EBADF']

type Link = (existing: string, file: string) => Promise<void>

/** The wallet in a key file, or `null` when there is no such file. */
export async function loadWallet(file: string, password: Uint8Array): Promise<Wallet | null> {
  const text = await mapped('read', file, () => readText(file))
  return text === null ? null : decodeKeyFile(text, password, nameOf(file))
}

/**
 * The wallet in a key file, made when there is no such file. Of processes that make it at the same time, all have the
 * one that came first.
 */
export async function openWallet(
  file: string,
  password: Uint8Array
): Promise<{ readonly wallet: Wallet; readonly isNew: boolean }> {
  const wallet = await loadWallet(file, password)
  if (wallet !== null) return { wallet, isNew: false }
  try {
    return { wallet: await createWallet(file, password), isNew: true }
  } catch (error) {
    const other = await loadWallet(file, password)
    if (other === null) throw error
    return { wallet: other, isNew: false }
  }
}

/**
 * Makes a new wallet and its key file, and the folder if there is none (an existing one is left as it is).
 * Throws `key_file_io` when the file exists: no key file is ever overwritten.
 */
export async function createWallet(file: string, password: Uint8Array): Promise<Wallet> {
  return mapped('create', file, async () => {
    if (await entryAt(file)) throw existsAlready(file)
    const mnemonic = await createMnemonic()
    const wallet = { ...(await keyPairFromMnemonic(mnemonic)), mnemonic, derivationPath: DERIVATION_PATH }
    const text = await encodeKeyFile(wallet, password)
    await fs.promises.mkdir(path.dirname(file), { recursive: true, mode: PRIVATE_FOLDER })
    await writeNewFile(file, text)
    return wallet
  })
}

/**
 * Takes the key file from group and others: `true` when it was open to them. Throws `key_file_io` when that
 * cannot be done. On Windows, where modes mean nothing, it does nothing.
 */
export async function ensurePrivate(file: string): Promise<boolean> {
  if (os.platform() === 'win32') return false
  return mapped('protect', file, async () => {
    const stat = await fs.promises.stat(file)
    if (!stat.isFile()) throw notAFile(file)
    if ((stat.mode & OTHERS) === 0) return false
    await fs.promises.chmod(file, PRIVATE_FILE)
    // Some file systems take the call and keep their modes.
    if (((await fs.promises.stat(file)).mode & OTHERS) === 0) return true
    throw new IntercomError(
      'key_file_io',
      `${nameOf(file)} stays readable for other users of this machine.`,
      {
        next: 'Keep it on a file system that has permissions, and set a password with --wallet-password-file.'
      }
    )
  })
}

/**
 * Writes a file that only its owner can read, whole or not at all, and never over another one. The name comes
 * to be by a hard link; where there are none, by an exclusive copy, which a crash can then cut short.
 */
export async function writeNewFile(file: string, text: string, link: Link = fs.promises.link): Promise<void> {
  const random = b4a.alloc(8)
  sodium.randombytes_buf(random)
  const temporary = `${file}.${toHex(random)}.tmp`
  try {
    await writeAndSync(temporary, text)
    await publish(temporary, file, link)
  } finally {
    await fs.promises.rm(temporary, { force: true })
  }
  await removeLeftOvers(file)
  await syncPath(path.dirname(file), 'r')
}

async function writeAndSync(file: string, text: string): Promise<void> {
  const bytes = b4a.from(text)
  const handle = await fs.promises.open(file, 'w', PRIVATE_FILE)
  try {
    for (let at = 0; at < bytes.byteLength; ) {
      at += (await handle.write(bytes, at, bytes.byteLength - at, at)).bytesWritten
    }
    await handle.sync()
  } finally {
    await handle.close()
  }
}

async function publish(temporary: string, file: string, link: Link): Promise<void> {
  try {
    await link(temporary, file)
  } catch (error) {
    // The temporary file is missing when another process came first and cleaned up.
    if (await entryAt(file)) throw existsAlready(file)
    if (systemCode(error) === 'ENOENT') throw error
    // File systems without hard links say so in many ways; a trouble of another kind comes up again here.
    await copyToNew(temporary, file)
  }
}

// Opening with `wx` would not do: bare-fs 4.8.4 has no O_EXCL and truncates what is there.
async function copyToNew(from: string, file: string): Promise<void> {
  try {
    await fs.promises.copyFile(from, file, fs.constants.COPYFILE_EXCL)
  } catch (error) {
    throw (await entryAt(file)) ? existsAlready(file) : error
  }
  await syncPath(file, 'r+')
}

/** What processes that were killed left behind. */
async function removeLeftOvers(file: string): Promise<void> {
  const folder = path.dirname(file)
  const base = path.basename(file)
  for (const name of await fs.promises.readdir(folder)) {
    if (!name.startsWith(base) || !LEFT_OVER.test(name.slice(base.length))) continue
    await fs.promises.rm(path.join(folder, name), { force: true })
  }
}

async function syncPath(name: string, flags: 'r' | 'r+'): Promise<void> {
  try {
    const handle = await fs.promises.open(name, flags)
    try {
      await handle.sync()
    } finally {
      await handle.close()
    }
  } catch (error) {
    if (!NO_SYNC.includes(systemCode(error) ?? '')) throw error
  }
}

async function readText(file: string): Promise<string | null> {
  try {
    const stat = await fs.promises.stat(file)
    if (!stat.isFile()) throw notAFile(file)
    if (stat.size > KEY_FILE_MAX_BYTES)
      throw new IntercomError('key_file_corrupt', `${nameOf(file)} is too large to be a key file.`)
    return b4a.toString(await fs.promises.readFile(file))
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') throw error
    if (!(await entryAt(file))) return null
    throw new IntercomError('key_file_io', `${nameOf(file)} is a link to a file that is not there.`, {
      next: 'Mount or restore what it points to, or remove the link to start with a new identity.'
    })
  }
}

/** Whether the name is taken, be it by a link to nowhere. */
async function entryAt(file: string): Promise<boolean> {
  try {
    await fs.promises.lstat(file)
    return true
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return false
    throw error
  }
}

/** Gives what the system throws the code and the file it is about. */
async function mapped<T>(doing: string, file: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof IntercomError || systemCode(error) === null) throw error
    const message = `Cannot ${doing} the key file ${quoted(file, 300)}: ${printable(messageOf(error))}`
    throw new IntercomError('key_file_io', message, { cause: error })
  }
}

function existsAlready(file: string): IntercomError {
  return new IntercomError('key_file_io', `${nameOf(file)} exists already and was left as it is.`, {
    next: 'Use it, or move it to a safe place before you make a new one.'
  })
}

function notAFile(file: string): IntercomError {
  return new IntercomError('key_file_io', `${nameOf(file)} is not a file.`, {
    next: 'Move away what has its name, or name another file.'
  })
}

function nameOf(file: string): string {
  return `The key file ${quoted(file, 300)}`
}
