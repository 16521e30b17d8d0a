import process from '#process'
import type { Log } from '../base/log.ts'
import { createComplaint } from '../http/complaint.ts'
import { bearerToken } from '../http/gate.ts'
import type { RouteRequest } from '../http/guarded-server.ts'
import { type Reply, textReply } from '../http/reply.ts'
import type { Throttle } from './throttle.ts'
import type { Access, Authenticate } from './tokens.ts'

export interface BearerOptions {
  readonly authenticate: Authenticate
  readonly throttle: Throttle
  readonly log: Log
  /** What a wrong token was given for, as the log says it. */
  readonly what: string
  /** A token was wrong. */
  readonly onwrong: () => void
}

export type Caller = Pick<RouteRequest, 'headers' | 'lease'>
export type Admitted =
  | { readonly ok: true; readonly access: Access }
  | { readonly ok: false; readonly refusal: Reply }

// Whoever has the wrong token should read that within their own time, ten seconds as a rule.
const MOST_DELAY_MS = 5000

/**
 * Who asks over HTTP, by the token in their request. A right one is answered at once; what follows a wrong one
 * waits longer each time.
 */
export function createBearerCheck(options: BearerOptions): (caller: Caller) => Promise<Admitted> {
  const { authenticate, throttle, log, what, onwrong } = options
  const complain = createComplaint(log, `a wrong token was given for ${what}`, now)
  return async ({ headers, lease }) => {
    const token = bearerToken(headers)
    // Whoever brings none has not guessed.
    if (token === null) return refused('Send the token: "Authorization: Bearer <token>".')
    const access = authenticate(token)
    if (access === null) {
      onwrong()
      complain({ address: lease.remoteAddress })
      await delay(Math.min(MOST_DELAY_MS, throttle.fail(lease.remoteAddress, now())))
      return refused('Unauthorized.')
    }
    lease.release()
    return { ok: true, access }
  }
}

function refused(sentence: string): Admitted {
  return { ok: false, refusal: textReply(401, sentence) }
}

/** In a clock that setting the time does not move. */
function now(): number {
  return process.uptime() * 1000
}

function delay(ms: number): Promise<void> {
  return new Promise((resolve) => {
    // An end of the process does not wait for a wrong answer.
    setTimeout(resolve, ms).unref()
  })
}
