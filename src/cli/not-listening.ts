import fs from '#fs'
import path from '#path'
import { IntercomError, systemCode } from '../base/errors.ts'
import { quoted } from '../base/text.ts'
import { FLAGS } from '../config/flags.ts'
import type { RunState } from '../run-file.ts'
import { duration } from './lines.ts'

export interface Store {
  readonly name: string
  /** The folder of all stores, and that of this one. */
  readonly stores: string
  readonly folder: string
}

// More would be a list nobody reads.
const MOST_NAMES = 8

/** Why no bridge can be asked by way of a store, and what helps. */
export function notListening(store: Store, run: RunState, now: number): IntercomError {
  const { info } = run
  const where = quoted(path.resolve(store.folder), 300)
  const start = `Start it: npm start -- ${startWords(store).join(' ')}`
  if (run.state === 'absent' && !fs.existsSync(store.folder)) {
    const names = storeNames(store.stores)
    const known = names.length > 0 ? ` There are: ${names.join(', ')}.` : ''
    return new IntercomError('no_node', `There is no store ${where}.${known}`, {
      next: `Name it with --peer-store-name and --peer-stores-directory. ${start}`
    })
  }
  if (info === null) {
    return run.state === 'absent'
      ? new IntercomError('no_node', `No node runs on the store ${where}.`, { next: start })
      : new IntercomError('no_node', `The file run.json of the store ${where} cannot be read.`, {
          next: 'Check its permissions, or give --sc-bridge-port and --sc-bridge-token-file.'
        })
  }
  if (run.state === 'dead') {
    const message = `No node runs on the store ${where}: process ${info.pid} ended without closing it.`
    return new IntercomError('no_node', message, { next: start })
  }
  if (run.state === 'silent') {
    const message = `The node of the store ${where} (process ${info.pid}) has given no sign of life for ${duration(now - info.heartbeatAt)}.`
    return new IntercomError('no_node', message, {
      next: 'See whether it hangs, was suspended (Ctrl-Z) or has a full disk; --sc-bridge-port asks it all the same.'
    })
  }
  if (info.readyAt === null) {
    const message = `The node of the store ${where} (process ${info.pid}) is still starting.`
    return new IntercomError('no_node', message, { next: 'Try again in a moment.' })
  }
  const message = `The node of the store ${where} (process ${info.pid}) runs without SC-Bridge.`
  return new IntercomError('bridge_off', message, { next: 'Stop it and start it with --sc-bridge 1.' })
}

function startWords({ name, stores }: Store): string[] {
  const elsewhere =
    stores === FLAGS.peerStoresDirectory.default ? [] : ['--peer-stores-directory', quoted(stores, 300)]
  return ['start', name, '--sc-bridge 1', ...elsewhere]
}

export function storeNames(folder: string): string[] {
  try {
    const names = fs
      .readdirSync(folder)
      .filter((name) => fs.existsSync(path.join(folder, name, 'CORESTORE')))
      .map((name) => quoted(name).slice(1, -1))
      .sort()
    return names.length > MOST_NAMES ? [...names.slice(0, MOST_NAMES), '…'] : names
  } catch (error) {
    // Only a hint: the sentence before it says what is wrong.
    if (systemCode(error) === null) throw error
    return []
  }
}
