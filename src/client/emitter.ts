/** Listeners by the name of their event. */
export class Emitter<E extends { [K in keyof E]: (...args: never[]) => void }> {
  readonly #listeners = new Map<keyof E, Set<E[keyof E]>>()

  on<K extends keyof E>(event: K, listener: E[K]): void {
    const listeners = this.#listeners.get(event) ?? new Set()
    this.#listeners.set(event, listeners.add(listener))
  }

  off<K extends keyof E>(event: K, listener: E[K]): void {
    this.#listeners.get(event)?.delete(listener)
  }

  emit<K extends keyof E>(event: K, ...args: Parameters<E[K]>): void {
    for (const listener of [...(this.#listeners.get(event) ?? [])]) {
      try {
        ;(listener as (...args: Parameters<E[K]>) => void)(...args)
      } catch (error) {
        // A fault of the listener is for its owner to see, and nothing to the connection.
        queueMicrotask(() => {
          throw error
        })
      }
    }
  }
}
