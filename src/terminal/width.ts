/**
 * How text falls into what a person sees as characters, and how many terminal cells each takes. Written
 * out here, and the same on every runtime, because Bare has no `Intl.Segmenter`.
 */

// East Asian wide and fullwidth; emoji that are wide by themselves come from their Unicode property.
const WIDE: readonly (readonly [number, number])[] = [
  [0x1100, 0x115f],
  [0x2329, 0x232a],
  [0x2e80, 0x303e],
  [0x3041, 0x3247],
  [0x3250, 0x4dbf],
  [0x4e00, 0xa4cf],
  [0xa960, 0xa97f],
  [0xac00, 0xd7a3],
  [0xf900, 0xfaff],
  [0xfe10, 0xfe19],
  [0xfe30, 0xfe6f],
  [0xff01, 0xff60],
  [0xffe0, 0xffe6],
  [0x16fe0, 0x1b2ff],
  [0x1f200, 0x1f265],
  [0x20000, 0x3fffd]
]

const ASCII = /^[\x20-\x7e]*$/
const ZWJ = 0x200d
const EMOJI_STYLE = 0xfe0f
const COMBINING = /[\p{Mn}\p{Me}]/u
const INVISIBLE = /[\p{Cc}\p{Default_Ignorable_Code_Point}]/u
// Joiners, skin tones, tags of flags and halfwidth voicing marks attach to what stands before them too.
const EXTENDS = /[\p{Mn}\p{Me}\p{Join_Control}\p{Emoji_Modifier}\u{e0020}-\u{e007f}\uff9e\uff9f]/u
const SPACING = /[\p{Mc}\u0e33\u0eb3]/u
const STANDS_ALONE = /(?!\p{Join_Control}|[\u{e0020}-\u{e007f}])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u
const PICTURE = /\p{Extended_Pictographic}/u
const WIDE_EMOJI = /(?!\p{Regional_Indicator})\p{Emoji_Presentation}/u
const EMOJI = /\p{Emoji}/u

/** The text cut into what is seen as one character each (extended grapheme clusters). */
export function clusters(text: string): string[] {
  if (ASCII.test(text)) return text.split('')
  const out: string[] = []
  let current = ''
  let before = -1
  let flags = 0
  // Whether the cluster so far is a picture that a joiner may continue.
  let picture = false
  for (const char of text) {
    const code = char.codePointAt(0) ?? 0
    const joins =
      current !== '' &&
      (attaches(before, code, char) ||
        (before === ZWJ && picture && PICTURE.test(char)) ||
        (isFlagLetter(before) && isFlagLetter(code) && flags % 2 === 1))
    if (joins) current += char
    else {
      if (current !== '') out.push(current)
      current = char
    }
    flags = isFlagLetter(code) ? flags + 1 : 0
    if (!joins || before === ZWJ || !EXTENDS.test(char)) picture = code > 0xa8 && PICTURE.test(char)
    before = code
  }
  if (current !== '') out.push(current)
  return out
}

/** The number of terminal cells the text takes: 0, 1 or 2 for each of its clusters. */
export function displayWidth(text: string): number {
  if (ASCII.test(text)) return text.length
  let total = 0
  for (const cluster of clusters(text)) total += clusterWidth(cluster)
  return total
}

function clusterWidth(cluster: string): number {
  let width = 0
  let first = true
  for (const char of cluster) {
    const code = char.codePointAt(0) ?? 0
    // What follows a joiner is drawn into the same picture.
    if (code === ZWJ) break
    if (code === EMOJI_STYLE && EMOJI.test(cluster)) width = 2
    else if (first || !isSkinTone(code)) width += charWidth(code, char)
    first = false
  }
  return Math.min(width, 2)
}

function charWidth(code: number, char: string): number {
  if (code >= 0x20 && code < 0x7f) return 1
  if (COMBINING.test(char)) return 0
  if (isWide(code) || WIDE_EMOJI.test(char)) return 2
  const kind = hangul(code)
  return INVISIBLE.test(char) || kind === 'V' || kind === 'T' ? 0 : 1
}

function isWide(code: number): boolean {
  let low = 0
  let high = WIDE.length - 1
  while (low <= high) {
    const middle = (low + high) >> 1
    const [from, to] = WIDE[middle] ?? [0, 0]
    if (code < from) high = middle - 1
    else if (code > to) low = middle + 1
    else return true
  }
  return false
}

function attaches(before: number, code: number, char: string): boolean {
  if (code < 0x300) return false
  if (EXTENDS.test(char) || SPACING.test(char)) return !STANDS_ALONE.test(String.fromCodePoint(before))
  const after = hangul(code)
  if (after === null) return false
  const left = hangul(before)
  if (left === 'L') return after !== 'T'
  if (left === 'V' || left === 'LV') return after === 'V' || after === 'T'
  return (left === 'T' || left === 'LVT') && after === 'T'
}

/** The part of a Hangul syllable: leading consonant, vowel, trailing consonant, or a whole syllable. */
function hangul(code: number): 'L' | 'V' | 'T' | 'LV' | 'LVT' | null {
  if (code < 0x1100 || code > 0xd7fb) return null
  if (code <= 0x11ff) return code <= 0x115f ? 'L' : code <= 0x11a7 ? 'V' : 'T'
  if (code >= 0xa960 && code <= 0xa97c) return 'L'
  if (code >= 0xac00 && code <= 0xd7a3) return (code - 0xac00) % 28 === 0 ? 'LV' : 'LVT'
  if (code >= 0xd7b0 && code <= 0xd7c6) return 'V'
  return code >= 0xd7cb ? 'T' : null
}

function isFlagLetter(code: number): boolean {
  return code >= 0x1f1e6 && code <= 0x1f1ff
}

function isSkinTone(code: number): boolean {
  return code >= 0x1f3fb && code <= 0x1f3ff
}
