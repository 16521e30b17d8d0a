import test from 'brittle'
import fc from 'fast-check'
import { createScreen, type Screen } from '../../../src/terminal/screen.ts'
import { createVt, type Vt } from '../../helpers/vt.ts'

interface Terminal {
  vt: Vt
  screen: Screen
  size: { rows: number; columns: number }
}

function open(rows: number, columns: number): Terminal {
  const size = { rows, columns }
  const vt = createVt(size)
  const screen = createScreen({
    write: (text) => vt.write(text),
    columns: () => size.columns,
    rows: () => size.rows
  })
  return { vt, screen, size }
}

/** The rows down to the last one with something on it, or with the cursor. */
function shown(vt: Vt): string[] {
  const rows = vt.rows()
  while (rows.length > vt.cursor().row + 1 && rows.at(-1) === '') rows.pop()
  return rows
}

const at = (vt: Vt): [number, number] => [vt.cursor().row, vt.cursor().column]

test('draws the prompt and the text, the cursor where it belongs', (t) => {
  const { vt, screen } = open(5, 20)
  screen.draw('> ', 'hello', 5)
  t.alike(shown(vt), ['> hello'])
  t.alike(at(vt), [0, 7])
  screen.draw('> ', 'hello', 2)
  t.alike(at(vt), [0, 4])
  screen.draw('> ', 'h漢e\u0301', 4)
  t.alike(shown(vt), ['> h漢e\u0301'])
  t.alike(at(vt), [0, 6])
  screen.draw('> ', 'h漢e\u0301', 2)
  t.alike(at(vt), [0, 5])
})

test('a row that is exactly full puts the cursor on the next one', (t) => {
  const { vt, screen } = open(5, 6)
  screen.draw('> ', 'abcd', 4)
  t.alike(shown(vt), ['> abcd', ''])
  t.alike(vt.cursor(), { row: 1, column: 0, pending: false })
  screen.draw('> ', 'abcde', 5)
  t.alike(shown(vt), ['> abcd', 'e'])
  screen.draw('> ', 'abc', 3)
  t.alike(shown(vt), ['> abc'])
  screen.draw('> ', 'abcd', 3)
  t.alike(at(vt), [0, 5])
})

test('a wide character that does not fit goes to the next row', (t) => {
  const { vt, screen } = open(5, 6)
  screen.draw('> ', 'abc漢', 4)
  t.alike(shown(vt), ['> abc', '漢'])
  t.alike(at(vt), [1, 2])
  screen.draw('> ', 'abc漢', 3)
  t.alike(at(vt), [1, 0])
})

test('what takes no cell does not hold the cursor', (t) => {
  const { vt, screen } = open(5, 6)
  screen.draw('> ', 'abcd\u200be', 4)
  t.alike(shown(vt), ['> abcd\u200b', 'e'])
  t.alike(at(vt), [1, 0])
})

test('lines appear above what is being typed', (t) => {
  const { vt, screen } = open(4, 10)
  screen.draw('> ', 'a longer text', 3)
  screen.above(['one', 'exactly 10', ''])
  t.alike(shown(vt), ['one', 'exactly 10', '', '> a longer', ' text'])
  t.alike(at(vt), [3, 5])
  screen.above(['two\nthree'])
  t.alike(shown(vt), ['one', 'exactly 10', '', 'two', 'three', '> a longer', ' text'])
})

test('before anything is drawn lines are written alone', (t) => {
  const { vt, screen } = open(4, 10)
  screen.above(['one'])
  screen.submit()
  screen.clear()
  screen.resized()
  t.alike(shown(vt), ['one', ''])
  screen.draw('> ', 'x', 1)
  screen.clear()
  screen.above(['two'])
  t.alike(shown(vt), ['one', 'two', ''])
})

