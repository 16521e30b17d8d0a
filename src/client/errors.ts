import type { BridgeCode } from '../bridge/codes.ts'
import type { AnyGap, Gap } from './gap.ts'

/** What can go wrong on this side, besides what the node refuses: the step that helps. */
export const CLIENT_CODES = {
  cannot_connect:
    'Start the node with --sc-bridge 1, or mend the url. A browser page also needs --sc-bridge-allow-origin.',
  protocol: 'Check that the url is that of the SC-Bridge of a node.',
  timeout: 'See whether the node is well. A request that was sent may have been done all the same.',
  closed: 'Connect again. A request that was sent may have been done all the same.',
  gap: 'Give the iterator an onGap to be told of what is missing and go on.'
} as const satisfies Record<string, string>

export type ClientCode = keyof typeof CLIENT_CODES

export interface BridgeErrorOptions {
  readonly detail?: string | undefined
  readonly next?: string | undefined
  readonly cause?: unknown
}

/** Whatever fails: a request that was refused, a connection that cannot be made or is gone. */
export class BridgeError extends Error {
  readonly code: BridgeCode | ClientCode
  /** More than the sentence says. */
  readonly detail: string | null
  /** What can be done about it. */
  readonly next: string

  constructor(code: BridgeCode | ClientCode, message: string, options: BridgeErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'BridgeError'
    this.code = code
    this.detail = options.detail ?? null
    this.next = options.next ?? (code in CLIENT_CODES ? CLIENT_CODES[code as ClientCode] : '')
  }
}

/** Thrown into a loop that has no `onGap`. */
export class GapError<G extends AnyGap = Gap> extends BridgeError {
  readonly gap: G

  /** `loop`: what the options are given to. */
  constructor(gap: G, message: string, loop: string) {
    super('gap', message, {
      detail: `The reason is "${gap.reason}".`,
      next: `Give ${loop} an onGap to be told of what is missing and go on.`
    })
    this.name = 'GapError'
    this.gap = gap
  }
}

/** The error that an answer of the node stands for. Older nodes give the sentence alone. */
export function refusalOf(frame: Readonly<Record<string, unknown>>, unknownCode: BridgeCode): BridgeError {
  const { error, code, detail, next } = frame
  return new BridgeError(
    typeof code === 'string' ? (code as BridgeCode) : unknownCode,
    typeof error === 'string' ? error : 'The node refused the request.',
    {
      detail: typeof detail === 'string' ? detail : undefined,
      next: typeof next === 'string' ? next : undefined
    }
  )
}
