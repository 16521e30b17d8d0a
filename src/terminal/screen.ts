import { printable } from '../base/text.ts'
import { COLOUR, layout, type Unit, unitsOf, viewOf } from './layout.ts'

export interface ScreenOptions {
  write: (text: string) => void
  columns: () => number
  rows?: () => number
}

/** The line being typed at the bottom of a terminal, and the lines that appear above it meanwhile. */
export interface Screen {
  /** Shows the line; `cursor` counts UTF-16 units of `text`. Of a line taller than the screen a part. */
  draw(prompt: string, text: string, cursor: number): void
  /** Writes lines above the line being typed, which stays as it is. */
  above(lines: readonly string[]): void
  /** Takes the line away; nothing is shown until the next `draw`. */
  clear(): void
  /** Leaves the line as typed and goes to a new row. */
  submit(): void
  clearScreen(): void
  resized(): void
}

interface Drawn {
  readonly prompt: string
  readonly text: string
  readonly cursor: number
  readonly columns: number
  readonly units: readonly Unit[]
  /** How many of the units stand before the cursor, and the row it is in. */
  readonly before: number
  readonly row: number
  readonly full: boolean
}

const DEFAULT_COLUMNS = 80
const DEFAULT_ROWS = 24
// Written behind a full row it makes the terminal begin the next one, where the cursor belongs.
const NEXT_ROW: Unit = { out: ' \r', width: 1, index: -1 }
// From the second cell on: erasing from the very first one makes tmux keep the screen in its scrollback.
const ERASE_BELOW = '\r\u001b[K\u001b[C\u001b[J\r'
const ERASE_SCREEN = '\u001b[H\u001b[2J'

export function createScreen(options: ScreenOptions): Screen {
  let drawn: Drawn | null = null
  const columnsNow = () => sizeOr(DEFAULT_COLUMNS, options.columns(), 2)
  const rowsNow = () => sizeOr(DEFAULT_ROWS, options.rows?.() ?? DEFAULT_ROWS, 1)

  const erase = (): string => {
    if (drawn === null) return ''
    const columns = columnsNow()
    let { row } = drawn
    if (columns !== drawn.columns) {
      // Terminals wrap anew what they had wrapped themselves, and take the cursor along.
      const moved = layout(drawn.units, columns)
      row = (moved.cells[drawn.before] ?? moved.end).row
    }
    return up(row) + ERASE_BELOW
  }

  const show = (prompt: string, text: string, cursor: number, height = rowsNow()): string => {
    const columns = columnsNow()
    const view = viewOf(unitsOf(prompt, text), cursor, columns, height)
    const units = view.full ? [...view.units, NEXT_ROW] : view.units
    const { row, column } = view.cursor
    drawn = { prompt, text, cursor, columns, units, before: view.before, row, full: view.full }
    const out = units.map((unit) => unit.out).join('')
    return `${out}\r${up(view.rows - 1 - row)}\u001b[${column + 1}G`
  }

  const redraw = (): string => (drawn === null ? '' : show(drawn.prompt, drawn.text, drawn.cursor))

  return {
    draw(prompt, text, cursor) {
      const start = drawn === null ? ERASE_BELOW : erase()
      options.write(start + show(prompt, text, cursor))
    },

    above(lines) {
      if (lines.length === 0) return
      const rows = lines.flatMap((line) => line.split(/\r?\n/)).map((line) => `${harmless(line)}\r\n`)
      options.write(erase() + rows.join('') + redraw())
    },

    clear() {
      if (drawn === null) return
      options.write(erase())
      drawn = null
    },

    submit() {
      if (drawn === null) return
      const { prompt, text } = drawn
      // Whole even when it is taller than the screen: from now on it may scroll.
      const whole = erase() + show(prompt, text, text.length, Number.POSITIVE_INFINITY)
      options.write(drawn.full ? whole : `${whole}\r\n`)
      drawn = null
    },

    clearScreen() {
      options.write(ERASE_SCREEN + redraw())
    },

    resized() {
      if (drawn !== null) options.write(erase() + redraw())
    }
  }
}

/** A line as it may be written: colours and tabs stay, whatever else would move the cursor is spelled out. */
function harmless(line: string): string {
  return line
    .split(COLOUR)
    .map((part) => (COLOUR.test(part) ? part : part.replace(/(?!\t)\p{Cc}/gu, printable)))
    .join('')
}

function up(rows: number): string {
  return rows > 0 ? `\u001b[${rows}A` : ''
}

function sizeOr(fallback: number, size: number, least: number): number {
  return Number.isInteger(size) && size >= least ? size : fallback
}