test('what a line says cannot act on the terminal', (t) => {
  const written: string[] = []
  const screen = createScreen({ write: (text) => written.push(text), columns: () => 80 })
  screen.above(['\u001b[31mred\u001b[0m\ttab \u001b[2J\u0007\u009b1A\rback'])
  t.alike(written, ['\u001b[31mred\u001b[0m\ttab \\e[2J\\u0007\\u009b1A\\rback\r\n'])
  const { vt, screen: real } = open(4, 20)
  real.draw('\u001b[1m> \u001b[0m', 'a\u001b[2Jb', 6)
  t.alike(shown(vt), ['> a\ufffd[2Jb'])
  t.alike(at(vt), [0, 8], 'colours of the prompt take no room')
})

test('submitting leaves the line and goes to a new row', (t) => {
  const { vt, screen } = open(4, 6)
  screen.draw('> ', 'ab', 0)
  screen.submit()
  screen.draw('> ', 'abcd', 1)
  screen.submit()
  screen.draw('> ', 'abcdef', 2)
  screen.submit()
  t.alike(shown(vt), ['> ab', '> abcd', '> abcd', 'ef', ''])
  t.is(vt.cursor().column, 0)
})

test('clearing the screen keeps the line being typed', (t) => {
  const { vt, screen } = open(4, 10)
  screen.above(['one', 'two'])
  screen.draw('> ', 'abc', 1)
  screen.clearScreen()
  t.alike(shown(vt), ['> abc'])
  t.alike(at(vt), [0, 3])
})

test('a text taller than the screen shows its end, or what the cursor is in', (t) => {
  const { vt, screen } = open(3, 4)
  screen.above(['one', 'two'])
  screen.draw('> ', 'aabbbbccccddddee', 16)
  t.alike(shown(vt), ['one', 'two', 'cccc', 'dddd', 'ee'])
  screen.draw('> ', 'aabbbbccccddddee', 0)
  t.alike(shown(vt), ['one', 'two', '> aa', 'bbbb', 'cccc'])
  t.alike(at(vt), [2, 2])
  screen.submit()
  t.alike(shown(vt), ['one', 'two', '> aa', 'bbbb', 'cccc', 'dddd', 'ee', ''], 'once submitted it may scroll')
})

test('sizes that cannot be are taken as 80 columns', (t) => {
  for (const columns of [0, 1, Number.NaN, Number.POSITIVE_INFINITY, -5]) {
    const vt = createVt({ rows: 3, columns: 80 })
    const screen = createScreen({
      write: (text) => vt.write(text),
      columns: () => columns,
      rows: () => 3
    })
    screen.draw('> ', 'x'.repeat(90), 90)
    t.alike(at(vt), [1, 12])
  }
})

// One column each but for 漢 and 😀, written down once more so that a wrong width shows.
const CHARS = ['a', 'b', ' ', '-', 'e\u0301', '漢', '😀']
const widthOf = (char: string): number => (char === '漢' || char === '😀' ? 2 : 1)

function wrap(chars: readonly string[], columns: number): string[][] {
  const rows: string[][] = [[]]
  let used = 0
  for (const char of chars) {
    if (used + widthOf(char) > columns) {
      rows.push([])
      used = 0
    }
    rows.at(-1)?.push(char)
    used += widthOf(char)
  }
  return rows
}

const width = (row: readonly string[]): number => row.reduce((sum, char) => sum + widthOf(char), 0)
const rowsOf = (rows: readonly string[][]): string[] => rows.map((row) => row.join('').trimEnd())

/** What the screen must show of prompt and text, and where the cursor must be, the slow and simple way. */
function expected(prompt: string[], text: string[], cursor: number, size: { rows: number; columns: number }) {
  const rows = wrap([...prompt, ...text], size.columns)
  const full = width(rows.at(-1) ?? []) === size.columns
  if (full) rows.push([])
  // The cell before which a character more would have to be put: where the one under the cursor begins.
  const before = prompt.length + cursor
  let row = 0
  let left = before
  while (row < rows.length - 1 && left >= (rows[row]?.length ?? 0)) {
    left -= rows[row]?.length ?? 0
    row += 1
  }
  const column = width(rows[row]?.slice(0, left) ?? [])
  const top = Math.min(Math.max(0, rows.length - size.rows), row)
  return {
    rows: rowsOf(rows.slice(top, top + size.rows)),
    all: rows,
    row: row - top,
    column,
    full
  }
}

