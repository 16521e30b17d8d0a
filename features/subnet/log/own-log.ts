import type Autobase from 'autobase'
import b4a from 'b4a'
import type { Core } from 'corestore'
import fs from '#fs'
import { IntercomError, messageOf } from '../../../src/base/errors.ts'
import { type Hex32, hex32 } from '../../../src/base/hex.ts'
import type { Log } from '../../../src/base/log.ts'
import { readSmallFile } from '../../../src/base/small-file.ts'
import { quoted } from '../../../src/base/text.ts'
import type { PeerStore, StoreFile } from '../../../src/store/peer-store.ts'
import { applyTailAgain } from './base.ts'
import { type Failure, stopped } from './failures.ts'

const FILE: StoreFile = 'subnet-written'
const MARK = /^([0-9a-f]{64}) (\d+) (open|shut)\n$/
/** Always as many bytes, so that it can be replaced in place, even on a disk that is full. */
const LENGTH_DIGITS = 16

export interface OwnLogOptions {
  readonly store: PeerStore
  readonly log: Log
  /** How long neighbours are waited for that have what is missing. */
  readonly patience: number
  /** Makes neighbours find this peer. */
  readonly meet: (writer: Hex32) => void
}

interface Mark {
  readonly writer: Hex32
  readonly length: number
  /** The run that wrote it came to its end in order. */
  readonly closed: boolean
}

/**
 * This peer's own log, and how far it had come, noted beside the database: one that was damaged, or lost the last
 * writes when the machine went down, opens with less and says nothing. Whoever writes on from there makes two logs of
 * one, and the others follow neither.
 */
export class OwnLog {
  readonly #options: OwnLogOptions
  #fd: number | null = null
  /** Before this run wrote to it. */
  #lengthBefore = 0
  #noted: Mark | null = null
  #complained = false

  constructor(options: OwnLogOptions) {
    this.#options = options
  }

  /** Before anything else is done with the log: it is as long as it was, or made so, or the error says what to do. */
  async restore(): Promise<void> {
    const { store, log, patience } = this.#options
    const mark = this.#read()
    const core = store.corestore.get({ name: 'local' })
    await core.ready()
    try {
      if (mark !== null && mark.writer !== hex32(core.key)) throw this.#lost(mark)
      if (mayBeTorn(core, mark)) await applyTailAgain(core)
      if (mark === null) return
      if (!(await isWhole(core, mark.length))) {
        log.warn('the database has lost a part of the log of this peer; asking neighbours for it', {
          has: core.length,
          had: mark.length
        })
        if (!(await this.#bringBack(core, mark.length))) throw this.#behind(core, mark, patience)
        log.info('the log of this peer is whole again', { length: core.length })
      }
      // Now, since the next batch may be written, and torn, as soon as there is a base.
      this.#note({ ...mark, closed: false })
    } finally {
      this.#lengthBefore = core.length
      await core.close()
    }
  }

  /** Notes from now on how far it comes. `ongrown`: it grew, and not from here. */
  watch(base: Autobase, ongrown: () => void): void {
    const { local } = base
    const note = () => this.#note({ writer: hex32(local.key), length: local.length, closed: false })
    note()
    local.on('append', () => {
      note()
      const written = base._appended + (base._appending?.length ?? 0)
      if (local.length > this.#lengthBefore + written) ongrown()
    })
  }

  /** `inOrder`: the database has all of it, and in one piece. */
  close(inOrder: boolean): void {
    if (inOrder && this.#noted !== null) this.#note({ ...this.#noted, closed: true })
    if (this.#fd !== null) fs.closeSync(this.#fd)
    this.#fd = null
  }

  async #bringBack(core: Core, length: number): Promise<boolean> {
    this.#options.meet(hex32(core.key))
    const range = core.download({ start: 0, end: length })
    let timer: ReturnType<typeof setTimeout> | null = null
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, this.#options.patience)
    })
    try {
      await Promise.race([range.done(), late])
      return await isWhole(core, length)
    } finally {
      if (timer !== null) clearTimeout(timer)
      range.destroy()
    }
  }

  #read(): Mark | null {
    const file = this.#options.store.file(FILE)
    if (!fs.existsSync(file)) return null
    const [, writer = '', length, state] = MARK.exec(readSmallFile(file)) ?? []
    if (writer === '') return null
    return {
      writer: hex32(b4a.from(writer, 'hex')),
      length: Number(length),
      closed: state === 'shut'
    }
  }

  /** In place and not synced: it is done for each batch, and must be as lasting as the batch, no more. */
  #note(mark: Mark): void {
    const { writer, length, closed } = mark
    if (length === 0) return
    this.#noted = mark
    try {
      this.#fd ??= openForWriting(this.#options.store.file(FILE))
      const digits = String(length).padStart(LENGTH_DIGITS, '0')
      const text = b4a.from(`${writer} ${digits} ${closed ? 'shut' : 'open'}\n`)
      fs.writeSync(this.#fd, text, 0, text.byteLength, 0)
    } catch (error) {
      if (!this.#complained)
        this.#options.log.warn('cannot note how far the log has come', { error: messageOf(error) })
      this.#complained = true
    }
  }

  #behind(core: Core, { length }: Mark, patience: number): IntercomError {
    const { store } = this.#options
    return new IntercomError(
      'store_broken',
      `The database has lost a part of what this peer wrote to its subnet: ${core.length} of ${length} entries are there, and within ${Math.round(patience / 1000)} s no neighbour gave the rest.`,
      {
        next: `Start it again while another peer of the subnet is online. If none has the rest, remove ${quoted(store.file(FILE))}: what is lost is lost then. --subnet 0 starts without the subnet.`
      }
    )
  }

  #lost({ writer, length }: Mark): IntercomError {
    const { store } = this.#options
    return new IntercomError(
      'store_broken',
      `The database in ${quoted(store.folder)} is another one, or was emptied: it has not the log of the writer ${writer} (${length} entries).`,
      {
        next: `Put the right one back. To go on as a new writer, which the admin has to add, remove ${quoted(store.file(FILE))}. --subnet 0 starts without the subnet.`
      }
    )
  }
}

/** Autobase cannot take in a log of its own that it did not write, and would try for ever. */
export function ownLogBehind(): Failure {
  return stopped('neighbours have more of the log of this peer than its database had. Start the node again.')
}

export function ownLogSplit(): Failure {
  return stopped(
    'the log of this peer was split in two, as by a copy of its store; nobody follows it any more.',
    {
      next: 'Start a new store with a copy of db/keypair.json, and have its writer key added to the subnet.'
    }
  )
}

/**
 * A run that was killed, or lost its last writes, may have stopped in the midst of a batch. Nobody knows where the
 * mark is missing: it was removed, or could never be written. Whoever has written nothing is no indexer, and writes a
 * batch in one piece.
 */
function mayBeTorn({ length }: Core, mark: Mark | null): boolean {
  return mark === null ? length > 0 : !mark.closed || length < mark.length
}

async function isWhole(core: Core, length: number): Promise<boolean> {
  return core.length >= length && (await core.has(0, core.length))
}

function openForWriting(file: string): number {
  return fs.openSync(file, fs.existsSync(file) ? 'r+' : 'w', 0o600)
}
