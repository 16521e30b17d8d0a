import b4a from 'b4a'
import { createHash } from '#crypto'

export type UpgradeHeaders = Readonly<Record<string, string | readonly string[] | undefined>>

export type UpgradeCheck =
  | { readonly ok: true; readonly accept: string }
  | { readonly ok: false; readonly status: 400 | 405 | 426; readonly reason: string }

/** RFC 6455, section 1.3. */
const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11'

/** Base64 of 16 bytes. */
const KEY = /^[A-Za-z0-9+/]{22}==$/

const PHRASES: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  408: 'Request Timeout',
  426: 'Upgrade Required',
  429: 'Too Many Requests',
  500: 'Internal Server Error',
  503: 'Service Unavailable'
}

/** RFC 9110, sections 15.5.6 and 15.5.22; RFC 6455, section 4.4. */
const FIELDS: Readonly<Record<number, readonly string[]>> = {
  405: ['Connection: close', 'Allow: GET'],
  426: ['Connection: Upgrade, close', 'Upgrade: websocket', 'Sec-WebSocket-Version: 13']
}

/** RFC 6455, section 4.2.1. Names of headers are in lower case, as both runtimes give them. */
export function checkUpgrade(method: string | undefined, headers: UpgradeHeaders): UpgradeCheck {
  if (method !== 'GET') return refused(405, 'A WebSocket is opened with GET.')
  if (!hasToken(headers.upgrade, 'websocket')) return refused(400, 'Expected "Upgrade: websocket".')
  if (!hasToken(headers.connection, 'upgrade')) return refused(400, 'Expected "Connection: Upgrade".')
  const version = single(headers['sec-websocket-version'])
  if (version === null) return refused(400, 'Expected one Sec-WebSocket-Version.')
  if (version !== '13') return refused(426, 'This server speaks version 13.')
  const key = single(headers['sec-websocket-key'])
  if (key === null || !KEY.test(key))
    return refused(400, 'Expected one Sec-WebSocket-Key, 16 bytes in base64.')
  const digest = createHash('sha1')
    .update(b4a.from(key + GUID))
    .digest()
  return { ok: true, accept: b4a.toString(digest, 'base64') }
}

/** Whatever extensions and subprotocols were offered, none is taken. */
export function upgradeResponse(accept: string): string {
  const fields = ['Upgrade: websocket', 'Connection: Upgrade', `Sec-WebSocket-Accept: ${accept}`]
  return ['HTTP/1.1 101 Switching Protocols', ...fields, '', ''].join('\r\n')
}

/** A whole response, after which the connection ends. */
export function refusal(status: number, text: string): string {
  const body = `${text}\n`
  return [
    `HTTP/1.1 ${status} ${PHRASES[status] ?? 'Refused'}`,
    ...(FIELDS[status] ?? ['Connection: close']),
    'Content-Type: text/plain; charset=utf-8',
    `Content-Length: ${b4a.byteLength(body)}`,
    '',
    body
  ].join('\r\n')
}

function refused(status: 400 | 405 | 426, reason: string): UpgradeCheck {
  return { ok: false, status, reason }
}

function single(value: string | readonly string[] | undefined): string | null {
  const values = typeof value === 'string' ? [value] : (value ?? [])
  return values.length === 1 ? (values[0] ?? '').trim() : null
}

/** Whether a list of tokens, in one header or in several, has this one. */
function hasToken(value: string | readonly string[] | undefined, token: string): boolean {
  const values = typeof value === 'string' ? [value] : (value ?? [])
  return values.some((text) => text.split(',').some((part) => part.trim().toLowerCase() === token))
}
