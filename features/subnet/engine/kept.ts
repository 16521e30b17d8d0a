import { spaces } from './blank.ts'

export interface Place {
  readonly name: string
  readonly at: number
}

const BLOCK = /\{[^{}]*\}/g
const GROUP = /\{[^{}()[\]]*\}|\([^{}()[\]]*\)|\[[^{}()[\]]*\]/g

// At the beginning of a line or behind another statement: what is inside of something is no concern of these. What looks
// back is bounded, since a long text is as many blanks.
const START = '(?<=^|;[ \\t]{0,9})(?:export\\s+(?:default\\s+)?)?'
const VARIABLE = new RegExp(`${START}(let|var)\\b`, 'gm')
const EMPTY_MAP = new RegExp(
  `${START}const\\s+[\\w$]+[^=\\n]*=\\s*new\\s+((?:Weak)?(?:Map|Set))\\s*(?:<[^\\n]*>)?\\(\\s*\\)`,
  'gm'
)
const CONSTANT = new RegExp(`${START}const\\s*([\\w$]+|\\[[^[\\]]*\\])`, 'gm')
const SHARED = new RegExp(`${START}(?:(?:abstract\\s+)?class|(?:async\\s+)?function)\\b\\s*([\\w$]+)`, 'gm')
const IMPORTED = new RegExp(`${START}import\\s+(?!type\\b)([^'";]*?)\\bfrom\\b`, 'gm')
const STATIC = /\bstatic\s+(?:(?:readonly|accessor)\s+)?(#?[\w$]+)\s*[=:;!\n]/g

const NAME = '(?<![\\w$.#])([A-Za-z_$][\\w$]*)(?![\\w$])(?:\\s+as\\s+[^()]*\\))?'
const FIELD = '\\bthis\\s*\\.\\s*(#?[\\w$]+)(?![\\w$])'
const KEY = '\\[(?!\\s*\\])(?:[^[\\]]|\\[[^[\\]]*\\])*\\]'
const STEP = `(?:!(?!=))?\\s*(?:\\??\\.\\s*(?:(?:get|at)\\s*\\([^()]*\\)|#?[\\w$]+)|(?:\\?\\.)?${KEY})`
const ASSIGNED = '\\s*(?:(?:\\*\\*|<<|>>>?|&&|\\|\\||\\?\\?|[-+*/%&|^])?=(?![=>])|\\+\\+|--)'
const BEFORE = '(?:\\bdelete\\s+|(?<![\\w$)\\]][ \\t]{0,9})(?:\\+\\+|--))\\s*\\(?'
const CHANGERS =
  '\\b(?:Object|Reflect)\\s*\\.\\s*(?:assign|defineProperty|defineProperties|setPrototypeOf|set|deleteProperty)'
const LIST_CALLS = 'push|pop|shift|unshift|splice|sort|reverse|fill|copyWithin'
const KEYED_CALLS = 'set|add|delete|clear'

const called = (what: string, calls: string) =>
  `${what}(?:${STEP})*?(?:!(?!=))?\\s*\\??\\.\\s*(?:${calls})\\s*\\(`
// Nothing is taken away by a match: in the brackets of one change there may be another.
const anyOf = (...patterns: readonly string[]) =>
  new RegExp(patterns.map((one) => `(?=${one})`).join('|'), 'g')

const CHANGE = anyOf(
  `${NAME}(?:${STEP})+${ASSIGNED}`,
  `${BEFORE}${NAME}${STEP}`,
  `${CHANGERS}\\s*\\(\\s*${NAME}`,
  // Something else is taken apart into it.
  `${NAME}(?:${STEP})+\\s*[\\]}]\\s*=(?![=>])`,
  called(NAME, LIST_CALLS)
)
const KEYED_CHANGE = anyOf(called(NAME, KEYED_CALLS))
const FIELD_CHANGE = anyOf(
  `${FIELD}(?:${STEP})*${ASSIGNED}`,
  `${BEFORE}${FIELD}`,
  called(FIELD, `${LIST_CALLS}|${KEYED_CALLS}`)
)

/** What outlives a run is another thing on a peer that was started in between. */
export function findKept(code: string): Place[] {
  // What is taken apart is no block: with brackets that are none, either.
  const flat = code.replace(/((?:\b(?:const|let|var)|\()\s*)\{([^{}]*)\}/g, '$1[$2]')
  const top = hollow(flat, BLOCK)
  const constants = wordsOf(placesOf(CONSTANT, top))
  const all = [...constants, ...wordsOf(placesOf(SHARED, top)), ...wordsOf(placesOf(IMPORTED, code))]
  const fields = placesOf(STATIC, code).map(({ name }) => name)
  return [
    ...placesOf(VARIABLE, hollow(flat, GROUP)),
    ...placesOf(EMPTY_MAP, code).filter(({ at }) => top[at] === code[at]),
    ...changesOf(all, flat, CHANGE),
    // Of a class, or of what is imported, a function may be called so.
    ...changesOf(constants, flat, KEYED_CHANGE),
    ...placesOf(FIELD_CHANGE, flat)
      .filter(({ name }) => fields.includes(name))
      .map(asChange)
  ]
}

/** Named by the group that took part. */
export function placesOf(pattern: RegExp, code: string): Place[] {
  return [...code.matchAll(pattern)].map((match) => {
    const name = match.slice(1).find((group) => group !== undefined) as string
    return { name, at: match.index }
  })
}

function wordsOf(places: readonly Place[]): string[] {
  return places.flatMap(({ name }) => name.replace(/\btype\s+[\w$]+/g, '').match(/[\w$]+/g) ?? [])
}

function changesOf(names: readonly string[], code: string, pattern: RegExp): Place[] {
  return placesOf(pattern, code)
    .filter(({ name }) => names.includes(name))
    .filter(({ name, at }) => !runsAtLoad(code.slice(0, at)) && !isAnother(code.slice(0, at), name))
    .map(asChange)
}

function asChange({ name, at }: Place): Place {
  return { name: `a change of ${name}`, at }
}

const LOOP = /\b(?:(?:for|while|if)\s+(?:await\s+)?0|else|try|do)\s*\{/g
const STATEMENT = /(?:^|[\w$;'"`]|^(?:export\s+)?const\s[^=;\n]*=)\s*$/
const ARROW = /=>\s*(?:[^\s;][^\n;]*)?$/

/** A table that is made by statements when the file is loaded is the same everywhere. */
function runsAtLoad(before: string): boolean {
  const open = hollow(before, GROUP).replace(LOOP, ';')
  const [lastLine = ''] = open.trimEnd().split('\n').slice(-1)
  return !/[{([]/.test(open) && !ARROW.test(open) && STATEMENT.test(lastLine)
}

/** Whether the name means something else there: a variable or a parameter of what encloses it. */
function isAnother(before: string, name: string): boolean {
  const open = hollow(before, BLOCK)
  const word = `(?<![\\w$.])${escaped(name)}(?![\\w$])`
  const inner = open.includes('{') ? open.slice(open.indexOf('{')) : ''
  return (
    new RegExp(`\\b(?:const|let|var)\\s*(?:\\[[^=;\\]]*?)?${word}`).test(inner) ||
    new RegExp(
      `(?<!\\b(?:if|for|while|switch)\\s*)\\([^()]*${word}[^()]*\\)[^(){};=]*(?:\\{|=>)|${word}\\s*=>`
    ).test(open)
  )
}

/** With nothing in the brackets that are closed, nor the brackets: `0` and blanks. */
function hollow(code: string, pair: RegExp): string {
  for (let now = code; ; ) {
    const next = now.replace(pair, (text) => spaces(text).replace(' ', '0'))
    if (next === now) return now
    now = next
  }
}

function escaped(name: string): string {
  return name.replace(/\$/g, '\\$&')
}
