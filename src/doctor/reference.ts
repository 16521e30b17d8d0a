import { CHECKS } from './table.ts'

/** Markdown reference of every check. */
export function doctorMarkdown(): string {
  return [
    '# Doctor',
    '',
    'Made from the table in `src/doctor/table.ts` by `npm run docs`; do not edit by hand.',
    '',
    '`npm start -- doctor <store>` looks for what keeps a node from working, whether the node of that store runs or not, and',
    'takes the flags of the node. Each check ends as `ok`, `warn`, `fail` or `unknown`, with a sentence and a remedy. With',
    '`--json` it prints one object, `{ type: "doctor", store, status, findings: [{ check, status, says, remedy }] }`, where',
    '`status` of the whole is `ok`, `warn` or `fail`. The exit code is 0 when nothing fails, 1 when something does, and 2 for',
    'a mistake on the command line.',
    '',
    '| check | looks at |',
    '| --- | --- |',
    ...CHECKS.map(({ name, looksAt }) => `| \`${name}\` | ${looksAt} |`),
    ''
  ].join('\n')
}
