/** What SKILL.md asks its reader to do, in the order in which it stands there. */
export type Step =
  | { readonly kind: 'shell'; readonly text: string; readonly line: number }
  | { readonly kind: 'terminal'; readonly text: string; readonly line: number }
  | Talk

/** A message over the bridge: `alice > {…}`; without a name, of the only peer. */
export interface Talk {
  readonly kind: 'say' | 'hear'
  readonly peer: string | null
  readonly text: string
  /** Asked again until the reply is like that. */
  readonly again: boolean
  /** Fields may be left out, as `…` says. */
  readonly open: boolean
  readonly line: number
}

export interface Section {
  /** Its heading with those above it. */
  readonly title: string
  readonly steps: readonly Step[]
}

const TALK = /^(?:(\w+) )?([<>]) (\{.*\})(?: {2,}(.*))?$/
/** Fields or items that are not shown. */
const LEFT_OUT = /,?…(?=[}\]])/
const SPAN = /`([^`]+)`/g
/** A span that begins like this is something to type, and no name of something. */
const COMMAND = /^(?:(?:npm|node|python3|printf|curl|cp|mkdir|sh) |\/[a-z_]+|\{")/

export function sectionsOf(markdown: string): Section[] {
  if (/^```/m.test(markdown))
    throw new Error('SKILL.md has indented blocks only: a fenced one would not be read')
  const sections: { title: string; steps: Step[] }[] = [{ title: '', steps: [] }]
  let chapter = ''
  for (const [index, text] of markdown.split('\n').entries()) {
    const line = index + 1
    const heading = /^(##+) (.*)$/.exec(text)
    if (heading !== null) {
      const [, marks = '', title = ''] = heading
      if (marks === '##') chapter = title
      sections.push({ title: marks === '##' ? title : `${chapter} / ${title}`, steps: [] })
      continue
    }
    const steps = sections.at(-1)?.steps
    if (/^ {4}\S/.test(text)) {
      steps?.push(blockStep(text.trim(), line))
      continue
    }
    if (text.split('`').length % 2 === 0)
      throw new Error(`line ${line}: a span that goes over two lines would not be read`)
    for (const [, span = ''] of text.matchAll(SPAN)) if (COMMAND.test(span)) steps?.push(spanStep(span, line))
  }
  return sections.filter(({ steps }) => steps.length > 0)
}

function blockStep(text: string, line: number): Step {
  const talk = TALK.exec(text)
  if (talk !== null) {
    const [, peer = null, mark, json = '', note = ''] = talk
    const open = LEFT_OUT.test(json)
    const said = json.replace(new RegExp(LEFT_OUT, 'g'), '')
    return {
      kind: mark === '>' ? 'say' : 'hear',
      peer,
      text: said,
      again: note.includes('until'),
      open,
      line
    }
  }
  if (text.startsWith('/')) return { kind: 'terminal', text, line }
  return { kind: 'shell', text, line }
}

function spanStep(text: string, line: number): Step {
  if (text.startsWith('{')) return { kind: 'say', peer: null, text, again: false, open: true, line }
  return { kind: text.startsWith('/') ? 'terminal' : 'shell', text, line }
}

/** Every span with the line it stands in. */
export function spansOf(markdown: string): { readonly line: number; readonly span: string }[] {
  return markdown.split('\n').flatMap((text, index) => {
    if (text.startsWith('    ')) return []
    return [...text.matchAll(SPAN)].map(([, span = '']) => ({ line: index + 1, span }))
  })
}

/** The rows of the tables whose first heading is this one, cell by cell. */
export function tableRows(markdown: string, heading: string): string[][] {
  const tables = markdown.matchAll(new RegExp(`^\\| ${heading} \\|.*\\n\\|[ |-]+\\n((?:\\|.*\\n)+)`, 'gm'))
  return [...tables].flatMap(([, rows = '']) =>
    rows
      .trim()
      .split('\n')
      .map((row) =>
        row
          .slice(1, -1)
          .split(/(?<!\\)\|/)
          .map((cell) => cell.trim().replaceAll('\\|', '|'))
      )
  )
}