const chars = (maxLength: number) => fc.array(fc.constantFrom(...CHARS), { maxLength })
const sizes = fc.record({ rows: fc.integer({ min: 1, max: 6 }), columns: fc.integer({ min: 2, max: 9 }) })
const step = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('draw' as const),
      prompt: chars(3),
      text: chars(30),
      cursor: fc.nat(30)
    })
  },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant('above' as const), lines: fc.array(chars(20), { maxLength: 3 }) })
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constantFrom('submit' as const, 'clear' as const, 'clearScreen' as const) })
  }
)

test('printed lines stay whole and in order, and the line being typed stands below them', (t) => {
  fc.assert(
    fc.property(sizes, fc.array(step, { maxLength: 12 }), (size, steps) => {
      const { vt, screen } = open(size.rows, size.columns)
      let printed: string[] = []
      let line: { prompt: string[]; text: string[]; cursor: number } | null = null
      for (const action of steps) {
        if (action.do === 'draw') {
          const cursor = Math.min(action.cursor, action.text.length)
          line = { prompt: action.prompt, text: action.text, cursor }
          screen.draw(line.prompt.join(''), line.text.join(''), line.text.slice(0, cursor).join('').length)
        } else if (action.do === 'above') {
          printed.push(...action.lines.flatMap((chars) => rowsOf(wrap(chars, size.columns))))
          screen.above(action.lines.map((chars) => chars.join('')))
        } else {
          if (action.do === 'submit' && line !== null) {
            const last = expected(line.prompt, line.text, line.text.length, size)
            printed.push(...rowsOf(last.full ? last.all.slice(0, -1) : last.all))
          }
          screen[action.do]()
          if (action.do === 'clearScreen') printed = vt.rows().slice(0, vt.scrolled())
          else line = null
        }
        const want = line === null ? null : expected(line.prompt, line.text, line.cursor, size)
        const rows = [...printed, ...(want?.rows ?? [''])]
        const found = vt.rows()
        const rest = found.slice(rows.length)
        const { row, column, pending } = vt.cursor()
        const place = [printed.length + (want?.row ?? 0), want?.column ?? 0]
        if (JSON.stringify(found.slice(0, rows.length)) !== JSON.stringify(rows)) return false
        if (rest.some((row) => row !== '') || pending || row !== place[0] || column !== place[1]) return false
      }
      return true
    }),
    { numRuns: 2000 }
  )
  t.pass()
})

test('a terminal that changed its width shows the line once', (t) => {
  fc.assert(
    fc.property(
      fc.integer({ min: 4, max: 12 }),
      fc.integer({ min: 4, max: 12 }),
      chars(24),
      fc.nat(24),
      (before, after, text, want) => {
        const size = { rows: 20, columns: before }
        const vt = createVt(size)
        const screen = createScreen({
          write: (out) => vt.write(out),
          columns: () => size.columns,
          rows: () => 20
        })
        const cursor = Math.min(want, text.length)
        screen.above(['one', 'two'])
        screen.draw('>', text.join(''), text.slice(0, cursor).join('').length)
        size.columns = after
        vt.resize(after)
        screen.resized()
        const line = expected(['>'], text, cursor, size)
        const rows = ['one', 'two', ...line.rows]
        const found = vt.rows()
        return (
          JSON.stringify(found.slice(0, rows.length)) === JSON.stringify(rows) &&
          found.slice(rows.length).every((row) => row === '') &&
          vt.cursor().row === 2 + line.row &&
          vt.cursor().column === line.column
        )
      }
    ),
    { numRuns: 1000 }
  )
  t.pass()
})
