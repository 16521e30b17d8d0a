import type Autobase from 'autobase'

/** One of a batch: so many are still to come, with this one. */
interface Block {
  readonly node: { readonly batch: number }
}

interface WriterOfBase {
  readonly core: {
    get(index: number, options?: object): Promise<Block | null>
    has(index: number): Promise<boolean>
  }
}

/**
 * Lets a fresh reader apply the first batch of the log alone. With it come the keys that the indexers sign with, and
 * what they have signed is taken over. Autobase would go on for as long as blocks arrive, and copy what it had made of
 * them one by one once it has the keys. To be called before the base is opened.
 */
export function startWithFirstBatch(base: Autobase): void {
  base.on('writer', ({ core }: WriterOfBase) => {
    const get = core.get.bind(core)
    const has = core.has.bind(core)
    let end = Number.POSITIVE_INFINITY
    const isFresh = () => base.core.length === 0
    core.get = async (index, options) => {
      const block = await get(index, options)
      if (block?.node.batch === 1 && isFresh()) end = Math.min(end, index + 1)
      return block
    }
    // Autobase looks again as soon as it has the keys.
    core.has = async (index) => (index < end || !isFresh()) && has(index)
  })
}
