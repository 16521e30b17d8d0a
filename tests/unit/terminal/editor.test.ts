import test from 'brittle'
import fc from 'fast-check'
import { type Completion, createEditor, type EditorState, type Effect } from '../../../src/terminal/editor.ts'
import type { Key, KeyName } from '../../../src/terminal/keys.ts'
import { clusters } from '../../../src/terminal/width.ts'

const WORDS = ['/sc_join', '/sc_leave', '/sc_list', '/help', '--name=', '--note']

function complete(text: string, cursor: number): Completion {
  const start = text.lastIndexOf(' ', cursor - 1) + 1
  const typed = text.slice(start, cursor)
  return { start, candidates: WORDS.filter((word) => word.startsWith(typed)) }
}

type Input = KeyName | { text: string } | { paste: string }

function toKey(input: Input): Key {
  if (typeof input === 'string') return { name: input }
  return 'paste' in input ? { name: 'paste', text: input.paste } : { name: 'text', text: input.text }
}

function run(
  inputs: Input[],
  options: { from?: EditorState; history?: string[]; lineLimit?: number; historyLimit?: number } = {}
) {
  const { from, history = [], ...limits } = options
  const editor = createEditor({ complete, ...limits })
  let state = from ?? editor.start(history)
  const effects: Effect[] = []
  for (const input of inputs) {
    const edit = editor.edit(state, toKey(input))
    state = edit.state
    effects.push(...edit.effects)
  }
  return { state, effects, view: `${state.text.slice(0, state.cursor)}|${state.text.slice(state.cursor)}` }
}

const typed = (text: string): Input => ({ text })
const times = (count: number, name: KeyName): Input[] => Array.from({ length: count }, () => name)

test('inserts and deletes whole characters', (t) => {
  t.is(run([typed('ab'), 'left', typed('x')]).view, 'ax|b')
  const family = '👨‍👩‍👧'
  t.is(run([typed(`a${family}b`), 'left', 'backspace']).view, 'a|b')
  t.is(run([typed(`a${family}b`), 'left', 'left']).view, `a|${family}b`)
  t.is(run([typed('e\u0301x'), 'home', 'delete']).view, '|x')
  t.is(run([typed('ab'), 'home', 'ctrl-d', 'right', 'right', 'delete']).view, 'b|')
  t.is(run([typed('abc'), 'ctrl-a', 'ctrl-f', 'ctrl-b', 'ctrl-e', 'ctrl-b']).view, 'ab|c')
  t.is(run(['backspace', 'delete', 'left', 'right', 'up', 'down']).view, '|')
})

test('characters that join leave the cursor outside of them', (t) => {
  t.is(run([typed('\u0301'), 'home', typed('e')]).view, 'e\u0301|')
  t.is(run([typed('🇩x🇪'), 'left', 'backspace']).view, '🇩🇪|')
})

test('moves by words', (t) => {
  const text = 'say "hello wörld" 漢字 x'
  t.is(run([typed(text), ...times(2, 'ctrl-left')]).view, 'say "hello wörld" |漢字 x')
  t.is(run([typed(text), ...times(3, 'alt-b')]).view, 'say "hello |wörld" 漢字 x')
  t.is(run([typed(text), 'home', ...times(2, 'alt-f')]).view, 'say "hello| wörld" 漢字 x')
  t.is(run([typed(text), 'home', ...times(9, 'ctrl-right')]).view, `${text}|`)
})

test('kills and puts back', (t) => {
  t.is(run([typed('one two'), 'ctrl-w', 'ctrl-y', 'ctrl-y']).view, 'one twotwo|')
  t.is(run([typed('--a=b/c d'), 'ctrl-w', 'ctrl-w']).view, '|')
  t.is(run([typed('a b/c'), 'alt-backspace']).view, 'a b/|')
  t.is(run([typed('one two three'), 'ctrl-w', 'ctrl-w', 'ctrl-a', 'ctrl-y']).view, 'two three|one ')
  t.is(run([typed('one two'), 'home', 'alt-d', 'ctrl-k', 'ctrl-y']).view, 'one two|', 'kills in a row add up')
  t.is(run([typed('one two'), 'ctrl-w', 'left', 'ctrl-u', 'ctrl-y']).view, 'one| ', 'others do not')
  t.is(run([typed('ab'), 'ctrl-u', typed('x'), 'ctrl-u', 'ctrl-k', 'ctrl-y']).view, 'x|')
})

