import b4a from 'b4a'
import test from 'brittle'
import { TOKEN } from '../../helpers/bridge.ts'
import { clientFrame, RawStream, upgradeRequest } from '../../helpers/raw-websocket.ts'
import { connect, type Json, openOne, stranger } from './helpers.ts'

/** Timers of the system may be this early. */
const EARLY = 20

test('wrong tokens: each answer takes twice as long, and the fifth ends the connection', async (t) => {
  const node = await openOne(t)
  const socket = await stranger(t, node.port)
  const begin = Date.now()
  const tokens = ['wrong', '', TOKEN.slice(1), `${TOKEN}0`, TOKEN.toUpperCase().replace('0', 'O'), TOKEN]
  tokens.forEach((token, id) => {
    socket.sendJson({ type: 'auth', token, id })
  })
  for (let id = 0; id < 5; id++) {
    const answer = await socket.nextJson<Json>()
    t.alike(
      [answer.type, answer.error, answer.code, answer.id],
      ['error', 'Unauthorized.', 'unauthorized', id]
    )
    t.ok(Date.now() - begin >= 100 * 2 ** id - EARLY, `the answer ${id} took its time`)
  }
  const end = await socket.next()
  t.alike(
    end,
    { kind: 'close', code: 1008, reason: 'Unauthorized.' },
    'the right one after them is not looked at'
  )
})

test('a right token is accepted at once, whatever came before it from the same address', async (t) => {
  const node = await openOne(t)
  const guesser = await stranger(t, node.port)
  for (let id = 0; id < 5; id++) guesser.sendJson({ type: 'auth', token: 'wrong', id })
  t.is(await guesser.nextClose(), 1008)
  const complaints = node.lines.filter((line) => line.includes('a client presented a wrong token'))
  t.is(complaints.length, 1, 'said once, however often it happens')

  // By now an answer to a wrong one waits for seconds.
  const late = await stranger(t, node.port)
  late.sendJson({ type: 'auth', token: 'wrong', id: 1 })
  const other = await connect(t, node)
  t.is((await other.ask({ type: 'ping' })).type, 'pong', 'on another connection')
  late.sendJson({ type: 'auth', token: TOKEN, id: 2 })
  late.sendJson({ type: 'ping', id: 3 })
  const answers = [await late.nextJson<Json>(), await late.nextJson<Json>(), await late.nextJson<Json>()]
  t.alike(
    answers.map(({ type, id }) => [type, id]),
    [
      ['auth_ok', 2],
      ['pong', 3],
      ['error', 1]
    ],
    'on the same connection, while the answer to the wrong one waits'
  )
  late.sendJson({ type: 'ping', id: 4 })
  t.is((await late.nextJson<Json>()).type, 'pong')
})

test('what is nearly the token is not the token', async (t) => {
  const node = await openOne(t)
  const nearly = [
    ...[` ${TOKEN}`, `${TOKEN} `, `${TOKEN}\n`, `${TOKEN}\u0000`, TOKEN.slice(0, -1), TOKEN.toUpperCase()],
    ...[TOKEN + TOKEN, TOKEN.repeat(100), '\u0000', '*', 'null', 'undefined', 'Bearer', `"${TOKEN}"`],
    ...['__proto__', 'constructor', '\ud800', `${TOKEN.slice(0, -1)}\ufffd`]
  ]
  const noTexts: unknown[] = [null, true, 0, [TOKEN], { toString: TOKEN }, {}]
  for (const token of [...nearly, ...noTexts]) {
    const socket = await stranger(t, node.port)
    socket.sendJson({ type: 'auth', token })
    socket.sendJson({ type: 'stats', id: 1 })
    // The answer to the token itself may take until the deadline.
    let answer = await socket.nextJson<Json>()
    if (answer.id !== 1) answer = await socket.nextJson<Json>()
    t.alike([answer.error, answer.id], ['Unauthorized.', 1], JSON.stringify(token).slice(0, 80))
    socket.destroy()
  }
  for (const request of [{ type: 'AUTH', token: TOKEN }, { type: 'send', token: TOKEN }, { token: TOKEN }]) {
    const socket = await stranger(t, node.port)
    socket.sendJson(request)
    t.is((await socket.nextJson<Json>()).error, 'Unauthorized.', JSON.stringify(request))
  }
})

