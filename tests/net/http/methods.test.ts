import b4a from 'b4a'
import test from 'brittle'
import { parametersOf } from '../../../src/http/gate.ts'
import { emptyReply, textReply } from '../../../src/http/reply.ts'
import { bodyOf, headOf, openEcho, post } from './echo.ts'
import { exchange, requestText } from './helpers.ts'

test('methods: each path has its own', async (t) => {
  const { server, port } = await openEcho(t)
  server.post('/healthz', () => textReply(200, 'posted'))
  const rows: [method: string, target: string, status: number, allow?: string][] = [
    ['GET', '/echo', 405, 'POST'],
    ['HEAD', '/echo', 405, 'POST'],
    ['POST', '/nothing', 404],
    ['POST', '/healthz', 200],
    ['PUT', '/healthz', 405, 'GET, HEAD, POST'],
    ['OPTIONS', '/echo', 405, 'POST'],
    ['OPTIONS', '/nothing', 404]
  ]
  for (const [method, target, status, allow] of rows) {
    const { text } = await exchange(port, requestText(port, { method, target }))
    t.ok(text.startsWith(`HTTP/1.1 ${status} `), `${method} ${target}`)
    t.is(/\r\nallow: (.*)\r\n/i.exec(text)?.[1], allow)
  }
})

test('a preflight is answered whatever its path, and has no body', async (t) => {
  const { server, port } = await openEcho(t, { allowOrigins: ['https://app.example'] })
  server.preflight(() => emptyReply(204, { 'Access-Control-Allow-Methods': 'POST' }))
  for (const target of ['/echo', '/nothing', '/']) {
    const { text } = await exchange(port, requestText(port, { method: 'OPTIONS', target }))
    t.ok(text.startsWith('HTTP/1.1 204 No Content\r\n') && text.endsWith('\r\n\r\n'), text)
    t.absent(/\r\n(content-(length|type)|transfer-encoding):/i.test(text))
    t.ok(/\r\naccess-control-allow-methods: POST\r\n/i.test(text))
  }
  const ask = (...headers: string[]) =>
    exchange(port, requestText(port, { method: 'OPTIONS', target: '/echo', headers }))
  t.is((await ask('Origin: https://app.example')).status, 204)
  t.is((await ask('Origin: https://evil.example')).status, 403)
  t.is((await ask('Content-Length: 5')).status, 400)
})

test('pages of every origin, where that is asked for', async (t) => {
  const { port } = await openEcho(t, { anyOrigin: true })
  t.is((await exchange(port, post(port, 'a', ['Origin: https://any.example']))).status, 200)
  t.is((await exchange(port, post(port, 'a', ['Host: evil.example']))).status, 400, 'but not every Host')
})

test('all that is said has the form of the server', async (t) => {
  const { server, port } = await openEcho(t, {
    dress: (reply) => ({ ...reply, contentType: 'application/json', body: JSON.stringify(reply.sentence) })
  })
  server.post('/fails', () => Promise.reject(new Error('the inside story')))
  const good = post(port, 'x')
  const rows: [status: number, bytes: string | Uint8Array][] = [
    [400, 'hello\r\n\r\n'],
    [404, headOf(port, []).replace('/echo', '/nothing')],
    [404, headOf(port, ['Content-Length: 5']).replace('/echo', '/nothing')],
    [413, headOf(port, ['Content-Length: 500000'])],
    [500, headOf(port, []).replace('/echo', '/fails')],
    [403, b4a.from(b4a.toString(good).replace('127.0.0.1', 'evil.example'))],
    [400, `${headOf(port, ['Transfer-Encoding: chunked'])}zz\r\n`]
  ]
  for (const [status, bytes] of rows) {
    const client = await exchange(port, bytes)
    t.is(client.status, status)
    const said = JSON.parse(bodyOf(client) ?? '')
    t.ok(typeof said === 'string' && !said.includes('story'), said)
  }
})

test('parameters', (t) => {
  const of = (url: string) => {
    const found = parametersOf(url)
    return found && Object.fromEntries(found)
  }
  t.alike(of('/a'), {})
  t.alike(of('/a?'), {})
  t.alike(of('/a?key=tx%2Fab&confirmed=false&x'), { key: 'tx/ab', confirmed: 'false', x: '' })
  t.alike(of('/a?key=a+b%2B&key=c&&=d'), { key: 'a b+' })
  t.alike(of('/a?key=a=b?c'), { key: 'a=b?c' })
  t.alike(of('/a?__proto__=1'), JSON.parse('{"__proto__":"1"}'))
  for (const bad of ['/a?key=%', '/a?%zz', '/a?key=%E0%A4%A', '/a?key=%ff']) t.is(of(bad), null, bad)
})