test('transposes', (t) => {
  t.is(run([typed('abc'), 'ctrl-t']).view, 'acb|')
  t.is(run([typed('abc'), 'left', 'left', 'ctrl-t']).view, 'ba|c')
  t.is(run([typed('a漢'), 'ctrl-t']).view, '漢a|')
  t.is(run([typed('a'), 'ctrl-t', 'home', 'ctrl-t']).view, '|a')
})

test('submits the line and starts anew', (t) => {
  const { state, effects } = run([typed('one'), 'left', 'enter', 'enter'])
  t.alike(effects, [{ submit: 'one' }, { submit: '' }])
  t.is(state.text, '')
  t.is(state.cursor, 0)
  t.alike(state.history, ['one'])
})

test('keys that ask for something', (t) => {
  t.alike(run(['ctrl-l', 'ctrl-z', 'ctrl-d']).effects, ['clear', 'suspend', 'eof'])
  const { state, effects } = run([typed('ab'), 'ctrl-c', 'ctrl-c'])
  t.alike(effects, ['interrupt'])
  t.is(state.text, '')
  t.alike(run([typed('ab'), 'ctrl-d', 'escape', 'shift-tab', 'ctrl-g']), run([typed('ab')]))
})

test('walks the history and keeps the draft', (t) => {
  const history = ['one', 'two']
  t.is(run([typed('dra'), 'up'], { history }).view, 'two|')
  t.is(run([typed('dra'), 'up', 'ctrl-p', 'up'], { history }).view, 'one|')
  t.is(run([typed('dra'), 'up', 'up', 'down', 'ctrl-n', 'down'], { history }).view, 'dra|')
  const again = run([typed('dra'), 'up', typed('!'), 'enter', 'up', 'up'], { history })
  t.alike(again.effects, [{ submit: 'two!' }])
  t.alike(again.state.history, ['one', 'two', 'two!'])
  t.is(again.view, 'two|')
  t.is(run(['up', 'ctrl-c', 'down', 'up'], { history }).view, 'two|')
})

test('what the history keeps', (t) => {
  const lines = ['a', 'a', '', '   ', ' secret', 'b', 'a']
  const inputs = lines.flatMap((line): Input[] => [typed(line), 'enter'])
  t.alike(run(inputs).state.history, ['a', 'b', 'a'])
  t.alike(run(inputs, { historyLimit: 2 }).state.history, ['b', 'a'])
  const many = Array.from({ length: 600 }, (_, i) => `line ${i}`)
  const { state } = run([], { history: many })
  t.is(state.history.length, 500)
  t.is(state.history[0], 'line 100')
  t.alike(run([], { history: ['a\u001b[2J\n', 'x'.repeat(20)], lineLimit: 10 }).state.history, ['a[2J '])
})

test('searches the history', (t) => {
  const history = ['join alpha', 'leave', 'join beta']
  t.is(run(['ctrl-r', typed('jo'), typed('in')], { history }).view, '|join beta')
  t.is(run(['ctrl-r', typed('join'), 'ctrl-r', 'ctrl-r'], { history }).view, '|join alpha')
  const none = run([typed('dr'), 'ctrl-r', typed('lea'), typed('x')], { history }).state
  t.is(none.search, 'leax')
  t.absent(none.text.includes('leax'))
  t.is(run(['ctrl-r', typed('alpx'), 'backspace'], { history }).view, 'join |alpha')
  t.is(run([typed('dr'), 'ctrl-r', typed('al'), 'escape'], { history }).view, 'dr|')
  t.alike(run(['ctrl-r', { paste: 'alph\na' }, 'ctrl-c'], { history }).effects, [])
  const taken = run([typed('dr'), 'ctrl-r', typed('al'), 'end', typed('!'), 'enter'], { history })
  t.alike(taken.effects, [{ submit: 'join alpha!' }])
  t.is(taken.state.search, null)
  t.alike(run(['ctrl-r', typed('alph'), 'enter'], { history }).effects, [{ submit: 'join alpha' }])
})

