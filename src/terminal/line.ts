import { clusters } from './width.ts'

/** A line being edited and its place in the history; `cursor` counts UTF-16 units, between two characters. */
export interface EditorState {
  readonly text: string
  readonly cursor: number
  /** Oldest first. */
  readonly history: readonly string[]
  /** Which line of the history is shown; its length while the line is a new one. */
  readonly historyIndex: number
  /** The new line, while an older one is shown. */
  readonly draft: string
  readonly killed: string
  /** What the last key did, where it matters to the next one. */
  readonly last: 'kill' | 'complete' | null
  /** What is being looked for in the history, or null; nothing matches when `text` does not hold it. */
  readonly search: string | null
}

const LINE_BREAKS = /\r\n|[\t\n\v\f\r\u0085\u2028\u2029]/g
// Controls, and what is invisible or turns the order of reading; joiners stay, emoji and scripts need them.
const UNSEEN =
  /[\p{Cc}\p{Cs}\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/gu

/** Text as it may enter the line: one line, nothing that acts or hides. */
export function cleanInput(text: string): string {
  return text.replace(LINE_BREAKS, ' ').replace(UNSEEN, '')
}

/** As much of the text as fits, without half a character. */
export function cutTo(text: string, length: number): string {
  if (text.length <= length) return text
  const half = /[\ud800-\udbff]/.test(text[length - 1] ?? '')
  return text.slice(0, Math.max(0, half ? length - 1 : length))
}

/** The same state with another line, the cursor not inside of a character. */
export function withLine(state: EditorState, text: string, cursor: number): EditorState {
  return { ...state, text, cursor: boundary(text, cursor) }
}

function boundary(text: string, index: number): number {
  if (index <= 0) return 0
  if (index >= text.length) return text.length
  let at = 0
  for (const cluster of clusters(text)) {
    at += cluster.length
    if (at >= index) break
  }
  return at
}

export function left({ text, cursor }: EditorState): number {
  return cursor - (clusters(text.slice(0, cursor)).at(-1)?.length ?? 0)
}

export function right({ text, cursor }: EditorState): number {
  return cursor + (clusters(text.slice(cursor))[0]?.length ?? 0)
}

export type Part = (cluster: string) => boolean
/** Of a word as it is read, and of a word as a shell parts them. */
export const isWord: Part = (cluster) => /^[\p{L}\p{N}_]/u.test(cluster)
export const isArgument: Part = (cluster) => !/^\s/.test(cluster)

export function wordLeft({ text, cursor }: EditorState, isPart: Part): number {
  return cursor - pastWord(clusters(text.slice(0, cursor)).reverse(), isPart)
}

export function wordRight({ text, cursor }: EditorState, isPart: Part): number {
  return cursor + pastWord(clusters(text.slice(cursor)), isPart)
}

function pastWord(parts: readonly string[], isPart: Part): number {
  let length = 0
  let inside = false
  for (const part of parts) {
    if (isPart(part)) inside = true
    else if (inside) break
    length += part.length
  }
  return length
}
