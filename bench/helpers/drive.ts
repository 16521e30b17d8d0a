import { median, milliseconds } from './figures.ts'
import type { Line } from './pairs.ts'

/** JSON text of about so many bytes. */
export function payload(bytes: number): string {
  return 'x'.repeat(bytes)
}

/** Messages per second with so many on their way at a time. */
export async function throughput(
  line: Line,
  message: unknown,
  count: number,
  window: number
): Promise<number> {
  const startedAt = milliseconds()
  await new Promise<void>((resolve, reject) => {
    let sent = 0
    let received = 0
    const next = () => {
      if (sent++ < count) line.send(message).catch(reject)
    }
    line.onmessage = () => {
      if (++received === count) resolve()
      else next()
    }
    for (let i = 0; i < window; i++) next()
  })
  return (count * 1000) / (milliseconds() - startedAt)
}

/** The median time from a send call to the event at the other end, one message at a time. */
export async function latency(line: Line, message: unknown, count: number): Promise<number> {
  const times: number[] = []
  for (let i = 0; i < count; i++) {
    const arrived = new Promise<void>((resolve) => {
      line.onmessage = () => resolve()
    })
    const startedAt = milliseconds()
    await Promise.all([arrived, line.send(message)])
    times.push(milliseconds() - startedAt)
  }
  return median(times)
}

export interface Turns {
  readonly ours: number
  readonly ceiling: number
  /** The median of the ratios of neighbouring runs. */
  readonly ratio: number
}

/** Both in turns, so that what else the machine does meets both alike; a first turn warms up. */
export async function inTurns(
  runs: number,
  ours: () => Promise<number>,
  ceiling: () => Promise<number>
): Promise<Turns> {
  await ceiling()
  await ours()
  const pairs: [number, number][] = []
  for (let i = 0; i < runs; i++) pairs.push([await ours(), await ceiling()])
  return {
    ours: median(pairs.map(([value]) => value)),
    ceiling: median(pairs.map(([, value]) => value)),
    ratio: median(pairs.map(([value, other]) => value / other))
  }
}
