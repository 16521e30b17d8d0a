// Taken before a contract can be in the way.
const immediate = globalThis.setImmediate

/** After everything that promises have set going by now. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => void immediate(resolve))
}
