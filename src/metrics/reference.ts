import {
  FAMILY_NAMES,
  type FamilyName,
  familySpec,
  type LabelValues,
  mostSeries,
  ONE,
  PREFIX
} from './families.ts'

/** Markdown reference of every family. */
export function metricsMarkdown(): string {
  const out = [
    '# Metrics',
    '',
    'Made from the table in `src/metrics/families.ts` by `npm run docs`; do not edit by hand.',
    '',
    'How to scrape, what to watch and when to be called: [operations.md](../operations.md#metrics). Times are in',
    'seconds, sizes in bytes. Counters begin at 0 with the process and never fall; they end in `_total`. A label has',
    'the values that are listed and no others (what would be another one is counted as `other`), so the series have an',
    'end; the last column says how many there can be. What a part of the node measures is there while it runs.',
    ''
  ]
  for (const group of new Set(FAMILY_NAMES.map((name) => familySpec(name).group))) {
    out.push(
      `## ${group}`,
      '',
      '| name | type | labels | meaning | series |',
      '| --- | --- | --- | --- | --- |'
    )
    for (const name of FAMILY_NAMES) if (familySpec(name).group === group) out.push(row(name))
    out.push('')
  }
  return out.join('\n')
}

function row(name: FamilyName): string {
  const { type, labels, help } = familySpec(name)
  const shown = Object.entries(labels).map(([label, values]) => `\`${label}\`: ${valuesText(values)}`)
  const cells = [`\`${PREFIX}${name}\``, type, shown.join('<br>'), help, String(mostSeries(name))]
  return `| ${cells.join(' | ')} |`
}

function valuesText(values: LabelValues): string {
  return values === ONE ? 'one value' : values.map((value) => `\`${value}\``).join(' ')
}
