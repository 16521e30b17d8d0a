/** Answers that are given after a while, or at once when there is no time left. */
export class LateAnswers {
  readonly #waiting = new Map<ReturnType<typeof setTimeout>, () => void>()

  add(delay: number, answer: () => void): void {
    const timer = setTimeout(() => {
      this.#waiting.delete(timer)
      answer()
    }, delay)
    this.#waiting.set(timer, answer)
  }

  /** False when there was none to give. */
  giveNow(): boolean {
    const waiting = [...this.#waiting.values()]
    this.clear()
    for (const answer of waiting) answer()
    return waiting.length > 0
  }

  clear(): void {
    for (const timer of this.#waiting.keys()) clearTimeout(timer)
    this.#waiting.clear()
  }
}
