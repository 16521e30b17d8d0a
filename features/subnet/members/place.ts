import { blake3 } from '@noble/hashes/blake3.js'
import b4a from 'b4a'
import sodium from 'sodium-universal'
import fs from '#fs'
import { IntercomError } from '../../../src/base/errors.ts'
import { type Hex32, isHex32, toHex } from '../../../src/base/hex.ts'
import { readSmallFile } from '../../../src/base/small-file.ts'
import type { IntercomNode } from '../../../src/node.ts'
import type { StoreFile } from '../../../src/store/peer-store.ts'

/** Which subnet this peer takes part in, and the names under which its members meet. */
export interface Place {
  /** Null: one of its own, whose bootstrap will be this peer's writer key. */
  readonly bootstrap: Hex32 | null
  /** Null: it was joined by its bootstrap alone, so only by the names of ruleset 2. */
  readonly channel: string | null
}

const BOOTSTRAP_FILE: StoreFile = 'subnet-bootstrap.hex'
const CHANNEL_FILE: StoreFile = 'subnet-channel'
const CHANNEL_BYTES = 32

/** Flags first, then what an earlier start kept in the store. */
function placeOf({ config, store }: IntercomNode): Place {
  const kept = keptBootstrap(store.file(BOOTSTRAP_FILE))
  const bootstrap = config.subnetBootstrap ?? kept
  const channel = config.subnetChannel ?? keptText(store.file(CHANNEL_FILE))
  return { bootstrap, channel }
}

/** Whether the store has been in another subnet than the one that is asked for. */
function keptElsewhere({ config, store }: IntercomNode): Hex32 | null {
  const kept = keptBootstrap(store.file(BOOTSTRAP_FILE))
  return kept !== null && config.subnetBootstrap !== null && kept !== config.subnetBootstrap ? kept : null
}

/** A store that has taken part in one subnet is not good for another: its log refers to the first. */
export async function checkedPlace(node: IntercomNode): Promise<Place> {
  const elsewhere = keptElsewhere(node)
  if (elsewhere !== null && !(await isUnwritten(node))) {
    throw new IntercomError(
      'subnet_mismatch',
      `This store belongs to the subnet ${elsewhere}, not to ${node.config.subnetBootstrap}.`
    )
  }
  return placeOf(node)
}

async function isUnwritten({ store }: IntercomNode): Promise<boolean> {
  const local = store.corestore.get({ name: 'local' })
  await local.ready()
  try {
    return local.length === 0
  } finally {
    await local.close()
  }
}

/** For the next start, which then needs no flags. */
export function keepPlace({ store }: IntercomNode, bootstrap: Hex32, channel: string | null): void {
  if (keptBootstrap(store.file(BOOTSTRAP_FILE)) !== bootstrap)
    store.writeFile(BOOTSTRAP_FILE, `${bootstrap}\n`)
  if (channel !== null && keptText(store.file(CHANNEL_FILE)) !== channel)
    store.writeFile(CHANNEL_FILE, `${channel}\n`)
}

/** Deployed peers: the name over and over, cut to 32 bytes; the topic as it is. */
export function channelBuffer(channel: string): Uint8Array {
  const name = b4a.from(channel)
  if (name.byteLength === 0) throw new IntercomError('bad_flag', 'Invalid --subnet-channel: it is empty.')
  const buffer = b4a.alloc(CHANNEL_BYTES)
  for (let at = 0; at < CHANNEL_BYTES; at += name.byteLength)
    buffer.set(name.subarray(0, CHANNEL_BYTES - at), at)
  return buffer
}

/** Two subnets with one name, or names that begin alike, never meet by accident (D32). */
export function subnetTopic(bootstrap: Hex32): Uint8Array {
  return blake3(b4a.concat([b4a.from('intercom-subnet-v2'), b4a.from(bootstrap, 'hex')]))
}

/** Under which it is to be found, whatever its ruleset is. */
export function topicsOf({ bootstrap, channel }: Place, writer: Hex32): Uint8Array[] {
  return [subnetTopic(bootstrap ?? writer), ...(channel === null ? [] : [channelBuffer(channel)])]
}

export function subnetProtocol(bootstrap: Hex32): string {
  return `subnet/2/${bootstrap}`
}

/** What a new subnet is called when nobody named it. */
export function newChannel(): string {
  const random = b4a.alloc(16)
  sodium.randombytes_buf(random)
  return `subnet-${toHex(random)}`.slice(0, CHANNEL_BYTES)
}

function keptBootstrap(file: string): Hex32 | null {
  const text = keptText(file)?.toLowerCase() ?? null
  return text !== null && isHex32(text) ? text : null
}

function keptText(file: string): string | null {
  if (!fs.existsSync(file)) return null
  const text = readSmallFile(file).trim()
  return text === '' ? null : text
}
