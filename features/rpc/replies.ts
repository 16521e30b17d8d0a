import { type IntercomError, toIntercomError } from '../../src/base/errors.ts'
import type { Reply } from '../../src/http/reply.ts'
import { INTERNAL, NOT_FOUND, RPC_CODES, type RpcCode } from '../../src/rpc/codes.ts'

/** How an error of the node is told to callers; one that is not here is a fault of ours. */
const TOLD: Partial<Record<IntercomError['code'], RpcCode>> = {
  bad_arguments: 'bad_request',
  tx_unknown_command: 'bad_request',
  unserialisable: 'unserialisable',
  contract_error: 'contract_error',
  contract_too_slow: 'contract_error',
  contract_crashed: 'contract_error',
  contract_differs: 'contract_error',
  app_broken: 'contract_error',
  command_failed: 'denied',
  denied: 'denied',
  subnet_refused: 'denied',
  tx_disabled: 'denied',
  not_writable: 'not_writable',
  no_admin: 'no_admin',
  too_large: 'too_large',
  rate_limited: 'rate_limited',
  no_subnet: 'unavailable',
  subnet_interrupted: 'unavailable',
  state_split: 'unavailable',
  store_unwritable: 'unavailable',
  // Not `timed_out`: that is a request that took too long to arrive.
  timed_out: 'unavailable',
  settlement_unavailable: 'unavailable',
  contract_untried: 'unavailable',
  closed: 'unavailable'
}

/** Larger ones would hold up everybody while they are written. */
const MOST_CHARACTERS = 16 * 1024 * 1024

/** What a handler throws that knows its answer. */
export class Refused extends Error {
  readonly reply: Reply

  constructor(code: RpcCode, error: string, next?: string) {
    super(error)
    this.reply = errorReply(code, error, next)
  }
}

/** The answer, whatever the value is: contracts return what they like. */
export function jsonReply(value: object): Reply {
  const body = jsonText(value)
  if (body === null) return errorReply('unserialisable', 'Invalid value: it has no JSON.')
  if (body.length > MOST_CHARACTERS) return errorReply('unserialisable', 'Invalid value: it is too large.')
  return { status: 200, contentType: 'application/json', body }
}

export function errorReply(code: RpcCode, error: string, next: string = RPC_CODES[code].next): Reply {
  const { status } = RPC_CODES[code]
  return { status, contentType: 'application/json', body: JSON.stringify({ error, code, next }) }
}

/** The answer to a request that failed; `onfault` hears of what is nobody's mistake but ours. */
export function replyToError(cause: unknown, onfault: (error: unknown) => void): Reply {
  if (cause instanceof Refused) return cause.reply
  const { code, message, next } = toIntercomError(cause)
  const told = TOLD[code]
  if (told !== undefined) return errorReply(told, message, next)
  onfault(cause)
  return errorReply('internal', INTERNAL)
}

/** Puts what the server says of itself into the form of all errors, and tells browsers which page may read it. */
export function createDress(allowOrigin: string | null): (reply: Reply) => Reply {
  const headers = corsHeaders(allowOrigin)
  return (reply) => {
    const { status, sentence } = reply
    const said = sentence === undefined ? reply : { ...reply, ...errorOf(status, sentence) }
    return { ...said, headers: { ...said.headers, ...headers } }
  }
}

function corsHeaders(allowOrigin: string | null): Record<string, string> {
  if (allowOrigin === null) return {}
  return {
    'Access-Control-Allow-Origin': allowOrigin,
    'Access-Control-Allow-Methods': 'GET, POST, OPTIONS',
    'Access-Control-Allow-Headers': 'Content-Type, Authorization'
  }
}

function errorOf(status: number, sentence: string): Reply {
  // A method that a path does not have is not told from a path that is not there.
  if (status === 404 || status === 405) return { ...errorReply('not_found', NOT_FOUND), headers: {} }
  if (status === 500) return errorReply('internal', INTERNAL)
  return { ...errorReply(codeOf(status), sentence), status }
}

function codeOf(status: number): RpcCode {
  if (status === 431) return 'too_large'
  const codes = Object.entries(RPC_CODES) as [RpcCode, { readonly status: number }][]
  return codes.find(([, row]) => row.status === status)?.[0] ?? 'bad_request'
}

/** Null for what has none. Numbers that JSON has no room for are their digits, as everywhere in the state. */
function jsonText(value: object): string | null {
  try {
    return JSON.stringify(value, (_key, part) => (typeof part === 'bigint' ? part.toString() : part))
  } catch {
    // A cycle, or deeper than the stack is high: the answer is what says so.
    return null
  }
}
