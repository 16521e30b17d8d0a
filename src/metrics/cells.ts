/** The value of each series by the values of its labels, in the order of the table. */
export interface Series {
  readonly labels: readonly string[]
  readonly value: number
}

export interface HistogramState {
  /** By bucket, not summed up; the last one is for what is above all bounds. */
  readonly counts: readonly number[]
  readonly sum: number
}

export interface Histogram {
  observe(value: number): void
}

/** The series of a family, by the values of their labels. */
export class Cells {
  readonly #cells = new Map<string, { labels: readonly string[]; value: number }>()

  add(labels: readonly string[], by: number): void {
    this.at(labels).value += by
  }

  set(labels: readonly string[], value: number): void {
    this.at(labels).value = value
  }

  series(): Series[] {
    return [...this.#cells.values()]
  }

  at(labels: readonly string[]): { value: number } {
    const key = labels.join('\0')
    const cell = this.#cells.get(key) ?? { labels, value: 0 }
    this.#cells.set(key, cell)
    return cell
  }
}

export class HistogramCell implements Histogram, HistogramState {
  readonly counts: number[]
  sum = 0
  readonly #bounds: readonly number[]

  constructor(bounds: readonly number[]) {
    this.#bounds = bounds
    this.counts = Array.from({ length: bounds.length + 1 }, () => 0)
  }

  observe(value: number): void {
    if (Number.isNaN(value)) return
    const at = this.#bounds.findIndex((bound) => value <= bound)
    const bucket = at === -1 ? this.#bounds.length : at
    this.counts[bucket] = (this.counts[bucket] ?? 0) + 1
    this.sum += value
  }
}
