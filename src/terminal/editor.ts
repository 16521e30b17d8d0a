import { move, remember, searchStep, startSearch } from './history.ts'
import type { Key, KeyName } from './keys.ts'
import {
  cleanInput,
  cutTo,
  type EditorState,
  isArgument,
  isWord,
  left,
  right,
  withLine,
  wordLeft,
  wordRight
} from './line.ts'
import { clusters } from './width.ts'

export type { EditorState } from './line.ts'

/** What the owner of the terminal has to do; `full` says that a part of the input did not fit. */
export type Effect =
  | 'interrupt'
  | 'eof'
  | 'clear'
  | 'suspend'
  | 'full'
  | { readonly submit: string }
  | { readonly list: readonly string[] }

export interface Edit {
  readonly state: EditorState
  readonly effects: readonly Effect[]
}

/** What could stand at the cursor, in place of the text from `start` up to it. */
export interface Completion {
  readonly start: number
  readonly candidates: readonly string[]
}

export interface EditorOptions {
  complete: (text: string, cursor: number) => Completion
  /** Lines kept. */
  historyLimit?: number
  /** UTF-16 units of a line. */
  lineLimit?: number
}

export interface Editor {
  /** An empty line, with the history of earlier. */
  start(history?: Iterable<string>): EditorState
  edit(state: EditorState, key: Key): Edit
}

export const HISTORY_LIMIT = 500
export const LINE_LIMIT = 64 * 1024

/** A command gets the state with `last` already cleared, and what it was. */
type Command = (state: EditorState, last: EditorState['last']) => EditorState | Edit

export function createEditor(options: EditorOptions): Editor {
  const { historyLimit = HISTORY_LIMIT, lineLimit = LINE_LIMIT } = options

  const insert = (state: EditorState, text: string, start = state.cursor): Edit => {
    const tail = state.text.slice(state.cursor)
    const fits = cutTo(text, Math.max(0, lineLimit - start - tail.length))
    const next = withLine(state, state.text.slice(0, start) + fits + tail, start + fits.length)
    return { state: next, effects: fits.length < text.length ? ['full'] : [] }
  }

  const complete: Command = (state, last) => {
    const { text, cursor } = state
    const { start, candidates } = options.complete(text, cursor)
    const words = [...new Set(candidates.map(cleanInput))]
    const [only = ''] = words
    if (start < 0 || start > cursor || words.length === 0) return state
    if (words.length === 1) {
      const space = only.endsWith('=') || text.startsWith(' ', cursor) ? '' : ' '
      return insert(state, only + space, start)
    }
    const common = commonPrefix(words)
    const grown = common.length > cursor - start ? insert(state, common, start) : null
    return {
      state: { ...(grown?.state ?? state), last: 'complete' },
      effects: grown?.effects ?? (last === 'complete' ? [{ list: words }] : [])
    }
  }

  const submit: Command = (state) => ({
    state: emptied({ ...state, history: remember(state.history, state.text, historyLimit) }),
    effects: [{ submit: state.text }]
  })

  const commands: Readonly<Partial<Record<KeyName, Command>>> = {
    ...COMMANDS,
    enter: submit,
    tab: complete,
    'ctrl-y': (state) => insert(state, state.killed)
  }

  return {
    start(history = []) {
      let kept: readonly string[] = []
      for (const line of history) {
        const text = cleanInput(line)
        if (text.length <= lineLimit) kept = remember(kept, text, historyLimit)
      }
      return { ...EMPTY, history: kept, historyIndex: kept.length }
    },

    edit(before, key) {
      if (before.search !== null) {
        const found = searchStep(before, key.name, 'text' in key ? key.text : '')
        if (found !== null) return { state: found, effects: [] }
      }
      const state = { ...before, last: null, search: null }
      if ('text' in key) return insert(state, cleanInput(key.text))
      const command = commands[key.name]
      const result = command?.(state, before.last) ?? state
      return 'effects' in result ? result : { state: result, effects: [] }
    }
  }
}

