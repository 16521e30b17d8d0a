import process from '#process'

/**
 * Listens for promises that fail and that nobody waits for: they would end the process, and with it every peer
 * that comes to the same operation. While a contract runs, they are taken to be the contract's.
 */
export function catchStrays(onstray: (reason: unknown) => void): () => void {
  process.on('unhandledRejection', onstray)
  return () => void process.off('unhandledRejection', onstray)
}
