import { quoted } from '../base/text.ts'
import { createHostCheck, createOriginCheck, type HostCheckOptions, parseHost } from './host.ts'
import { type Reply, textReply } from './reply.ts'

export type Headers = Readonly<Record<string, string | string[] | undefined>>

/** A request before its body. */
export interface RequestHead {
  readonly method?: string | undefined
  readonly url?: string | undefined
  readonly httpVersion: string
  readonly headers: Headers
  /** Names and values in turn, where the runtime has them; otherwise it counts the fields itself. */
  readonly rawHeaders?: readonly string[]
}

export interface GateOptions extends HostCheckOptions {
  readonly allowOrigins: readonly string[]
  /** Pages of every origin may ask. */
  readonly anyOrigin?: boolean
  /** Parameters that may stand in a URL although they are called like a secret. */
  readonly parameters?: readonly string[]
  /** Flags that open what was refused, for the answer. */
  readonly flags: { readonly allowHost: string | null; readonly allowOrigin: string | null }
}

export const MAX_HEADERS = 64
export const MALFORMED = textReply(400, 'Send a well-formed HTTP/1.1 request with one Host header.')

export const NOTHING = textReply(404, 'There is nothing here.')

// Names under which a secret may have got into a URL, where logs and histories keep it.
const SECRET_NAME = /token|secret|passw|auth|bearer|api[-_]?key|^key$/i
/** RFC 9110, section 15.5.22; RFC 6455, section 4.4. */
const OTHER_VERSION = textReply(426, 'Sec-WebSocket-Version must be 13.', {
  Connection: 'Upgrade, close',
  Upgrade: 'websocket',
  'Sec-WebSocket-Version': '13'
})
const WEBSOCKET_KEY = /^[+/0-9A-Za-z]{22}==$/

/** What every request must pass, whatever it asks for: null, or the refusal. */
export function createGate(options: GateOptions): (head: RequestHead) => Reply | null {
  const isOurHost = createHostCheck(options)
  const isListed = createOriginCheck(options.allowOrigins)
  const isAllowedOrigin = (origin: string | undefined) => options.anyOrigin === true || isListed(origin)
  const { allowHost, allowOrigin } = options.flags
  const hint = (flag: string | null) => (flag === null ? '' : ` It is added with ${flag}.`)
  return (head) => {
    if ((head.rawHeaders?.length ?? 0) > 2 * MAX_HEADERS) {
      return textReply(431, 'Too many header fields.')
    }
    const host = one(head.headers.host)
    if (host === undefined || parseHost(host) === null) return MALFORMED
    if (!isOurHost(host)) return textReply(403, `This Host is not allowed.${hint(allowHost)}`)
    if (!isAllowedOrigin(one(head.headers.origin))) {
      return textReply(403, `This Origin is not allowed.${hint(allowOrigin)}`)
    }
    const url = head.url ?? ''
    if (!url.startsWith('/')) return textReply(400, 'The request target must be a path.')
    if (namesSecret(queryOf(url), options.parameters ?? [])) {
      return textReply(
        400,
        'A token must not be part of a URL: send it in the Authorization header or message.'
      )
    }
    return null
  }
}

/** What an ordinary request must be besides, with the methods its path has: null, or the refusal. */
export function requestFault(
  { method = '', headers }: RequestHead,
  methods: readonly string[]
): Reply | null {
  if (headers.upgrade !== undefined) return textReply(400, 'An upgrade needs "Connection: Upgrade".')
  if (methods.length === 0) return NOTHING
  if (!methods.includes(method)) return notAllowed(method, methods.join(', '))
  return method !== 'POST' && hasBody(headers) ? textReply(400, `${method} has no body.`) : null
}

export function notAllowed(method: string, allow = 'GET, HEAD'): Reply {
  return textReply(405, `${quoted(method)} is not possible here.`, { Allow: allow })
}

/** What a request to become a WebSocket must be besides: null, or the refusal. */
export function upgradeFault(head: RequestHead): Reply | null {
  const { method = '', headers } = head
  const bad = (sentence: string) => textReply(400, sentence)
  if (one(headers.upgrade)?.toLowerCase() !== 'websocket')
    return bad('Only an upgrade to websocket is known.')
  if (hasBody(headers)) return bad('A WebSocket begins without a body.')
  if (method !== 'GET') return notAllowed(method, 'GET')
  if (head.httpVersion !== '1.1') return bad('A WebSocket begins with HTTP/1.1.')
  const version = one(headers['sec-websocket-version'])
  if (version === undefined) return bad('Sec-WebSocket-Version is missing: it must be 13.')
  if (version !== '13') return OTHER_VERSION
  if (!WEBSOCKET_KEY.test(one(headers['sec-websocket-key']) ?? '')) {
    return bad('Sec-WebSocket-Key must be 16 bytes in base64.')
  }
  return null
}

export function hasBody(headers: Headers): boolean {
  return headers['transfer-encoding'] !== undefined || (one(headers['content-length']) ?? '0') !== '0'
}

export function pathOf(url: string): string {
  return url.split('?', 1)[0] ?? ''
}

/** The token of `Authorization: Bearer <token>`; null when there is none. */
export function bearerToken(headers: Headers): string | null {
  const match = /^Bearer +([\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?)$/i.exec(one(headers.authorization) ?? '')
  return match?.[1] ?? null
}

/** The parameters in a URL, the first of each name; null when they are not well-formed. */
export function parametersOf(url: string): ReadonlyMap<string, string> | null {
  const found = new Map<string, string>()
  try {
    for (const part of queryOf(url).split('&')) {
      const at = part.indexOf('=')
      const name = formDecoded(at === -1 ? part : part.slice(0, at))
      if (name !== '' && !found.has(name)) found.set(name, at === -1 ? '' : formDecoded(part.slice(at + 1)))
    }
  } catch {
    // Not percent-encoded UTF-8: whoever asks says what is wrong.
    return null
  }
  return found
}

function queryOf(url: string): string {
  const at = url.indexOf('?')
  return at === -1 ? '' : url.slice(at + 1)
}

function namesSecret(query: string, known: readonly string[]): boolean {
  return query.split(/[&;]/).some((part) => {
    const name = decoded(part.split('=', 1)[0] ?? '')
    return SECRET_NAME.test(name) && !known.includes(name)
  })
}

function formDecoded(text: string): string {
  return decodeURIComponent(text.replaceAll('+', ' '))
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    // Not percent-encoded after all: it stands for itself.
    return text
  }
}

/** More than one of a header that may stand once is none that counts. */
export function one(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value.join(', ') : value
}
