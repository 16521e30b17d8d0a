import { cleanInput, cutTo, type EditorState, withLine } from './line.ts'
import { clusters } from './width.ts'

const MAX_QUERY = 256

/** The history with one more line, unless the line is blank, a repetition, or kept out by a leading space. */
export function remember(history: readonly string[], line: string, limit: number): readonly string[] {
  if (line.trim() === '' || line.startsWith(' ') || history.at(-1) === line) return history
  return [...history, line].slice(-limit)
}

/** Shows the line `step` further in the history; past its end the draft, as it was left. */
export function move(state: EditorState, step: 1 | -1): EditorState {
  const { history, historyIndex } = state
  const index = historyIndex + step
  if (index < 0 || index > history.length) return state
  const draft = historyIndex === history.length ? state.text : state.draft
  const text = history[index] ?? draft
  return { ...withLine(state, text, text.length), historyIndex: index, draft }
}

export function startSearch(state: EditorState): EditorState {
  const draft = state.historyIndex === state.history.length ? state.text : state.draft
  return { ...state, draft, search: '' }
}

/** What a key does while the history is searched: another state, or null when the key ends the search. */
export function searchStep(state: EditorState, name: string, typed: string): EditorState | null {
  const query = state.search ?? ''
  switch (name) {
    case 'text':
    case 'paste':
      return find(state, cutTo(query + cleanInput(typed), MAX_QUERY), state.historyIndex)
    case 'ctrl-r':
      return query === '' ? state : find(state, query, state.historyIndex - 1)
    case 'backspace':
      return find(state, clusters(query).slice(0, -1).join(''), state.history.length)
    case 'escape':
    case 'ctrl-c':
    case 'ctrl-g':
      return { ...withDraft(state), search: null }
    default:
      return null
  }
}

function find(state: EditorState, query: string, from: number): EditorState {
  if (query === '') return { ...withDraft(state), search: query }
  const index = from < 0 ? -1 : state.history.findLastIndex((line, at) => at <= from && line.includes(query))
  const text = state.history[index]
  if (text === undefined) return { ...state, search: query }
  return { ...withLine(state, text, text.indexOf(query)), historyIndex: index, search: query }
}

function withDraft(state: EditorState): EditorState {
  return { ...withLine(state, state.draft, state.draft.length), historyIndex: state.history.length }
}
