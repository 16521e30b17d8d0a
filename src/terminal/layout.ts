import { clusters, displayWidth } from './width.ts'

/** A piece of output that is never parted: one character, or a colour of the prompt, which takes no cell. */
export interface Unit {
  readonly out: string
  readonly width: number
  /** Where it begins in the text, in UTF-16 units; -1 in the prompt. */
  readonly index: number
}

export interface Cell {
  readonly row: number
  readonly column: number
}

export interface Layout {
  /** Where each unit begins. */
  readonly cells: readonly Cell[]
  /** Behind the last unit; its column may be one past the row. */
  readonly end: Cell
}

/** The part of a line that the screen shows. */
export interface View {
  readonly units: readonly Unit[]
  /** How many of the units stand before the cursor. */
  readonly before: number
  readonly cursor: Cell
  readonly rows: number
  /** The text ends at the end of a row, so that what follows it begins on the next one. */
  readonly full: boolean
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: it is what colours begin with
export const COLOUR = /(\u001b\[[\d;:]*m)/

/** The prompt and the text; controls, which would move the terminal's cursor, are shown as one cell. */
export function unitsOf(prompt: string, text: string): Unit[] {
  const units: Unit[] = []
  for (const part of prompt.split(COLOUR)) {
    if (COLOUR.test(part)) units.push({ out: part, width: 0, index: -1 })
    else for (const cluster of clusters(part)) units.push(unit(cluster, -1))
  }
  let index = 0
  for (const cluster of clusters(text)) {
    units.push(unit(cluster, index))
    index += cluster.length
  }
  return units
}

function unit(cluster: string, index: number): Unit {
  if (/\p{Cc}/u.test(cluster)) return { out: '\ufffd', width: 1, index }
  return { out: cluster, width: displayWidth(cluster), index }
}

/** Where a terminal puts the units: what does not fit on a row goes to the next one as a whole. */
export function layout(units: readonly Unit[], columns: number): Layout {
  const cells: Cell[] = []
  let row = 0
  let column = 0
  for (const { width } of units) {
    if (column + width > columns) {
      row += 1
      column = 0
    }
    cells.push({ row, column })
    column += width
  }
  return { cells, end: { row, column } }
}

/** The last rows that fit on the screen, or those from the cursor on when it stands further up. */
export function viewOf(units: readonly Unit[], cursor: number, columns: number, height: number): View {
  const { cells, end } = layout(units, columns)
  const full = end.column >= columns
  const rows = end.row + (full ? 2 : 1)
  const found = units.findIndex(({ index, width }) => index >= cursor && width > 0)
  const at = cells[found] ?? (full ? { row: end.row + 1, column: 0 } : end)
  const top = Math.min(Math.max(0, rows - height), at.row)
  const bottom = Math.min(rows, top + height)
  const isShown = (_: Unit, index: number) => {
    const row = cells[index]?.row ?? 0
    return row >= top && row < bottom
  }
  const shown = units.filter(isShown)
  const before = found < 0 ? shown.length : units.slice(0, found).filter(isShown).length
  return {
    units: shown,
    before,
    cursor: { row: at.row - top, column: at.column },
    rows: bottom - top,
    full: full && bottom === rows
  }
}
