import { blank } from './blank.ts'
import { findKept, type Place, placesOf } from './kept.ts'

/** A place where a contract's source names something that differs between peers. */
export interface Finding {
  readonly name: string
  readonly line: number
}

const NAMES = [
  'Date|setTimeout|setInterval|setImmediate|queueMicrotask|fetch|WebSocket|process|crypto|performance',
  'navigator|Bare|Pear|WeakRef|FinalizationRegistry|Intl|Worker|globalThis|eval|Atomics|SharedArrayBuffer',
  'Temporal|MessageChannel|BroadcastChannel|AbortSignal|localStorage'
].join('|')

// A key of an object is none of these, but what is chosen or made in front of a colon is.
const OUTSIDE = new RegExp(
  `(?<![\\w$.])(?:((?:${NAMES})(?![\\w$]|\\s*\\??:)|(?=(?:${NAMES})\\s*:)(?<=(?:[?=+\\-*%&|<>!]|\\b(?:new|case|typeof|void|await|in|of))\\s*)(?:${NAMES}))|(Math\\s*\\??\\.\\s*random)\\b|(require|import)\\s*\\(|(import\\s*\\.\\s*meta)\\b|(Function)\\s*\\(|new\\s+(Function)\\b)`,
  'g'
)
const TAKEN_APART = /\{[^{}]*\b(random)\b[^{}]*\}\s*=\s*Math\b/g
// These depend on the language of the machine.
const LOCALE = /\.\s*(toLocale\w*|localeCompare)\b/g
// By way of it any text becomes code that nobody has looked at.
const CONSTRUCTOR = /\.\s*(constructor)\b/g
/** The same by a text, which is not there any more in what is searched. */
const INDEXED =
  /(?=\[)(?<=[\w$)\]?.'"`]\s*)\[\s*(['"`])(random|constructor|toLocale\w*|localeCompare)\1\s*\]/g

/** Names what the guard can only catch while it happens, so that it is known when a contract is loaded. */
export function findOutside(source: string): Finding[] {
  const code = blank(source)
  const found: Place[] = findKept(code)
  for (const pattern of [OUTSIDE, TAKEN_APART, LOCALE, CONSTRUCTOR]) {
    for (const { name, at } of placesOf(pattern, code)) found.push({ name: name.replace(/\s+/g, ''), at })
  }
  for (const { 2: name = '', index } of source.matchAll(INDEXED))
    if (code[index] === '[') found.push({ name, at: index })
  found.sort((a, b) => a.at - b.at)
  return found.map(({ name, at }) => ({ name, line: code.slice(0, at).split('\n').length }))
}
