import test from 'brittle'
import {
  Client,
  drained,
  exchange,
  LOOPBACK,
  openServer,
  type RequestParts,
  requestText,
  UPGRADE
} from './helpers.ts'

test('what is answered, and how', async (t) => {
  const { server, port } = await openServer(t)
  const text = requestText(port)
  const { text: answer } = await exchange(port, text)
  const [head = '', body] = answer.split('\r\n\r\n')
  const [first, ...fields] = head.split('\r\n')
  t.is(first, 'HTTP/1.1 200 OK')
  for (const field of [
    'Content-Type: application/json',
    'Content-Length: 11',
    'Cache-Control: no-store',
    'X-Content-Type-Options: nosniff',
    'Connection: close'
  ]) {
    t.ok(fields.includes(field), field)
  }
  t.is(body, '{"ok":true}')
  const { text: short } = await exchange(port, requestText(port, { method: 'HEAD' }))
  t.ok(
    short.startsWith('HTTP/1.1 200 OK') && short.includes('Content-Length: 11') && short.endsWith('\r\n\r\n')
  )
  t.is((await exchange(port, text.replace('127.0.0.1', 'localhost'))).status, 200)
  t.is((await exchange(port, requestText(port, { version: 'HTTP/1.0' }))).status, 200)
  t.is((await exchange(port, `\r\n${text}`)).status, 200, 'an empty line before it')
  t.is((await exchange(port, requestText(port, { headers: ['Expect: 100-continue'] }))).status, 200)
  server.get('/secret', () => ({ status: 401, contentType: 'text/plain', body: '' }))
  const { text: denied } = await exchange(port, requestText(port, { target: '/secret' }))
  t.ok(/\r\nwww-authenticate: Bearer\r\n/i.test(denied))
})

test('what is refused', async (t) => {
  const { port } = await openServer(t, {
    allowHosts: ['proxy.example'],
    allowOrigins: ['https://app.example']
  })
  const host = `${LOOPBACK}:${port}`
  const rows: [status: number, parts: RequestParts][] = [
    [200, { host: 'proxy.example' }],
    [200, { headers: ['Origin: https://app.example'] }],
    [200, { target: '/healthz?client=1' }],
    [200, { headers: ['Content-Length: 0'] }],
    [400, { host: null }],
    [400, { host: null, version: 'HTTP/1.0' }],
    [400, { host: '' }],
    [400, { headers: [`Host: ${host}`] }],
    [400, { host: `${host}, ${host}` }],
    [400, { host: `user@${host}` }],
    [403, { host: LOOPBACK }],
    [403, { host: `${LOOPBACK}:${port === 1 ? 2 : 1}` }],
    [403, { host: `evil.example:${port}` }],
    [403, { headers: ['Origin: null'] }],
    [403, { headers: ['Origin: https://evil.example'] }],
    [403, { headers: ['Origin: https://app.example', 'Origin: https://app.example'] }],
    [400, { target: '/healthz?token=abc' }],
    [400, { target: '/healthz?a=1&access%5Ftoken=abc' }],
    [400, { target: `http://${host}/healthz` }],
    [400, { target: '*', method: 'OPTIONS' }],
    [404, { target: '/' }],
    [404, { target: '/healthz/' }],
    [404, { target: '//healthz' }],
    [404, { target: '/HEALTHZ' }],
    [404, { target: '/%68ealthz' }],
    [404, { target: '/../healthz' }],
    [405, { method: 'POST' }],
    [405, { method: 'DELETE' }],
    [405, { method: 'OPTIONS' }],
    [405, { method: 'CONNECT', target: host }],
    [400, { headers: ['Content-Length: 5'] }],
    [400, { headers: ['Transfer-Encoding: chunked'] }],
    [400, { headers: ['Upgrade: websocket'] }],
    [404, { headers: UPGRADE }]
  ]
  for (const [status, parts] of rows) {
    const { text } = await exchange(port, requestText(port, parts))
    t.ok(
      text.startsWith(`HTTP/1.1 ${status} `),
      `${status} for ${JSON.stringify(parts)}, got ${text.slice(9, 12)}`
    )
    t.ok(text.includes('Cache-Control: no-store') && text.includes('Connection: close'))
    t.is(text.includes('Allow: GET, HEAD'), status === 405)
  }
})

