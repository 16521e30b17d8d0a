// Draws two terminals in which lines appear one after the other.

const COLUMNS = 98
const LINE = 18
const CHARACTER = 7.85
const PAD = 14
const BAR = 26
/** Of each terminal; what is above has scrolled away. */
const ROWS = 19
const WIDTH = Math.ceil(COLUMNS * CHARACTER + 2 * PAD)
const HEIGHT = BAR + 2 * PAD + ROWS * LINE
/** Seconds between what happens; what is typed takes longer to read than what is answered. */
const PACE = { typed: 1.4, answered: 0.35 }

/** `lines`: `{ peer, text }`, in the order in which they appear. */
export function drawTour(lines) {
  const names = [...new Set(lines.map(({ peer }) => peer))]
  let clock = 0
  const timed = lines.map((line) => {
    clock += isTyped(line.text) ? PACE.typed : PACE.answered
    return { ...line, at: clock }
  })
  let top = 0
  const panes = names.map((name, index) => {
    const rows = timed.filter(({ peer }) => peer === name).flatMap(wrap)
    const pane = drawPane({ name, title: `Terminal ${index + 1}`, rows, top, end: clock + 1 })
    top += HEIGHT + PAD
    return pane
  })
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${top - PAD}" width="${WIDTH}" role="img">`,
    '<title>Two peers on one machine: a message to all, a private channel, a shared state</title>',
    `<desc>${escaped(lines.map(({ peer, text }) => `${peer}| ${text}`).join('\n'))}</desc>`,
    '<style>',
    'text { font: 13px ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; fill: #d8dee9; white-space: pre }',
    '.typed { fill: #a3d977 } .name { fill: #9aa4b2 }',
    '.line { animation: show 0.01s both }',
    '@keyframes show { from { opacity: 0 } }',
    '</style>',
    `<clipPath id="screen"><rect width="${WIDTH}" height="${ROWS * LINE + PAD / 2}"/></clipPath>`,
    ...panes,
    '<style>',
    `@media (prefers-reduced-motion: reduce) { .line, ${names.map((name) => `.${name}`).join(', ')} { animation: none } }`,
    '</style>',
    '</svg>',
    ''
  ].join('\n')
}

/** What was drawn, as it was given. */
export function transcriptOf(svg) {
  const [, text = ''] = svg.match(/<desc>([\s\S]*?)<\/desc>/) ?? []
  return unescaped(text)
    .split('\n')
    .map((line) => ({ peer: line.slice(0, line.indexOf('| ')), text: line.slice(line.indexOf('| ') + 2) }))
}

function drawPane({ name, title, rows, top, end }) {
  const texts = rows.map(({ text, at, typed }, row) => {
    const y = ((row + 0.7) * LINE).toFixed(1)
    const style = `animation-delay: ${at.toFixed(2)}s`
    return `<text x="${PAD}" y="${y}" class="line${typed ? ' typed' : ''}" style="${style}">${escaped(text)}</text>`
  })
  const last = scrolled(rows.length - 1)
  // Rows of one line come at once: the last of them says how far it moves.
  const moves = new Map(rows.map(({ at }, row) => [((100 * at) / end).toFixed(2), scrolled(row)]))
  const steps = [...moves]
    .filter(([, by]) => by !== 0)
    .map(([at, by]) => `${at}% { transform: translateY(${by}px) }`)
  return [
    `<style>.${name} { transform: translateY(${last}px); animation: ${name} ${end.toFixed(2)}s step-end both }`,
    `@keyframes ${name} { 0% { transform: none } ${steps.join(' ')} 100% { transform: translateY(${last}px) } }</style>`,
    `<g transform="translate(0 ${top})">`,
    `<rect x="0.5" y="0.5" width="${WIDTH - 1}" height="${HEIGHT - 1}" rx="8" fill="#1d2229" stroke="#4a5361"/>`,
    `<text x="${PAD}" y="${BAR - 8}" class="name">${title}: ${escaped(name)}</text>`,
    `<line x1="0" y1="${BAR}" x2="${WIDTH}" y2="${BAR}" stroke="#4a5361"/>`,
    `<g transform="translate(0 ${BAR + PAD})" clip-path="url(#screen)"><g class="${name}">`,
    ...texts,
    '</g></g></g>'
  ].join('\n')
}

/** How far the rows have moved up once this one is there. */
function scrolled(row) {
  return -Math.max(0, row + 1 - ROWS) * LINE
}

/** As a terminal does, but at spaces. */
function wrap({ text, at }) {
  const typed = isTyped(text)
  const rows = ['']
  for (const word of text.split(' ')) {
    const longer = rows.at(-1) === '' ? word : `${rows.at(-1)} ${word}`
    if (longer.length <= COLUMNS) rows[rows.length - 1] = longer
    else rows.push(`    ${word}`)
  }
  return rows.map((row) => ({ text: row, at, typed }))
}

function isTyped(text) {
  return text.startsWith('$ ') || text.startsWith('> ')
}

function escaped(text) {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}

function unescaped(text) {
  return text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&')
}