const EMPTY: EditorState = {
  text: '',
  cursor: 0,
  history: [],
  historyIndex: 0,
  draft: '',
  killed: '',
  last: null,
  search: null
}

const to =
  (place: (state: EditorState) => number): Command =>
  (state) => ({ ...state, cursor: place(state) })

/** Removes the text between the cursor and that place; what is killed, unlike deleted, can be put back. */
const remove =
  (place: (state: EditorState) => number, kill: boolean): Command =>
  (state, last) => {
    const other = place(state)
    const from = Math.min(other, state.cursor)
    const until = Math.max(other, state.cursor)
    const cut = state.text.slice(from, until)
    if (cut === '') return { ...state, last }
    const next = withLine(state, state.text.slice(0, from) + state.text.slice(until), from)
    if (!kill) return next
    const earlier = last === 'kill' ? state.killed : ''
    return { ...next, killed: other < state.cursor ? cut + earlier : earlier + cut, last: 'kill' }
  }

const wordStart = (state: EditorState): number => wordLeft(state, isWord)
const wordEnd = (state: EditorState): number => wordRight(state, isWord)
const effect =
  (name: Effect): Command =>
  (state) => ({ state, effects: [name] })
const older: Command = (state) => move(state, -1)
const newer: Command = (state) => move(state, 1)
const toStart = to(() => 0)
const toEnd = to((state) => state.text.length)
const deleteRight = remove(right, false)
const killWord = remove(wordEnd, true)

const COMMANDS: Readonly<Partial<Record<KeyName, Command>>> = {
  left: to(left),
  right: to(right),
  home: toStart,
  end: toEnd,
  up: older,
  down: newer,
  'ctrl-left': to(wordStart),
  'ctrl-right': to(wordEnd),
  'ctrl-home': toStart,
  'ctrl-end': toEnd,
  'ctrl-up': older,
  'ctrl-down': newer,
  'alt-left': to(wordStart),
  'alt-right': to(wordEnd),
  'alt-home': toStart,
  'alt-end': toEnd,
  'alt-up': older,
  'alt-down': newer,
  'alt-b': to(wordStart),
  'alt-f': to(wordEnd),
  'ctrl-a': toStart,
  'ctrl-b': to(left),
  'ctrl-e': toEnd,
  'ctrl-f': to(right),
  'ctrl-n': newer,
  'ctrl-p': older,
  backspace: remove(left, false),
  delete: deleteRight,
  'ctrl-delete': killWord,
  'alt-delete': killWord,
  'alt-d': killWord,
  'alt-backspace': remove(wordStart, true),
  'ctrl-k': remove((state) => state.text.length, true),
  'ctrl-u': remove(() => 0, true),
  'ctrl-w': remove((state) => wordLeft(state, isArgument), true),
  'ctrl-t': transpose,
  'ctrl-r': startSearch,
  'ctrl-l': effect('clear'),
  'ctrl-z': effect('suspend'),
  'ctrl-c': (state) =>
    state.text === '' ? { state: emptied(state), effects: ['interrupt'] } : emptied(state),
  'ctrl-d': (state, last) => (state.text === '' ? { state, effects: ['eof'] } : deleteRight(state, last))
}

function emptied(state: EditorState): EditorState {
  return { ...state, text: '', cursor: 0, historyIndex: state.history.length, draft: '' }
}

/** Swaps the characters on both sides of the cursor; at the end of the line the last two. */
function transpose(state: EditorState): EditorState {
  const until = right(state)
  const middle = until === state.cursor ? left(state) : state.cursor
  const from = left({ ...state, cursor: middle })
  if (from === middle) return state
  const { text } = state
  const swapped = text.slice(middle, until) + text.slice(from, middle)
  return withLine(state, text.slice(0, from) + swapped + text.slice(until), until)
}

function commonPrefix(words: readonly string[]): string {
  const [first = '', ...others] = words
  let common = ''
  for (const cluster of clusters(first)) {
    const longer = common + cluster
    if (!others.every((word) => word.startsWith(longer))) break
    common = longer
  }
  return common
}
