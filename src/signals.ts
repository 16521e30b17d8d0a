import process from '#process'

// One key press can reach us several times: from the terminal, from npm and from the launcher.
const SAME_PRESS = 500

export interface SignalOptions {
  readonly terminal: boolean
  readonly now: () => number
  /** The first signal: close in order. */
  readonly onstop: (signal: string) => void
  /** A second one, or too long an orderly close: end at once. */
  readonly onforce: (signal: string) => void
}

/** A closing terminal ends what runs in it; without one a SIGHUP (`nohup`, a supervisor) means nothing. */
export function listenForSignals(options: SignalOptions): void {
  let first: number | null = null
  const handle = (signal: string) => () => {
    if (signal === 'SIGHUP' && !options.terminal) return
    if (first === null) {
      first = options.now()
      options.onstop(signal)
    } else if (options.now() - first >= SAME_PRESS) options.onforce(signal)
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, handle(signal))
}
