import { type IntercomError, toIntercomError } from '../../src/base/errors.ts'
import { BRIDGE_CODES, type BridgeCode } from '../../src/bridge/codes.ts'
import type { RequestType } from '../../src/bridge/protocol.ts'
import type { ErrorReply } from '../../src/bridge/types.ts'

/** How an error of the node is told to clients: its code, and why in the brackets of the deployed sentences. */
const REASONS: Partial<Record<IntercomError['code'], { readonly code: BridgeCode; readonly why: string }>> = {
  uninvited: { code: 'uninvited', why: 'invite required or invalid' },
  bad_invite: { code: 'uninvited', why: 'invite required or invalid' },
  bad_welcome: { code: 'denied', why: 'welcome missing or invalid' },
  owner_only: { code: 'owner_only', why: 'owner-only channel' },
  no_owner: { code: 'no_owner', why: 'no owner known' },
  too_large: { code: 'too_large', why: 'message too large' },
  unserialisable: { code: 'unserialisable', why: 'not JSON, or nested too deep' },
  rate_limited: { code: 'rate_limited', why: 'queues full' },
  not_joined: { code: 'denied', why: 'not joined' },
  no_request: { code: 'denied', why: 'nobody asked for it' },
  bad_arguments: { code: 'bad_request', why: 'invalid input' },
  store_unwritable: { code: 'denied', why: 'the store cannot be written' },
  closed: { code: 'denied', why: 'the node is closing' },
  no_subnet: { code: 'no_subnet', why: 'no subnet' },
  not_writable: { code: 'not_writable', why: 'not writable' },
  no_admin: { code: 'denied', why: 'no admin yet' },
  tx_disabled: { code: 'denied', why: 'transactions are switched off' },
  subnet_refused: { code: 'denied', why: 'refused by the subnet' },
  timed_out: { code: 'no_neighbours', why: 'no neighbour has answered in time' },
  command_failed: { code: 'denied', why: 'refused by the app' },
  subnet_interrupted: { code: 'denied', why: 'the subnet has stopped' },
  state_split: { code: 'denied', why: 'the state has split off' },
  contract_error: { code: 'denied', why: 'refused by the contract' },
  contract_crashed: { code: 'denied', why: 'the contract crashed' },
  contract_untried: { code: 'denied', why: 'the contract cannot be tried' },
  app_broken: { code: 'denied', why: 'a fault of the app' },
  settlement_unavailable: { code: 'disabled', why: 'settlement unavailable' },
  contract_too_slow: { code: 'denied', why: 'the contract is too slow' },
  contract_differs: { code: 'denied', why: 'the contract differs between peers' },
  tx_unknown_command: { code: 'bad_request', why: 'unknown command' }
}

/** What is denied, in the words of deployed bridges. */
const HEADS: Partial<Record<RequestType, string>> = {
  send: 'Send denied',
  join: 'Join denied',
  accept: 'Join denied',
  open: 'Open request denied',
  invite: 'Invite denied',
  welcome: 'Welcome denied'
}

/** Deployed bridges give these two for whatever is wrong with the grants of a request. */
const OPEN_DENIED = 'invalid input or missing invite/welcome'
const GRANT_FAULTS: ReadonlySet<IntercomError['code']> = new Set([
  'uninvited',
  'bad_invite',
  'bad_welcome',
  'no_owner'
])

export function refusal(code: BridgeCode, error: string, next: string = BRIDGE_CODES[code]): ErrorReply {
  return { type: 'error', error, code, next }
}

/** What a handler throws that knows its reply. */
export class Refused extends Error {
  readonly reply: ErrorReply

  constructor(code: BridgeCode, error: string, next?: string) {
    super(error)
    this.reply = refusal(code, error, next)
  }
}

/** The reply to a request that failed. */
export function refused(type: RequestType, cause: unknown): ErrorReply {
  if (cause instanceof Refused) return cause.reply
  const { code: known, message, next } = toIntercomError(cause)
  const head = HEADS[type]
  const reason = REASONS[known] ?? (known === 'denied' ? { code: 'denied' as const, why: message } : null)
  if (reason === null) return { ...refusal('internal', 'Internal error.'), detail: message }
  if (head === undefined) return refusal(reason.code, message, next)
  const why = type === 'open' && GRANT_FAULTS.has(known) ? OPEN_DENIED : reason.why
  return {
    type: 'error',
    error: `${head} (${why.replace(/\.$/, '')}).`,
    code: reason.code,
    detail: message,
    next
  }
}
