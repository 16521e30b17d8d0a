import { channelName as nameOf } from '../base/channel-name.ts'
import { parseTokenText, tokenText } from '../base/token-text.ts'
import type { Untrusted } from '../base/untrusted.ts'
import { isObject, type ReadFile, type ValueType, valueType } from './types.ts'

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

/** One token, or several: base64 and `@file`s separated by commas, in JSON an array. */
export function tokens(what: 'invite' | 'welcome'): ValueType<readonly Untrusted<object>[]> {
  const item = token(what)
  const collect = (values: readonly unknown[], readFile: ReadFile) => {
    const found = values.map((value) =>
      isObject(value) ? (value as Untrusted<object>) : item.fromJson(value, readFile)
    )
    return found.length > 0 && found.every((each) => each !== undefined) ? found : undefined
  }
  return valueType<readonly Untrusted<object>[]>(
    {
      hint: '<json|b64|@file,…>',
      expects: 'Expected JSON or base64, or several of base64 or @file separated by commas.',
      file: false,
      parse(text, readFile) {
        const written = text.trim()
        return collect(written.startsWith('{') ? [written] : written.split(','), readFile)
      },
      show: (values) => values.map(tokenText).join(',')
    },
    (value, readFile) => collect(Array.isArray(value) ? value : [value], readFile)
  )
}
