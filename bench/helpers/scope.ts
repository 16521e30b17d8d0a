import type { Scope } from '../../tests/helpers/tmp.ts'

/** Ends what a benchmark began, in the order in which a test would. */
export class BenchScope implements Scope {
  readonly #steps: { readonly order: number; readonly end: () => unknown }[] = []

  teardown(end: () => unknown, options: { order?: number } = {}): void {
    this.#steps.push({ order: options.order ?? 0, end })
  }

  async close(): Promise<void> {
    for (const { end } of this.#steps.splice(0).sort((a, b) => a.order - b.order)) await end()
  }
}