test('completes what is unique, and what all have in common', (t) => {
  t.is(run([typed('/h'), 'tab', typed('x')]).view, '/help x|')
  t.is(run([typed('/help --na'), 'tab']).view, '/help --name=|')
  t.is(run([typed('/h x'), 'left', 'left', 'tab']).view, '/help| x')
  t.is(run([typed('zzz'), 'tab', 'tab']).view, 'zzz|')
  const common = run([typed('/s'), 'tab'])
  t.is(common.view, '/sc_|')
  t.alike(common.effects, [])
  const listed = run(['tab', 'tab'], { from: common.state })
  t.is(listed.view, '/sc_|')
  t.alike(listed.effects, [
    { list: ['/sc_join', '/sc_leave', '/sc_list'] },
    { list: ['/sc_join', '/sc_leave', '/sc_list'] }
  ])
  t.alike(
    run([typed('/sc_l'), 'tab', 'left', 'right', 'tab']).effects,
    [],
    'only a second tab in a row lists'
  )
})

test('completions are cleaned, and wrong places are ignored', (t) => {
  const key: Key = { name: 'tab' }
  const at = (completion: Completion) => {
    const editor = createEditor({ complete: () => completion })
    return editor.edit({ ...editor.start(), text: 'ab', cursor: 2 }, key).state.text
  }
  t.is(at({ start: 0, candidates: ['abc\u001b[2J\n'] }), 'abc[2J  ')
  t.is(at({ start: 3, candidates: ['x'] }), 'ab')
  t.is(at({ start: -1, candidates: ['x'] }), 'ab')
  t.is(at({ start: 0, candidates: ['x', 'x'] }), 'x ')
})

test('a paste never runs anything', (t) => {
  const pasted = run([{ paste: 'one\r\ntwo\nthree\r\u0003\u001b[A\u0004\tx\u202e\u200b' }])
  t.is(pasted.view, 'one two three [A x|')
  t.alike(pasted.effects, [])
})

test('a line has an end', (t) => {
  const full = run([typed('12345678'), 'left', typed('ab😀')], { lineLimit: 11 })
  t.is(full.view, '1234567ab|8')
  t.alike(full.effects, ['full'])
  t.alike(run([typed('x')], { from: full.state, lineLimit: 10 }).effects, ['full'])
  const paste = run([{ paste: 'x'.repeat(100_000) }])
  t.is(paste.state.text.length, 65536)
  t.alike(paste.effects, ['full'])
})

const NAMES: KeyName[] = [
  'left',
  'right',
  'home',
  'end',
  'up',
  'down',
  'delete',
  'backspace',
  'enter',
  'tab',
  'escape',
  'ctrl-left',
  'ctrl-right',
  'ctrl-k',
  'ctrl-u',
  'ctrl-w',
  'ctrl-y',
  'ctrl-t',
  'ctrl-r',
  'ctrl-c',
  'ctrl-d',
  'alt-d',
  'alt-backspace'
]
const piece = fc.constantFrom(
  'a',
  ' ',
  '/',
  's',
  'é',
  '\u0301',
  '漢',
  '👩',
  '\u200d',
  '🏽',
  '🇩',
  '🇪',
  '\u0000',
  '\n',
  '\u202e',
  '\ud800',
  'ᄀ',
  'ᅡ'
)
const piece$ = fc.string({ unit: piece, maxLength: 6 })
const input: fc.Arbitrary<Input> = fc.oneof(
  fc.constantFrom(...NAMES),
  piece$.map((text) => ({ text })),
  piece$.map((paste) => ({ paste }))
)

test('the cursor is always between two characters, and the line clean and bounded', (t) => {
  fc.assert(
    fc.property(fc.array(input, { maxLength: 40 }), (inputs) => {
      const editor = createEditor({ complete, lineLimit: 30, historyLimit: 3 })
      let state = editor.start(['older 👩‍👧'])
      for (const one of inputs) {
        state = editor.edit(state, toKey(one)).state
        const { text, cursor, history, historyIndex } = state
        const bounds = [0]
        for (const cluster of clusters(text)) bounds.push((bounds.at(-1) ?? 0) + cluster.length)
        if (!bounds.includes(cursor) || text.length > 30 || /[\p{Cc}\p{Cs}\u202e]/u.test(text)) return false
        if (history.length > 3 || historyIndex < 0 || historyIndex > history.length) return false
      }
      return true
    }),
    { numRuns: 3000 }
  )
  t.pass()
})
