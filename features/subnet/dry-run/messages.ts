import * as v from 'valibot'
import { safeJsonStringify } from '../../../src/app/json.ts'
import { depthWithin } from '../../../src/base/depth.ts'
import { IntercomError } from '../../../src/base/errors.ts'
import type { RulesVersion } from '../engine/rules.ts'
import type { RunInput, Verdict } from '../engine/runner.ts'
import { encodeFrame, FrameError, MAX_DEPTH } from './frames.ts'

/**
 * Numbers of the pipes as the worker has them, each for one way. Where a contract prints is none of them, and the
 * standard ones are opened by Node as soon as somebody imports `process`.
 */
export const PIPES = { in: 3, out: 4 } as const

const MIB = 1024 * 1024

/** Of a message: the value of the largest block there can be on the way in, what a parent can hold on the way out. */
export const MAX_BYTES = { in: 16 * MIB, out: 4 * MIB } as const

/** Of what a contract returned, as JSON text. */
const MAX_SHOWN = MIB

export interface Opening {
  readonly app: string | null
  /** Of the whole process. */
  readonly memoryBytes: number
  /** How long the worker may not come back from contract code when nobody is there to end it. */
  readonly stuckMs: number
}

export type ToWorker =
  | ({ readonly type: 'open' } & Opening)
  | { readonly type: 'run'; readonly run: number; readonly rules: RulesVersion; readonly input: RunInput }
  | { readonly type: 'entry'; readonly id: number; readonly entry: { readonly value: unknown } | null }
  | { readonly type: 'unread'; readonly id: number }

const verdict = v.object({
  error: v.nullable(v.string()),
  unknown: v.boolean(),
  value: v.optional(v.unknown()),
  dispatch: v.custom<object>((value) => typeof value === 'object' && value !== null),
  log: v.pipe(v.array(v.string()), v.readonly())
})

const fromWorker = v.variant('type', [
  // Code of the app has control from here until `ready` or `broken`.
  v.object({ type: v.literal('loading') }),
  v.object({ type: v.literal('ready') }),
  v.object({ type: v.literal('broken'), message: v.string() }),
  v.object({ type: v.literal('started'), run: v.number() }),
  v.object({ type: v.literal('get'), run: v.number(), id: v.number(), key: v.string() }),
  // `differs`: why peers would not come to the same result.
  v.object({ type: v.literal('done'), run: v.number(), verdict, differs: v.nullable(v.string()) }),
  v.object({ type: v.literal('failed'), run: v.number(), message: v.string() })
])
export type FromWorker = v.InferOutput<typeof fromWorker>
export type OfRun = Extract<FromWorker, { readonly run: number }>

/** A contract can get at the pipe, so what comes out of it is checked like the words of a stranger. */
export function fromWorkerOf(message: unknown): FromWorker {
  const result = v.safeParse(fromWorker, message)
  if (!result.success) throw new FrameError('a message has another form')
  return result.output
}

/** As it goes to the worker. */
export function frameOf(message: ToWorker): Uint8Array {
  const frame = encodeFrame(message, MAX_BYTES.in)
  if (frame === null) throw new IntercomError('too_large', 'It is too large to be tried.')
  return frame
}

/** As it goes from one process to another. */
export function portable(verdict: Verdict): Verdict {
  return { ...verdict, value: shownOf(verdict.value) }
}

/** It is for people, and nothing depends on it: what has no JSON, or too much of it, stays behind. */
function shownOf(value: unknown): unknown {
  const json = safeJsonStringify(value)
  if (json === null || json.length > MAX_SHOWN) return undefined
  const shown: unknown = JSON.parse(json)
  return depthWithin(shown, MAX_DEPTH) ? shown : undefined
}
