import { IntercomError, messageOf, systemCode } from '../../../src/base/errors.ts'
import { diskFault } from '../../../src/store/disk-fault.ts'
import type { PeerStore } from '../../../src/store/peer-store.ts'

/** Why a subnet has stopped here. */
export interface Failure {
  /** For people. */
  readonly reason: string
  /** What whoever asks something of it gets. */
  readonly error: IntercomError
}

export function stopped(reason: string, options: { next?: string; cause?: unknown } = {}): Failure {
  return {
    reason,
    error: new IntercomError('subnet_interrupted', `The subnet has stopped here: ${reason}`, options)
  }
}

/** As far as it can be found out: the database does not always say why it did not write. */
export function failureOf(cause: unknown, store: PeerStore): Failure {
  const fault = diskFault(cause) ?? store.fault()
  return fault === null ? stopped(messageOf(cause), { cause }) : unwritable(fault, cause)
}

/** Null where something else is the matter than a disk that did not take what was written. */
export function unwritten(error: unknown): Failure | null {
  const fault = diskFault(error)
  return fault === null ? null : unwritable(fault, error)
}

function unwritable(fault: string, cause: unknown): Failure {
  const reason = `The store cannot be written (${fault}).`
  const next = 'Make room on the disk of the store, and start the node again: the subnet has stopped here.'
  return { reason, error: new IntercomError('store_unwritable', reason, { next, cause }) }
}

/** For what was being written when it stopped: it may have got there, or not. */
export function uncertain({ error }: Failure): IntercomError {
  const message = `${error.message} Whether this was still written shows after the next start.`
  return new IntercomError(error.code, message, { next: error.next, cause: error })
}

/** What fails because the log was closed under it fails for the reason of that, where there is one. */
export async function explained<T>(work: Promise<T>, why: () => IntercomError | null): Promise<T> {
  try {
    return await work
  } catch (error) {
    throw error instanceof IntercomError ? error : (why() ?? error)
  }
}

/** What keeps the subnet from being opened. */
export function openingFailure(error: unknown, store: PeerStore): IntercomError {
  if (error instanceof IntercomError) return error
  const fault = diskFault(error) ?? store.fault()
  if (fault !== null) return unwritable(fault, error).error
  return new IntercomError(
    'store_broken',
    `The subnet in the store cannot be opened (${messageOf(error)}).`,
    {
      cause: error
    }
  )
}

/** A read of the view, where each block is waited for no longer than is of use. */
export async function whenHere<T>(read: Promise<T>): Promise<T> {
  try {
    return await read
  } catch (error) {
    throw systemCode(error) === 'REQUEST_TIMEOUT' ? notHere(error) : error
  }
}

/** Any other read, which would wait for neighbours for ever. */
export async function bounded<T>(read: Promise<T>, milliseconds: number): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | null = null
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(notHere()), milliseconds)
  })
  try {
    return await Promise.race([read, late])
  } finally {
    if (timer !== null) clearTimeout(timer)
  }
}

/** Null where it is not here, and would have to come from a neighbour. */
export async function hereOrNull<T>(read: Promise<T>): Promise<T | null> {
  try {
    return await read
  } catch (error) {
    if (systemCode(error) !== 'BLOCK_NOT_AVAILABLE') throw error
    return null
  }
}

function notHere(cause?: unknown): IntercomError {
  return new IntercomError('timed_out', 'A part of the state is not here, and no neighbour has sent it.', {
    next: 'Wait until a peer of the subnet is connected (/stats), then try again.',
    cause
  })
}