test('what is no HTTP is a 400', async (t) => {
  const { port } = await openServer(t)
  const good = requestText(port)
  const rows = [
    'hello\r\n\r\n',
    'GET\r\n\r\n',
    'GET /healthz\r\n\r\n',
    'GET  HTTP/1.1\r\n\r\n',
    'GET /healthz HTTP/9.9\r\n\r\n',
    'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
    'get /healthz HTTP/1.1\r\n\r\n',
    'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n',
    good.replace('GET', 'G\u0000T'),
    good.replace('/healthz', '/heal\u0000thz'),
    good.replace('\r\n\r\n', '\r\nNo colon\r\n\r\n'),
    good.replace('\r\n\r\n', '\r\n: no name\r\n\r\n'),
    good.replace('\r\n\r\n', '\r\nA b: c\r\n\r\n'),
    good.replace('\r\n\r\n', '\r\nA: b\u0000c\r\n\r\n'),
    good.replace('\r\n\r\n', '\r\nContent-Length: x\r\n\r\n'),
    good.replace('\r\n\r\n', '\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n'),
    good.replace('\r\n\r\n', '\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n'),
    good.replace('\r\n\r\n', '\r\nTransfer-Encoding: gzip\r\n\r\n')
  ]
  for (const bytes of rows) {
    const { text } = await exchange(port, bytes)
    t.ok(text.startsWith('HTTP/1.1 400 '), `${JSON.stringify(bytes)}, got ${text.slice(9, 12)}`)
    t.ok(text.includes('Cache-Control: no-store'))
  }
})

test('heads have a size', async (t) => {
  const { port } = await openServer(t)
  const many = (count: number) => Array.from({ length: count }, (_, i) => `X-${i}: y`)
  t.is((await exchange(port, requestText(port, { headers: [`X: ${'y'.repeat(7000)}`] }))).status, 200)
  t.is((await exchange(port, requestText(port, { headers: [`X: ${'y'.repeat(9000)}`] }))).status, 431)
  t.is((await exchange(port, requestText(port, { target: `/${'y'.repeat(9000)}` }))).status, 431)
  t.is((await exchange(port, requestText(port, { headers: many(60) }))).status, 200)
  t.is((await exchange(port, requestText(port, { headers: many(64) }))).status, 431)
  t.is(
    (await exchange(port, requestText(port, { headers: Array.from({ length: 64 }, () => 'X: y') }))).status,
    431
  )
  // What does not end is cut off where it is known to be too much.
  const endless = new Client(port).write(`${requestText(port).slice(0, -2)}X: `)
  endless.write('y'.repeat(100_000))
  await endless.closed
  t.ok([0, 431].includes(endless.status), 'the answer may be lost with what was not read')
})

test('each connection has one request', async (t) => {
  const { server, port } = await openServer(t)
  let calls = 0
  let answer: (body: string) => void = () => {}
  server.get('/later', () => {
    calls++
    return new Promise((resolve) => {
      answer = (body) => resolve({ status: 200, contentType: 'text/plain', body })
    })
  })
  const text = requestText(port, { target: '/later' })
  const client = new Client(port).write(text + text + requestText(port))
  await client.connected
  while (calls === 0) await exchange(port, requestText(port))
  answer('only this')
  await client.closed
  t.is(calls, 1)
  t.is(client.text.split('HTTP/1.1 ').length - 1, 1)
  t.ok(client.text.endsWith('only this'))
})

test('a handler that fails is a 500, and the next one is served', async (t) => {
  const { server, port, lines } = await openServer(t)
  const fail = (): never => {
    throw new Error('the inside story')
  }
  server.get('/throws', fail)
  server.get('/rejects', async () => fail())
  server.get('/nonsense', () => ({ status: 200, contentType: 'a\r\nb: c', body: '' }))
  for (const target of ['/throws', '/rejects']) {
    const { status, text } = await exchange(port, requestText(port, { target }))
    t.is(status, 500)
    t.absent(text.includes('story'))
  }
  t.is((await exchange(port, requestText(port, { target: '/nonsense' }))).text, '')
  t.is(lines.filter((line) => line.includes('a handler failed')).length, 3)
  t.is((await exchange(port, requestText(port))).status, 200)
})

test('whoever leaves before the answer is not missed', async (t) => {
  const { server, port, lines } = await openServer(t)
  const answers: (() => void)[] = []
  let asked: () => void = () => {}
  server.get('/later', () => {
    asked()
    return new Promise((resolve) => {
      answers.push(() => resolve({ status: 200, contentType: 'text/plain', body: 'x'.repeat(100_000) }))
    })
  })
  for (let i = 0; i < 3; i++) {
    const arrived = new Promise<void>((resolve) => {
      asked = resolve
    })
    const client = new Client(port).write(requestText(port, { target: '/later' }))
    await arrived
    client.destroy()
    await client.closed
    await drained(server)
  }
  for (const answer of answers) answer()
  t.is((await exchange(port, requestText(port))).status, 200)
  t.alike(lines, [])
})
