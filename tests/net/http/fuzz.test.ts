import b4a from 'b4a'
import test from 'brittle'
import fc from 'fast-check'
import { textReply } from '../../../src/http/reply.ts'
import { Client, drained, exchange, openServer, requestText, UPGRADE, upgradeText } from './helpers.ts'

const LINES = [
  'Host: evil.example',
  'Origin: null',
  'Content-Length: 5',
  'Content-Length: -1',
  'Transfer-Encoding: chunked',
  'Transfer-Encoding: identity',
  'Connection: keep-alive',
  'Connection: close',
  'Connection: Upgrade',
  'Upgrade: h2c',
  'Expect: 100-continue',
  'Expect: 200-ok',
  'Trailer: Host',
  '__proto__: x',
  'Authorization: Bearer x',
  '5\r\nhello\r\n0',
  '',
  ' folded'
]

/** Heads that once were sound, with some of it changed, cut, doubled or put in between. */
function heads(port: number): fc.Arbitrary<Uint8Array> {
  const originals = [
    requestText(port),
    requestText(port, { method: 'HEAD', version: 'HTTP/1.0' }),
    requestText(port, { method: 'POST', headers: ['Content-Length: 5'] }),
    `${requestText(port, { method: 'POST', headers: ['Content-Length: 5'] })}hello`,
    `${requestText(port, { method: 'POST', headers: ['Transfer-Encoding: chunked'] })}5\r\nhello\r\n0\r\n\r\n`,
    requestText(port, { method: 'CONNECT', target: 'a.example:80' }),
    upgradeText(port),
    upgradeText(port, { headers: [...UPGRADE, 'Content-Length: 3'] })
  ].map((text) => b4a.from(text))
  const insert = fc.oneof(
    fc.constantFrom(...LINES).map((line) => b4a.from(`${line}\r\n`)),
    fc.uint8Array({ maxLength: 12 }),
    fc.constantFrom(...originals)
  )
  const change = fc.record({ at: fc.nat(), kind: fc.nat(4), length: fc.nat(40), insert })
  return fc
    .tuple(fc.constantFrom(...originals), fc.array(change, { maxLength: 5 }))
    .map(([original, changes]) => {
      let bytes: Uint8Array = original
      for (const { at, kind, length, insert } of changes) {
        const lineEnd = bytes.indexOf(10, at % bytes.byteLength) + 1
        const from = kind < 2 ? lineEnd : at % bytes.byteLength
        const [before, part, after] = [
          bytes.subarray(0, from),
          bytes.subarray(from, from + length),
          bytes.subarray(from + length)
        ]
        if (kind === 0) bytes = b4a.concat([before, insert, part, after])
        else if (kind === 1) bytes = b4a.concat([before, part, part, after])
        else if (kind === 2) bytes = b4a.concat([before, insert, after])
        else if (kind === 3) bytes = b4a.concat([before, after])
        else bytes = before
        if (bytes.byteLength === 0) return insert
      }
      return bytes
    })
}

test('whatever is sent, the next one is served', async (t) => {
  const { server, port, lines } = await openServer(t, {
    onupgrade: (_request, socket, head) => {
      socket.write(b4a.from('HTTP/1.1 101 Switching Protocols\r\n\r\n'))
      socket.end(head)
    }
  })
  server.post('/healthz', async ({ readBody }) => {
    const body = await readBody()
    return body instanceof Uint8Array ? textReply(200, `${body.byteLength}`) : body
  })
  const input = fc.oneof(
    { weight: 5, arbitrary: heads(port) },
    { weight: 1, arbitrary: fc.uint8Array({ minLength: 1, maxLength: 2000 }) }
  )
  let answers = 0
  let passed = 0
  await fc.assert(
    fc.asyncProperty(input, fc.nat(300), async (bytes, cut) => {
      const client = new Client(port)
      await client.connected
      client.write(bytes.subarray(0, cut))
      client.write(bytes.subarray(cut))
      client.end()
      await client.closed
      if (client.status !== 0) answers++
      if (client.status === 200 || client.status === 101) passed++
      // Bare says 100 by itself to an upgrade that announces a body, before it asks us.
      return (
        client.text === '' || /^HTTP\/1\.1 (100|101|200|400|403|404|405|408|413|426|431) /.test(client.text)
      )
    }),
    { numRuns: 2500 }
  )
  t.comment(`${answers} answers, ${passed} of them to requests that were still good`)
  t.ok(answers > 500 && passed > 20)
  await drained(server)
  t.is((await exchange(port, requestText(port))).status, 200)
  t.alike(lines, [])
})
