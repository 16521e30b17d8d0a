import process from '#process'

export function milliseconds(): number {
  const [seconds, nanoseconds] = process.hrtime()
  return seconds * 1000 + nanoseconds / 1e6
}

/** CPU time of this process, in milliseconds. */
export function cpuMilliseconds(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[sorted.length >> 1] ?? Number.NaN
}

export type Limit = { readonly atLeast: number } | { readonly atMost: number }

export interface Figure {
  readonly what: string
  readonly unit: string
  readonly value: number
  readonly ceiling: number
  /** Of value to ceiling; or taken of each pair of runs, which noise then meets alike. */
  readonly ratio?: number
  /** None: for comparison only. */
  readonly limit: Limit | null
}

/** One line; a figure that is missed is said to be, and fails nothing. */
export function report({ what, unit, value, ceiling, ratio = value / ceiling, limit }: Figure): void {
  const numbers = `${digits(value)} ${unit}, ceiling ${digits(ceiling)} ${unit}`
  console.log(`${what}: ${numbers}, ratio ${ratio.toFixed(2)}${limit === null ? '' : verdict(ratio, limit)}`)
}

function verdict(ratio: number, limit: Limit): string {
  const [met, bound] =
    'atLeast' in limit
      ? [ratio >= limit.atLeast, `at least ${limit.atLeast}`]
      : [ratio <= limit.atMost, `at most ${limit.atMost}`]
  return ` (${met ? 'reached' : 'MISSED'}: ${bound})`
}

export function digits(value: number): string {
  return Math.abs(value) >= 100 ? value.toFixed(0) : value.toPrecision(3)
}
