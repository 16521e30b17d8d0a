interface ThreadGlobal {
  readonly Thread: {
    new (file: string, options: { data: unknown }): unknown
    readonly self: { readonly data: unknown } | null
  }
}
const { Thread } = (globalThis as unknown as { Bare: ThreadGlobal }).Bare

/** What we use of Node's `worker_threads`, on Bare. */
export const workerData: unknown = Thread.self?.data

export class Worker {
  constructor(file: URL, options: { workerData: unknown }) {
    new Thread(file.href, { data: options.workerData })
  }
}
