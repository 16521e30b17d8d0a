import { Cells, type Histogram, HistogramCell, type HistogramState, type Series } from './cells.ts'
import {
  FAMILY_NAMES,
  type FamilyName,
  familySpec,
  type LabelsOf,
  type NamesOf,
  ONE,
  OTHER
} from './families.ts'

/** What a collector says of a family: the value, or one for each set of labels; null when it cannot say. */
export type Collected<N extends FamilyName> = keyof LabelsOf<N> extends never
  ? number | null
  : readonly (readonly [LabelsOf<N>, number])[]

export type Samples = { readonly [N in NamesOf<'counter' | 'gauge'>]?: Collected<N> }

/** Asked at each scrape, so it must not take long; what it counts in must not fall, for counters. */
export type Collector = () => Samples

export interface Family {
  readonly name: FamilyName
  readonly series: readonly Series[]
  readonly histogram: HistogramState | null
}

export interface Counter<N extends FamilyName> {
  add(labels: LabelsOf<N>, by?: number): void
  /** The same for labels that stay as they are, where there is no time to look them up each time. */
  at(labels: LabelsOf<N>): (by?: number) => void
}

export interface Gauge<N extends FamilyName> {
  set(labels: LabelsOf<N>, value: number): void
}

/** The samples of a family with one label, from an object with a value for each of the label's. */
export function perLabel<const L extends string, V extends string>(
  label: L,
  values: Readonly<Record<V, number>>
): (readonly [Readonly<Record<L, V>>, number])[] {
  return (Object.entries(values) as [V, number][]).map(
    ([value, count]) => [{ [label]: value } as Record<L, V>, count] as const
  )
}

/**
 * What the node counts, by the table of families. Planes hold counters and histograms, or register a
 * collector that is asked at each scrape; several that name the same series add up.
 */
export class Metrics {
  readonly #held = new Map<FamilyName, Cells>()
  readonly #histograms = new Map<FamilyName, HistogramCell>()
  readonly #collectors = new Set<Collector>()
  /** Those whose failure was reported, and that have not worked since. */
  readonly #failing = new Set<Collector>()
  /** Values of labels that have only one. */
  readonly #ones = new Map<string, string>()
  readonly #failures: Counter<'collect_failures_total'>
  readonly #onfault: (error: unknown) => void

  /** `onfault` is told once of what cannot be asked, and again when it worked in between. */
  constructor(onfault: (error: unknown) => void) {
    this.#onfault = onfault
    this.#failures = this.counter('collect_failures_total')
  }

  counter<N extends NamesOf<'counter'>>(name: N): Counter<N> {
    const cells = this.#cellsOf(name)
    const at: Counter<N>['at'] = (labels) => {
      const cell = cells.at(this.#valuesOf(name, labels))
      return (by = 1) => {
        if (!(by >= 0)) throw new RangeError(`${name} cannot fall`)
        cell.value += by
      }
    }
    return { at, add: (labels, by) => at(labels)(by) }
  }

  gauge<N extends NamesOf<'gauge'>>(name: N): Gauge<N> {
    const cells = this.#cellsOf(name)
    return { set: (labels, value) => cells.set(this.#valuesOf(name, labels), value) }
  }

  histogram(name: NamesOf<'histogram'>): Histogram {
    const cell = this.#histograms.get(name) ?? new HistogramCell(familySpec(name).buckets)
    this.#histograms.set(name, cell)
    return cell
  }

  /** Returns what ends it. */
  collect(collector: Collector): () => void {
    this.#collectors.add(collector)
    return () => {
      this.#collectors.delete(collector)
      this.#failing.delete(collector)
    }
  }

  /** All that there is to say now, in the order of the table. */
  families(): Family[] {
    const collected = new Map<FamilyName, Cells>()
    for (const collector of this.#collectors) this.#ask(collector, collected)
    return FAMILY_NAMES.flatMap((name) => {
      const histogram = this.#histograms.get(name) ?? null
      const cells = new Cells()
      for (const from of [this.#held.get(name), collected.get(name)]) {
        for (const { labels, value } of from?.series() ?? []) cells.add(labels, value)
      }
      const series = cells.series()
      return histogram === null && series.length === 0 ? [] : [{ name, series, histogram }]
    })
  }

  /** One that cannot be asked must not keep the others from answering. */
  #ask(collector: Collector, into: Map<FamilyName, Cells>): void {
    let samples: Samples
    try {
      samples = collector()
    } catch (error) {
      this.#failures.add({})
      if (!this.#failing.has(collector)) this.#onfault(error)
      this.#failing.add(collector)
      return
    }
    this.#failing.delete(collector)
    for (const [name, collected] of Object.entries(samples) as [FamilyName, Untyped][]) {
      const cells = into.get(name) ?? new Cells()
      const each = typeof collected === 'number' ? [[{}, collected] as const] : (collected ?? [])
      for (const [labels, value] of each) cells.add(this.#valuesOf(name, labels), value)
      into.set(name, cells)
    }
  }

  /** Kept from the first moment with all its values, so that a rise from nothing is seen as one. */
  #cellsOf(name: FamilyName): Cells {
    const known = this.#held.get(name)
    if (known !== undefined) return known
    const cells = new Cells()
    const { type, labels } = familySpec(name)
    const lists = Object.values(labels)
    if (type === 'counter' && lists.length === 0) cells.add([], 0)
    if (type === 'counter' && lists.length === 1) for (const value of lists[0] ?? []) cells.add([value], 0)
    this.#held.set(name, cells)
    return cells
  }

  /** What is not in the list of its label is counted as such, and nothing else is kept of it. */
  #valuesOf(name: FamilyName, labels: object): string[] {
    const given = labels as Readonly<Record<string, string>>
    return Object.entries(familySpec(name).labels).map(([label, values]) => {
      const value = given[label] ?? OTHER
      if (values !== ONE) return values.includes(value) ? value : OTHER
      const key = `${name} ${label}`
      const one = this.#ones.get(key) ?? value
      this.#ones.set(key, one)
      return one
    })
  }
}

type Untyped = number | null | readonly (readonly [Readonly<Record<string, string>>, number])[]
