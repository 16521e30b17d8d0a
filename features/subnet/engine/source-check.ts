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

const OUTSIDE = new RegExp(
  `(?<![\\w$.])(?:(${NAMES})(?![\\w$]|\\s*:)|(Math\\s*\\.\\s*random)\\b|(require|import)\\s*\\(|(import\\s*\\.\\s*meta)\\b|(Function)\\s*\\(|new\\s+(Function)\\b)`,
  'g'
)
// These depend on the language of the machine.
const LOCALE = /\.\s*(toLocale\w*|localeCompare)\b/g

// By way of it any text becomes code that nobody has looked at.
const CONSTRUCTOR = /\.\s*(constructor)\b|\[\s*['"]\s*(constructor)/g
// What outlives a run is another thing on a peer that was started in between.
const KEPT =
  /^(?:export\s+)?(let|var)\b|^(?:export\s+)?const\s+\w+[^=\n]*=\s*new\s+((?:Weak)?(?:Map|Set))\s*(?:<[^\n]*>)?\(\s*\)/gm

/** Names what the guard can only catch while it happens, so that it is known when a contract is loaded. */
export function findOutside(source: string): Finding[] {
  const code = blank(source)
  const found: { name: string; at: number }[] = []
  for (const pattern of [OUTSIDE, LOCALE, CONSTRUCTOR, KEPT]) {
    for (const match of code.matchAll(pattern)) {
      const name = match.slice(1).find((group) => group !== undefined) as string
      found.push({ name: name.replace(/\s+/g, ''), at: match.index })
    }
  }
  found.sort((a, b) => a.at - b.at)
  return found.map(({ name, at }) => ({ name, line: code.slice(0, at).split('\n').length }))
}

// Comments and texts, but not what a template computes.
const SKIPPED = /\/\/[^\n]*|\/\*[\s\S]*?\*\/|'(?:\\[\s\S]|[^'\\\n])*'|"(?:\\[\s\S]|[^"\\\n])*"/g

/** The source with blanks for what is not code, character for character; the quotes of texts stay. */
export function blank(source: string): string {
  return source.replace(SKIPPED, (text) => {
    const quote = text.startsWith('/') ? '' : (text[0] as string)
    return quote + text.slice(quote.length, text.length - quote.length).replace(/[^\n]/g, ' ') + quote
  })
}
