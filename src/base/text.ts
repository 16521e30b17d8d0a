/**
 * The border between text that others wrote and a terminal or a log: what passes here cannot move the
 * cursor, set colours, ring a bell, reorder what is read or start a new line.
 */

// C0 and C1 controls, zero-width and bidirectional controls, line separators, lone surrogates.
const UNPRINTABLE =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g

const SHORT: Record<string, string> = { '\n': '\\n', '\r': '\\r', '\t': '\\t', '\u001b': '\\e' }

/** One line of plain, visible text. */
export function printable(text: string): string {
  return text.replace(
    UNPRINTABLE,
    (char) => SHORT[char] ?? `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`
  )
}

/** A value as it is quoted in an error: one line, bounded. */
export function quoted(value: string, limit = 80): string {
  const text = printable(value)
  return text.length <= limit ? `"${text}"` : `"${text.slice(0, limit)}…"`
}

/** The candidates closest to `word`, best first; none when nothing is near. */
export function nearest(word: string, candidates: Iterable<string>, most = 3): string[] {
  const lower = word.toLowerCase().slice(0, 64)
  const scored: { name: string; distance: number }[] = []
  const begun: string[] = []
  for (const name of candidates) {
    if (name.length >= 2 && lower.startsWith(name)) begun.push(name)
    const distance = name.startsWith(lower) && lower.length >= 3 ? 1 : editDistance(lower, name.toLowerCase())
    if (distance <= Math.max(1, Math.floor(Math.min(lower.length, name.length) / 3)))
      scored.push({ name, distance })
  }
  // A name with something more behind it is meant only where nothing else is near.
  if (scored.length === 0) return begun.sort((a, b) => b.length - a.length).slice(0, 1)
  scored.sort((a, b) => a.distance - b.distance || (a.name < b.name ? -1 : 1))
  const best = scored[0]?.distance ?? 0
  const close = scored.filter((entry) => entry.distance <= best + 1)
  return close.slice(0, most).map((entry) => entry.name)
}

/** Edits between two words; swapping two neighbouring letters counts as one. */
function editDistance(a: string, b: string): number {
  let before: number[] = []
  let row = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1]
      let best = Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, (row[j - 1] ?? 0) + (same ? 0 : 1))
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        best = Math.min(best, (before[j - 2] ?? 0) + 1)
      next.push(best)
    }
    before = row
    row = next
  }
  return row[b.length] ?? 0
}
