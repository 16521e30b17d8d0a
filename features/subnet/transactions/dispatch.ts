import b4a from 'b4a'
import { safeJsonStringify } from '../../../src/app/json.ts'
import type { Dispatch } from '../../../src/app/payloads.ts'
import type { Protocol } from '../../../src/app/protocol.ts'
import { jsonDepthWithin } from '../../../src/base/depth.ts'
import { IntercomError, messageOf } from '../../../src/base/errors.ts'
import { printable, quoted } from '../../../src/base/text.ts'
import { bytesOf } from './transaction.ts'

const LONGEST_TYPE = 256

/** What the app makes of a command; null when it does not know it. */
export function mapCommand(protocol: Protocol, command: string): Dispatch | null {
  let mapped: unknown
  try {
    mapped = protocol.mapTxCommand(command)
  } catch (error) {
    throw new IntercomError(
      'bad_arguments',
      `The app cannot read this command (${printable(messageOf(error))}).`,
      {
        next: 'Give a command that the app knows.',
        cause: error
      }
    )
  }
  if (mapped === null || mapped === undefined) return null
  if (isDispatch(mapped)) return mapped
  throw new IntercomError('app_broken', 'The app made something of this command that is no transaction.')
}

/** Throws where there is none. */
export function commandDispatch(protocol: Protocol, command: string): Dispatch {
  const dispatch = mapCommand(protocol, command)
  if (dispatch === null)
    throw new IntercomError('tx_unknown_command', `command not found: ${quoted(command)}.`)
  return dispatch
}

/**
 * As it will stand in the log: what is left of it as JSON, which is what is hashed. The sentences are those of
 * deployed peers (spec/subnet 3.3).
 */
export function checkedDispatch(given: unknown, txMaxBytes: number): Dispatch {
  if (typeof given !== 'object' || given === null || Array.isArray(given))
    throw invalid('prepared_command must be an object.')
  const { type, value } = given as Partial<Dispatch>
  if (typeof type !== 'string' || type.length === 0 || type.length > LONGEST_TYPE)
    throw invalid('prepared_command.type must exist and be a string.')
  if (value === undefined) throw invalid('prepared_command.value is missing.')
  const json = safeJsonStringify({ type, value })
  if (json === null || !jsonDepthWithin(b4a.from(json)))
    throw new IntercomError('unserialisable', 'prepared_command is not JSON, or nests too deep.')
  const dispatch: Dispatch = JSON.parse(json)
  if (dispatch.value === undefined) throw invalid('prepared_command.value is missing.')
  if (bytesOf(dispatch) > txMaxBytes) {
    throw new IntercomError('too_large', 'prepared_command too large.', {
      next: `A transaction of this app has at most ${txMaxBytes} bytes.`
    })
  }
  return dispatch
}

function isDispatch(value: unknown): value is Dispatch {
  const { type, value: argument } = (
    typeof value === 'object' && value !== null ? value : {}
  ) as Partial<Dispatch>
  return typeof type === 'string' && argument !== undefined
}

function invalid(sentence: string): IntercomError {
  return new IntercomError('bad_arguments', sentence, {
    next: 'Give an object with the type of the transaction and its value, which may be null.'
  })
}
