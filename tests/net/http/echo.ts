import b4a from 'b4a'
import type { Assertions } from 'brittle'
import type { Body } from '../../../src/http/body.ts'
import type { GuardedServer } from '../../../src/http/guarded-server.ts'
import { type Client, drained, exchange, type Options, openServer, requestText } from './helpers.ts'

export const LIMITS = { maxBytes: 100_000, timeMs: 5000, totalBytes: 1_000_000 }

/** A server that says how long a body is and gives it back. */
export async function openEcho(t: Assertions, options: Options = {}) {
  const opened = await openServer(t, { body: LIMITS, ...options })
  const bodies: Body[] = []
  opened.server.post('/echo', async ({ readBody }) => {
    const body = await readBody()
    bodies.push(body)
    if (!(body instanceof Uint8Array)) return body
    return { status: 200, contentType: 'text/plain', body: `${body.byteLength} ${b4a.toString(body)}` }
  })
  return { ...opened, bodies }
}

export function post(port: number, body: string | Uint8Array, headers: readonly string[] = []): Uint8Array {
  const bytes = b4a.from(body as string)
  const length = [`Content-Length: ${bytes.byteLength}`]
  return b4a.concat([b4a.from(headOf(port, [...length, ...headers])), bytes])
}

export function headOf(port: number, headers: readonly string[]): string {
  return requestText(port, { method: 'POST', target: '/echo', headers })
}

export function chunked(port: number, parts: readonly Uint8Array[]): Uint8Array {
  const head = b4a.from(headOf(port, ['Transfer-Encoding: chunked']))
  const chunks = parts.map((part) =>
    b4a.concat([b4a.from(`${part.byteLength.toString(16)}\r\n`), part, b4a.from('\r\n')])
  )
  return b4a.concat([head, ...chunks, b4a.from('0\r\n\r\n')])
}

export const bodyOf = ({ text }: Client) => text.split('\r\n\r\n').at(-1)

/** The server is as it was. */
export async function stillServes(t: Assertions, server: GuardedServer, port: number): Promise<void> {
  await drained(server)
  t.is(bodyOf(await exchange(port, post(port, 'next'))), '4 next', 'the next one is served')
}
