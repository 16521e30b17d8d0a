import test from 'brittle'
import { httpGet } from '../../helpers/scrape.ts'
import { type Json, openOne, stranger } from './helpers.ts'

test('a guess at the metrics counts like one at the socket, and the last answer beats the deadline', {
  timeout: 50_000
}, async (t) => {
  const node = await openOne(t)
  const guesser = await stranger(t, node.port)
  for (let id = 0; id < 5; id++) guesser.sendJson({ type: 'auth', token: 'wrong', id })
  t.is(await guesser.nextClose(), 1008)
  t.is((await httpGet(node.port, '/metrics', { Authorization: 'Bearer wrong' })).status, 401)

  // The seventh waits for 6.4 s; had the sixth begun anew, for 0.1 s.
  const seventh = await stranger(t, node.port)
  const eighth = await stranger(t, node.port)
  const asked = Date.now()
  seventh.sendJson({ type: 'auth', token: 'wrong', id: 7 })
  t.is((await seventh.nextJson<Json>()).error, 'Unauthorized.')
  t.ok(Date.now() - asked > 3000, 'it goes on to double')
  seventh.destroy()

  // It would wait for 10 s, and has less than 4 s left to authenticate.
  eighth.sendJson({ type: 'auth', token: 'wrong', id: 8 })
  const answer = await eighth.nextJson<Json>()
  t.alike([answer.error, answer.code, answer.id], ['Unauthorized.', 'unauthorized', 8])
  t.is(await eighth.nextClose(), 1008)
})
