import b4a from 'b4a'
import fs from '#fs'
import os from '#os'
import path from '#path'
import { messageOf } from '../../base/errors.ts'
import { type Finding, fail, ok } from '../finding.ts'

/** SHA-256 of nothing. */
const DIGEST = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'

/** Loaded one by one: what does not load throws here, and not where the program begins. */
const PARTS: Readonly<Record<string, (folder: string) => Promise<void>>> = {
  'sodium (keys, signatures)': async () => {
    const { default: sodium } = await import('sodium-universal')
    const digest = b4a.alloc(32)
    sodium.crypto_hash_sha256(digest, b4a.alloc(0))
    if (b4a.toString(digest, 'hex') !== DIGEST) throw new Error('a wrong digest')
  },
  'udx (network)': async () => {
    const { default: UDX } = await import('udx-native')
    const socket = new UDX().createSocket()
    try {
      socket.bind(0, '127.0.0.1')
      if (socket.address().port === 0) throw new Error('a socket without a port')
    } finally {
      await socket.close()
    }
  },
  'fs-native (locks)': async (folder) => {
    const { tryLock } = await import('../../store/lock.ts')
    fs.writeFileSync(path.join(folder, 'CORESTORE'), '')
    const lock = await tryLock(folder)
    await lock?.close()
    if (lock === null) throw new Error('a new file is locked')
  },
  'rocksdb (database)': async (folder) => {
    const { default: Corestore } = await import('corestore')
    const corestore = new Corestore(path.join(folder, 'store'))
    try {
      const core = corestore.get({ name: 'doctor' })
      await core.ready()
      await core.setUserData('doctor', b4a.from('well'))
      const read = await core.getUserData('doctor')
      if (read === null || b4a.toString(read) !== 'well') throw new Error('it keeps nothing')
    } finally {
      await corestore.close()
    }
  }
}

export async function native(): Promise<Finding> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'intercom-doctor-'))
  try {
    const faults: string[] = []
    for (const [name, work] of Object.entries(PARTS)) {
      try {
        await work(folder)
      } catch (error) {
        faults.push(`${name}: ${messageOf(error)}.`)
      }
    }
    if (faults.length === 0) return ok(`They work: ${Object.keys(PARTS).join(', ')}.`)
    return fail(
      faults.join(' '),
      'Install again on this very machine: remove node_modules, then npm install.'
    )
  } finally {
    fs.rmSync(folder, { recursive: true, force: true })
  }
}
