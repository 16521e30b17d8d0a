/** What the places such as `<alice>` and `<welcome>` of a section stand for. */
export class Values {
  readonly #known = new Map<string, string>()
  /** Those that are the same in all sections. */
  readonly #fixed = new Map<string, string>()

  set(name: string, value: string): void {
    const map = name === 'project' ? this.#fixed : this.#known
    map.set(name, value)
  }

  clear(): void {
    this.#known.clear()
  }

  /** The text with the real values. A place that nothing is known for is a mistake of the text. */
  fill(text: string): string {
    return text.replace(/<([\w][\w -]*)>/g, (_, name: string) => {
      const value = this.#known.get(name) ?? this.#fixed.get(name)
      if (value === undefined) throw new Error(`nothing is known for <${name}>`)
      return value
    })
  }

  /**
   * What is not as it is shown; null: nothing. Numbers differ unless they say how many neighbours there are, `…` stands for
   * anything, and a place that was not known yet is known from then on.
   */
  differs(shown: unknown, real: unknown, open: boolean, at = ''): string | null {
    if (typeof shown === 'string') return this.#textDiffers(shown, real, at)
    if (typeof shown === 'number' && at !== 'neighbours')
      return typeof real === 'number' ? null : `${at} is no number`
    if (Array.isArray(shown)) {
      if (!Array.isArray(real) || (shown.length > 0 && real.length === 0)) return `${at} is no such list`
      const each = shown.map((value, i) => this.differs(value, real[i], open, at))
      return each.find((difference) => difference !== null) ?? null
    }
    if (typeof shown === 'object' && shown !== null) return this.#objectDiffers(shown, real, open, at)
    return Object.is(shown, real) ? null : `${at} is ${JSON.stringify(real)}`
  }

  #textDiffers(shown: string, real: unknown, at: string): string | null {
    if (shown === '…') return null
    if (typeof real !== 'string') return `${at} is ${JSON.stringify(real)}`
    const [, name] = /^<([\w -]+)>$/.exec(shown) ?? []
    if (name !== undefined) {
      const known = this.#known.get(name)
      this.#known.set(name, known ?? real)
      return known === undefined || known === real ? null : `${at} is ${real}, and <${name}> is ${known}`
    }
    const parts = this.fill(shown)
      .split('…')
      .map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
    return new RegExp(`^${parts.join('[^]*')}$`).test(real) ? null : `${at} is ${JSON.stringify(real)}`
  }

  #objectDiffers(shown: object, real: unknown, open: boolean, at: string): string | null {
    if (typeof real !== 'object' || real === null) return `${at} is ${JSON.stringify(real)}`
    const fields = Object.entries(shown)
    const missing = Object.keys(real).filter((name) => !Object.hasOwn(shown, name))
    if (!open && missing.length > 0) return `${at} has ${missing} too`
    const each = fields.map(([name, value]) =>
      Object.hasOwn(real, name)
        ? this.differs(value, (real as Record<string, unknown>)[name], open, name)
        : `no ${name}`
    )
    return each.find((difference) => difference !== null) ?? null
  }
}
