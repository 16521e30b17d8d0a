/**
 * Words of a command line as deployed protocols split them (spec/subnet 3.2): blanks separate, "…" takes
 * backslash escapes, '…' takes none, and \x outside is x. A quote nobody closed ends with the line.
 */
export function splitWords(line: string): string[] {
  const words: string[] = []
  let word: string | null = null
  let quote: string | null = null
  for (let i = 0; i < line.length; i++) {
    const char = line[i] as string
    if (char === '\\' && quote !== "'" && i + 1 < line.length) word = (word ?? '') + line[++i]
    else if (char === quote) quote = null
    else if (quote !== null) word += char
    else if (char === '"' || char === "'") {
      quote = char
      word ??= ''
    } else if (/\s/.test(char)) {
      if (word !== null) words.push(word)
      word = null
    } else word = (word ?? '') + char
  }
  if (word !== null) words.push(word)
  return words
}

/**
 * `/cmd --a 1 --b "x y"` as `{ a: '1', b: 'x y' }`. `--k=v` is a name and its value, and a flag that another
 * one follows has none: null.
 */
export function parseArgs(line: unknown): Record<string, string | null> {
  const words = splitWords(String(line)).slice(1)
  const args: [string, string | null][] = []
  for (let i = 0; i < words.length; i++) {
    const word = words[i] as string
    const equals = word.startsWith('--') ? word.indexOf('=') : -1
    const name = word.replace(/^--/, '')
    if (equals > 2) args.push([word.slice(2, equals), word.slice(equals + 1)])
    else if (i + 1 < words.length && !(words[i + 1] as string).startsWith('--')) {
      args.push([name, words[++i] as string])
    } else args.push([name, null])
  }
  // A name such as `__proto__` is a name like any other.
  return Object.fromEntries(args)
}
