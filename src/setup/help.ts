import {
  DECISION_NAMES,
  DECISIONS,
  type Decision,
  type DecisionName,
  ROLES,
  usualFor
} from '../config/decisions.ts'
import { subcommandHelp } from '../config/subcommand-help.ts'

/** `npm start -- init --help` */
export function initHelp(): string {
  const width = Math.max(...DECISION_NAMES.map((name) => name.length))
  return [
    subcommandHelp('init'),
    '',
    'What is decided, by the names that --answers takes as it takes those of flags, and what is usual',
    ...DECISION_NAMES.map((name) => `  ${name.padEnd(width)}  ${usageText(DECISIONS[name])}`)
  ].join('\n')
}

/** What is usual, in words: of all roles, or of each that has another usage. */
function usageText(decision: Decision): string {
  const { type, usual } = decision
  const text = (value: unknown) => (value === null ? '-' : type.show(value))
  const own = ROLES.filter((role) => usualFor(decision, role) !== usual)
  return [text(usual), ...own.map((role) => `${role}: ${text(usualFor(decision, role))}`)].join('; ')
}

/** Markdown reference of every decision. */
export function decisionsMarkdown(): string {
  const out = [
    '# Decisions of the first run',
    '',
    'Made from the table in `src/config/decisions.ts` by `npm run docs`; do not edit by hand.',
    '',
    '`npm start -- init` asks them, and writes `stores/<peer>/config.json` and a start script. The name is what',
    '`--answers` takes, an object of names and values as in `config.json`, and the flag on the command line. Every',
    '[flag](flags.md) of a node may stand in both, too.',
    '',
    '| decision | value | asked of | default | meaning |',
    '| --- | --- | --- | --- | --- |',
    ...DECISION_NAMES.map(markdownRow),
    ''
  ]
  return out.join('\n')
}

function markdownRow(name: DecisionName): string {
  const decision = DECISIONS[name]
  const { type, help, question, asked } = decision
  const cells = [
    `\`${name}\``,
    `\`${type.hint}\``,
    asked.length === ROLES.length ? 'all' : asked.join(', '),
    usageText(decision),
    question === '' ? help : question
  ]
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|').replaceAll(/<(?![^`]*`)/g, '&lt;')).join(' | ')} |`
}
