import { channelName as nameOf } from '../base/channel-name.ts'
import { parseTokenText } from '../base/token-text.ts'
import type { Untrusted } from '../base/untrusted.ts'
import { type ValueType, valueType } from './types.ts'

/** An invite or a welcome as people pass it on. What it says is for the plane to check. */
export function token(what: 'invite' | 'welcome'): ValueType<Untrusted<object>> {
  return valueType<Untrusted<object>>({
    hint: '<json|b64|@file>',
    expects: 'Expected JSON or base64.',
    refusal: `Invalid ${what} (expected JSON or base64).`,
    file: true,
    parse: (text) => parseTokenText(text) ?? undefined,
    show: (value) => JSON.stringify(value)
  })
}

/** The name of one channel: with no list around it, a comma is a character like any other. */
export const channelName = valueType<string>({
  hint: '<name>',
  expects: 'Expected a channel name of 1-128 bytes without control characters.',
  file: false,
  parse: (value) => nameOf(value) ?? undefined,
  show: (value) => value
})
