/**
 * A small terminal: what a screen writer is believed to do, seen from the other side. It knows the widths
 * of a few characters by itself, so that a wrong table of widths shows.
 */

interface Row {
  /** One entry per cell: a character with its marks, or one of the three below. */
  cells: string[]
  /** The next row goes on with the same line. */
  wrapped: boolean
}

export interface Vt {
  write(text: string): void
  /** Every row from the first one ever written, without the blanks at its end. */
  rows(): string[]
  /** How many of them have left the screen. */
  scrolled(): number
  cursor(): { row: number; column: number; pending: boolean }
  /** Wraps lines anew, as most terminals do. */
  resize(columns: number): void
}

const BLANK = '\u0000'
// Behind a wide character, and at the end of a row where one did not fit any more.
const HALF = ''
const SKIPPED = '\u0001'
const WIDE = /[\u4e00-\u9fff\uac00-\ud7a3\u{1f300}-\u{1faff}]/u
const MARK = /[\u0300-\u036f\u200b]/
// biome-ignore lint/suspicious/noControlCharactersInRegex: what a terminal is told
const TOKEN = /\u001b\[(\d*)([A-Za-z])|[\r\n]|\P{C}|\u200b|(.)/suy

export function createVt(options: { rows: number; columns: number }): Vt {
  const height = options.rows
  let width = options.columns
  let all: Row[] = Array.from({ length: height }, () => blank(width))
  let top = 0
  let row = 0
  let column = 0
  let pending = false

  const rowAt = (index: number): Row => {
    const found = all[top + index]
    if (found === undefined) throw new RangeError(`no row ${index}`)
    return found
  }
  const moveTo = (newRow: number, newColumn: number) => {
    row = Math.max(0, Math.min(height - 1, newRow))
    column = Math.max(0, Math.min(width - 1, newColumn))
    pending = false
  }
  const lineFeed = () => {
    pending = false
    if (row < height - 1) row += 1
    else {
      all.push(blank(width))
      top += 1
    }
  }
  const wrap = () => {
    rowAt(row).wrapped = true
    lineFeed()
    column = 0
  }
  const eraseRow = (index: number, from: number, until = width) => {
    const target = rowAt(index)
    for (let at = from; at < until; at++) put(target.cells, at, BLANK)
    if (until === width) target.wrapped = false
  }
  const print = (char: string) => {
    if (MARK.test(char)) {
      const { cells } = rowAt(row)
      let at = pending ? column : column - 1
      if (cells[at] === HALF) at -= 1
      if (at >= 0) cells[at] += char
      return
    }
    if (pending) wrap()
    const size = WIDE.test(char) ? 2 : 1
    if (column + size > width) {
      put(rowAt(row).cells, column, SKIPPED)
      wrap()
    }
    const { cells } = rowAt(row)
    put(cells, column, char)
    if (size === 2) {
      put(cells, column + 1, BLANK)
      cells[column + 1] = HALF
      cells[column] = char
    }
    column += size
    if (column >= width) {
      column = width - 1
      pending = true
    }
  }
  // What tmux does when everything is erased.
  const scrollAway = () => {
    const used = all.slice(top).findLastIndex((one) => !isBlank(one)) + 1
    for (let count = 0; count < used; count++) all.push(blank(width))
    top += used
  }
  const control = (count: number | null, final: string) => {
    const by = Math.max(1, count ?? 1)
    if (final === 'A') moveTo(row - by, column)
    else if (final === 'B') moveTo(row + by, column)
    else if (final === 'C') moveTo(row, column + by)
    else if (final === 'D') moveTo(row, column - by)
    else if (final === 'G') moveTo(row, by - 1)
    else if (final === 'H' && count === null) moveTo(0, 0)
    else if (final === 'K' && !count) eraseRow(row, column)
    else if (final === 'J' && !count) {
      if (row === 0 && column === 0) scrollAway()
      eraseRow(row, column)
      for (let below = row + 1; below < height; below++) eraseRow(below, 0)
    } else if (final === 'J' && count === 2) {
      for (let at = 0; at < height; at++) eraseRow(at, 0)
    } else if (final !== 'm') throw new Error(`unknown control ${count ?? ''}${final}`)
  }

  return {
    write(text) {
      TOKEN.lastIndex = 0
      for (let match = TOKEN.exec(text); match !== null; match = TOKEN.exec(text)) {
        const [token, count, final, other] = match
        if (other !== undefined) throw new Error(`unknown character U+${other.codePointAt(0)?.toString(16)}`)
        if (final !== undefined) control(count === '' ? null : Number(count), final)
        else if (token === '\r') moveTo(row, 0)
        else if (token === '\n') lineFeed()
        else print(token)
      }
    },
    rows() {
      return all.map(({ cells }) => cells.join('').replaceAll(BLANK, ' ').replaceAll(SKIPPED, ' ').trimEnd())
    },
    scrolled() {
      return top
    },
    cursor() {
      return { row: top + row, column, pending }
    },
    resize(columns) {
      const old = all
      const oldRow = top + row
      const oldColumn = column
      width = columns
      all = []
      let moved = { row: 0, column: 0 }
      for (let at = 0; at < old.length; ) {
        // One line: the rows that flow into each other, and how far the cursor is into it.
        let line: string[] = []
        let cursorAt = -1
        for (let more = true; more; at++) {
          const part = old[at]
          if (at === oldRow)
            cursorAt = line.length + (part?.cells.slice(0, oldColumn).filter(isChar).length ?? 0)
          line = line.concat(part?.cells.filter(isChar) ?? [])
          more = part?.wrapped === true && at + 1 < old.length
        }
        while (line.at(-1) === BLANK && line.length > cursorAt + (cursorAt < 0 ? 1 : 0)) line.pop()
        const into = rewrap(line, columns)
        const cell = into.places[cursorAt]
        if (cell !== undefined) moved = { row: all.length + cell.row, column: cell.column }
        else if (cursorAt >= 0) {
          const last = into.rows.length - 1
          moved = {
            row: all.length + last,
            column: Math.min(columns - 1, into.used + cursorAt - line.length)
          }
        }
        all.push(...into.rows)
      }
      while (all.length > moved.row + 1 && all.length > height && isBlank(all.at(-1))) all.pop()
      while (all.length < height) all.push(blank(columns))
      top = all.length - height
      if (moved.row < top) throw new RangeError('the cursor left the screen')
      moveTo(moved.row - top, moved.column)
    }
  }
}

function blank(columns: number): Row {
  return { cells: Array.from({ length: columns }, () => BLANK), wrapped: false }
}

function isChar(cell: string): boolean {
  return cell !== HALF && cell !== SKIPPED
}

function isBlank(row: Row | undefined): boolean {
  return row?.cells.every((cell) => cell === BLANK) === true
}

/** Writes a cell; the other half of a wide character that stood there goes blank. */
function put(cells: string[], at: number, char: string): void {
  if (cells[at] === HALF && at > 0) cells[at - 1] = BLANK
  if (cells[at + 1] === HALF) cells[at + 1] = BLANK
  cells[at] = char
}

function rewrap(line: readonly string[], columns: number) {
  const rows = [blank(columns)]
  const places: { row: number; column: number }[] = []
  let used = 0
  for (const char of line) {
    const size = WIDE.test(char) ? 2 : 1
    let current = rows.at(-1) ?? blank(columns)
    if (used + size > columns) {
      if (used < columns) current.cells[used] = SKIPPED
      current.wrapped = true
      current = blank(columns)
      rows.push(current)
      used = 0
    }
    places.push({ row: rows.length - 1, column: used })
    current.cells[used] = char
    if (size === 2) current.cells[used + 1] = HALF
    used += size
  }
  return { rows, places, used }
}
