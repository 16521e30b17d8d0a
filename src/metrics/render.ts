import type { HistogramState } from './cells.ts'
import { type FamilyName, familySpec, PREFIX } from './families.ts'
import type { Family, Metrics } from './registry.ts'

/** The type of what `renderMetrics` returns: Prometheus' text format, which every scraper reads. */
export const METRICS_TYPE = 'text/plain; version=0.0.4; charset=utf-8'

/** Everything that is measured, as it stands now. */
export function renderMetrics(metrics: Metrics): string {
  return metrics.families().map(familyText).join('')
}

function familyText({ name, series, histogram }: Family): string {
  const { type, help, labels } = familySpec(name)
  const full = `${PREFIX}${name}`
  const names = Object.keys(labels)
  const lines = [
    `# HELP ${full} ${escapeHelp(help)}`,
    `# TYPE ${full} ${type}`,
    ...series.map(({ labels: values, value }) => {
      const pairs = names.map((label, at) => `${label}="${escapeLabel(values[at] ?? '')}"`)
      return `${full}${pairs.length > 0 ? `{${pairs.join(',')}}` : ''} ${numberText(value)}`
    }),
    ...(histogram === null ? [] : histogramLines(name, histogram))
  ]
  return `${lines.join('\n')}\n`
}

function histogramLines(name: FamilyName, { counts, sum }: HistogramState): string[] {
  const full = `${PREFIX}${name}`
  const bounds = [...familySpec(name).buckets, Number.POSITIVE_INFINITY]
  let total = 0
  const buckets = bounds.map((bound, at) => {
    total += counts[at] ?? 0
    return `${full}_bucket{le="${numberText(bound)}"} ${total}`
  })
  return [...buckets, `${full}_sum ${numberText(sum)}`, `${full}_count ${total}`]
}

export function numberText(value: number): string {
  if (value === Number.POSITIVE_INFINITY) return '+Inf'
  if (value === Number.NEGATIVE_INFINITY) return '-Inf'
  return String(value)
}

function escapeHelp(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')
}

function escapeLabel(text: string): string {
  return escapeHelp(text).replaceAll('"', '\\"')
}