test('without a token the deadline ends the connection, whatever it does meanwhile', {
  timeout: 40_000
}, async (t) => {
  const node = await openOne(t)
  const welcome = await connect(t, node)
  const begin = Date.now()
  const silent = await stranger(t, node.port)
  const busy = await stranger(t, node.port)
  const guesser = await stranger(t, node.port)
  const pinging = await stranger(t, node.port)
  for (let id = 0; id < 4; id++) guesser.sendJson({ type: 'auth', token: 'wrong' })
  // Nothing, half a request, a request that never ends, half a frame.
  const nothing = await RawStream.open(t, node.port)
  const half = await RawStream.open(t, node.port)
  half.send('GET / HTT')
  const endless = await RawStream.open(t, node.port)
  endless.send(upgradeRequest(node.port, {}).slice(0, -2))
  const slow = await stranger(t, node.port)
  slow.sendRaw(clientFrame({ payload: JSON.stringify({ type: 'auth', token: TOKEN }) }).subarray(0, 30))
  const talk = setInterval(() => {
    busy.sendJson({ type: 'ping' })
    pinging.sendFrame({ opcode: 9 })
    if (!endless.socket.destroyed) endless.send('a: b\r\n')
  }, 300)
  t.teardown(() => clearInterval(talk))
  const ends = [silent, busy, guesser, pinging, slow].map((socket) => socket.nextClose())
  t.alike(await Promise.all(ends), [1008, 1008, 1008, 1008, 1008])
  t.ok(Date.now() - begin > 5000, 'not before they had the time to authenticate')
  await Promise.all([nothing, half, endless].map(({ closed }) => closed))
  clearInterval(talk)
  t.is((await welcome.ask({ type: 'ping' })).type, 'pong', 'who has authenticated stays')
})

test('requests in one chunk with the token: what comes before it is refused, what comes after it is not', async (t) => {
  const node = await openOne(t)
  const requests = [
    { type: 'join', channel: 'before', id: 1 },
    { type: 'auth', token: TOKEN, id: 2 },
    { type: 'join', channel: 'after', id: 3 },
    // Longer than what is read of a stranger.
    { type: 'send', channel: 'after', message: 'x'.repeat(10_000), id: 4 }
  ].map((request) => clientFrame({ payload: JSON.stringify(request) }))
  const socket = await stranger(t, node.port)
  socket.sendRaw(b4a.concat(requests))
  const answers: Json[] = []
  while (answers.length < 4) answers.push(await socket.nextJson<Json>())
  t.alike(
    answers.map(({ type, id }) => [id, type]),
    [
      [1, 'error'],
      [2, 'auth_ok'],
      [3, 'joined'],
      [4, 'sent']
    ]
  )
  t.alike([...node.sidechannels.channels.keys()].map(String), ['0000intercom', 'after'])
})

test('a stranger who asks and never reads does not fill the memory', async (t) => {
  const node = await openOne(t)
  const deaf = await stranger(t, node.port)
  deaf.stream.hold()
  const other = await connect(t, node)
  const question = clientFrame({ payload: '{"type":"ping"}' })
  deaf.sendRaw(b4a.concat(Array.from({ length: 400_000 }, () => question)))
  let most = 0
  for (let i = 0; i < 200; i++) {
    t.is((await other.ask({ type: 'ping' })).type, 'pong')
    most = Math.max(most, node.bridge.waitingBytes)
  }
  t.ok(most < 1024 * 1024, `${most} bytes waited for it`)
  deaf.stream.release()
  // What comes after the last word may cut it off.
  t.ok([1008, null].includes(await deaf.nextClose()))
  await deaf.closed
})
