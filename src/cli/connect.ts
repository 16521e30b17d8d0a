import { type BridgeClient, BridgeError, connect } from '#client'
import { printable } from '../base/text.ts'
import type { Endpoint } from './endpoint.ts'

// To connect, and to each answer. A node answers at once, but takes up to 10 s to refuse a token.
const ANSWER_TIME = 15_000

/** Once, for one question: whoever asks is told at once when it fails, and why. */
export async function openClient(endpoint: Endpoint): Promise<BridgeClient> {
  const { url, token, ca } = endpoint
  try {
    return await connect({ url, token, reconnect: false, timeoutMs: ANSWER_TIME, ...(ca !== null && { ca }) })
  } catch (error) {
    throw error instanceof BridgeError ? explained(error, endpoint) : error
  }
}

/** What stands in the error of a runtime, what it means, and what to do. */
const REASONS: readonly (readonly [sign: RegExp, why: string, next: string])[] = [
  [
    /ECONNREFUSED|connection refused/i,
    'nobody listens there',
    'Start the node with --sc-bridge 1, or name its port.'
  ],
  [/ENOTFOUND|EAI_|unknown node or service/i, 'the name does not resolve', 'Mend the name of the host.'],
  [
    /CERTIFICATE_VERIFY_FAILED/,
    'its certificate is not trusted',
    'Name the certificate with --sc-bridge-tls-cert <file>, and the host as it stands in it with --sc-bridge-host.'
  ],
  [/WRONG_VERSION_NUMBER/, 'it speaks no TLS', 'Give --url with ws:// instead.'],
  [
    /CONNECTION_LOST/,
    'it hung up',
    'If it speaks TLS, give --url with wss://; else see whether the node is closing.'
  ],
  [/status 403/, 'it refuses this Host', 'Start the node with --sc-bridge-allow-host <host>.'],
  [
    /status \d+/,
    'what listens there is no SC-Bridge',
    'Name the host and port that the node printed at its start.'
  ]
]

/** The error of the client in the words of a command line. */
export function explained(
  error: BridgeError,
  { url, tokenFrom }: Pick<Endpoint, 'url' | 'tokenFrom'>
): BridgeError {
  const { code, detail, cause = error } = error
  if (code === 'unauthorized') {
    return new BridgeError(code, `The node refused the token from ${tokenFrom}.`, {
      next: 'Give the token of this very node: --sc-bridge-token-file, or SC_BRIDGE_TOKEN in the environment.',
      cause
    })
  }
  if (code === 'timeout') {
    return new BridgeError('cannot_connect', `What listens at ${url} does not answer as a bridge does.`, {
      next: 'See whether the node hangs, or whether another program has that port.',
      cause
    })
  }
  // Without a detail the client knows better itself.
  if (code !== 'cannot_connect' || !detail) return error
  const [, why, next] = REASONS.find(([sign]) => sign.test(detail)) ?? []
  return new BridgeError(code, `Cannot connect to ${url} (${why ?? printable(detail)}).`, {
    next: next ?? 'See whether the node runs, and where it says that its bridge is.',
    cause
  })
}
