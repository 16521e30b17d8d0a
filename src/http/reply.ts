import type { ServerResponse } from 'node:http'
import b4a from 'b4a'
import http from '#http'

export interface Reply {
  readonly status: number
  /** Null: there is no body. */
  readonly contentType: string | null
  readonly body: string
  readonly headers?: Readonly<Record<string, string>>
  /** What it says, of one that says nothing else: for a server that says it in another form. */
  readonly sentence?: string
}

/** A sentence for whoever reads the answer. */
export function textReply(
  status: number,
  sentence: string,
  headers: Readonly<Record<string, string>> = {}
): Reply {
  return { status, contentType: 'text/plain; charset=utf-8', body: `${sentence}\n`, headers, sentence }
}

/** Says all with its status and its headers. */
export function emptyReply(status: number, headers: Readonly<Record<string, string>> = {}): Reply {
  return { status, contentType: null, body: '', headers }
}

export function sendReply(response: ServerResponse, reply: Reply): void {
  const body = b4a.from(reply.body)
  response.writeHead(reply.status, headersOf(reply, body.byteLength))
  response.end(body)
}

/** The whole answer, for a socket that HTTP has let go of. */
export function replyBytes(reply: Reply): Uint8Array {
  const body = b4a.from(reply.body)
  const lines = Object.entries(headersOf(reply, body.byteLength)).map(([name, value]) => `${name}: ${value}`)
  const first = `HTTP/1.1 ${reply.status} ${http.STATUS_CODES[reply.status] ?? 'Unknown'}`
  return b4a.concat([b4a.from(`${[first, ...lines].join('\r\n')}\r\n\r\n`), body])
}

function headersOf(reply: Reply, length: number): Record<string, string> {
  return {
    ...(reply.contentType !== null && {
      'Content-Type': reply.contentType,
      'Content-Length': String(length)
    }),
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
    // RFC 9110 asks for it with every 401.
    ...(reply.status === 401 ? { 'WWW-Authenticate': 'Bearer' } : {}),
    Connection: 'close',
    ...reply.headers
  }
}
