import b4a from 'b4a'
import test from 'brittle'
import { seedKeyPair } from '../../helpers/swarm.ts'
import { ask, connect, ENTRY, isRefused, type Json, OPEN, openOne } from './helpers.ts'

const STRANGER = b4a.toString(seedKeyPair(7).publicKey, 'hex')

test('what is wrong with a request, word for word', async (t) => {
  const client = await connect(t, await openOne(t))
  const channel = 'lobby'
  const badInvite = 'Invalid invite (expected JSON or base64).'
  const badWelcome = 'Invalid welcome (expected JSON or base64).'
  const badChannel = 'Invalid channel (expected 1-128 bytes without control characters).'
  const rows: [request: object, error: string][] = [
    ...['send', 'join', 'leave', 'open', 'welcome', 'invite', 'accept'].flatMap((type): typeof rows => [
      [{ type }, 'Missing channel.'],
      [{ type, channel: '' }, 'Missing channel.'],
      [{ type, channel: null }, 'Missing channel.'],
      [{ type, channel: ['lobby'] }, 'Missing channel.'],
      [{ type, channel: '  ' }, badChannel],
      [{ type, channel: 'x\ny' }, badChannel],
      [{ type, channel: 'ü'.repeat(65) }, badChannel]
    ]),
    [{ type: 'send', channel }, 'Missing message.'],
    ...['{', 'not base64!', '[]', '', 5, true, b4a.toString(b4a.from('nope'), 'base64')].flatMap(
      (bad): typeof rows => [
        [{ type: 'send', channel, message: 1, invite: bad }, badInvite],
        [{ type: 'send', channel, message: 1, welcome: bad }, badWelcome],
        [{ type: 'join', channel, invite: bad }, badInvite],
        [{ type: 'join', channel, welcome: bad }, badWelcome],
        [{ type: 'open', channel, invite: bad }, badInvite],
        [{ type: 'open', channel, welcome: bad }, badWelcome],
        [{ type: 'accept', channel, invite: bad }, badInvite],
        [{ type: 'invite', channel, pubkey: STRANGER, welcome: bad }, badWelcome]
      ]
    ),
    [{ type: 'join', channel, owner: 'abc' }, 'Invalid owner (expected 64 hex digits).'],
    [{ type: 'open', channel, via: 'a\u0000' }, badChannel.replace('channel', 'via')],
    [{ type: 'invite', channel }, 'Missing pubkey.'],
    [{ type: 'invite', channel, pubkey: 'me' }, 'Invalid pubkey (expected 64 hex digits).'],
    [{ type: 'invite', channel, pubkey: STRANGER, ttl: 0 }, 'Invalid ttl (expected a whole number from 1).'],
    [{ type: 'welcome', channel }, 'Missing text.'],
    [{ type: 'set_filter', filter: 5 }, 'Missing filter.'],
    [{ type: 'subscribe', channels: 'a' }, 'Invalid channels (expected a list of names).'],
    [{ type: 'subscribe', channels: ['a', ''] }, 'Missing channel.'],
    [{ type: 'subscribe', channel, since: 'x' }, 'Invalid since (expected a whole number from 0).'],
    [{ type: 'subscribe', since: 1 }, 'Invalid since (a number is for one channel).']
  ]
  for (const [request, error] of rows) isRefused(t, await ask(client, request), error, 'bad_request')
  t.alike((await ask(client, { type: 'stats' })).channels, [ENTRY], 'nothing was done')
})

test('what is no request at all', async (t) => {
  const client = await connect(t, await openOne(t))
  const unknown: [type: unknown, text: string][] = [
    ['nope', 'nope'],
    ['', ''],
    ['SEND', 'SEND'],
    ['toString', 'toString'],
    ['__proto__', '__proto__'],
    ['hello', 'hello'],
    [undefined, 'undefined'],
    [null, 'null'],
    [7, '7']
  ]
  for (const [type, text] of unknown)
    isRefused(t, await ask(client, { type }), `Unknown type: ${text}`, 'unknown_type')
  for (const text of ['', '{', 'ping', '[]', '"ping"', 'null', '7', '[{"type":"ping"}]']) {
    client.socket.sendText(text)
    isRefused(t, await client.next(), 'Invalid JSON.', 'bad_request')
  }
  client.socket.sendText('{"id":1,"id":2,"type":"nope","type":"ping"}')
  const last: Json = await client.next()
  t.alike([last.type, last.id], ['pong', 2])
})

test('what is denied, in the deployed words', async (t) => {
  const flags = ['--sidechannel-invite-channels', 'club', '--sidechannel-inviter-keys', STRANGER]
  const owners = [
    '--sidechannel-owner',
    `news:${STRANGER}`,
    '--sidechannel-owner-write-channels',
    'news,lost'
  ]
  const node = await openOne(t, [...OPEN, ...flags, ...owners, '--sidechannel-max-channels', '4'])
  const client = await connect(t, node)
  const invite = { payload: { channel: 'club' }, sig: 'x' }
  const need = 'invite required or invalid'
  const open = 'invalid input or missing invite/welcome'
  const message = 'x'
  const rows: [request: object, error: string, code: string][] = [
    [{ type: 'send', channel: 'club', message }, `Send denied (${need}).`, 'uninvited'],
    [{ type: 'send', channel: 'club', message, invite }, `Send denied (${need}).`, 'uninvited'],
    [{ type: 'join', channel: 'club' }, `Join denied (${need}).`, 'uninvited'],
    [{ type: 'join', channel: 'club', invite }, `Join denied (${need}).`, 'uninvited'],
    [{ type: 'open', channel: 'plaza', invite }, `Open request denied (${open}).`, 'uninvited'],
    [{ type: 'open', channel: 'plaza', via: 'club' }, `Open request denied (${open}).`, 'uninvited'],
    [{ type: 'open', channel: 'news', welcome: {} }, `Open request denied (${open}).`, 'denied'],
    [{ type: 'send', channel: 'news', message }, 'Send denied (owner-only channel).', 'owner_only'],
    [{ type: 'send', channel: 'lost', message }, 'Send denied (no owner known).', 'no_owner'],
    [
      { type: 'send', channel: ENTRY, message: 'x'.repeat(1_000_001) },
      'Send denied (message too large).',
      'too_large'
    ],
    [
      { type: 'send', channel: ENTRY, message: JSON.parse(`${'['.repeat(100)}${']'.repeat(100)}`) },
      'Send denied (not JSON, or nested too deep).',
      'unserialisable'
    ],
    [{ type: 'accept', channel: 'plaza' }, 'Join denied (nobody asked for it).', 'denied'],
    [{ type: 'cli', command: '/stats' }, 'CLI over WS is disabled.', 'disabled'],
    [{ type: 'cli' }, 'CLI over WS is disabled.', 'disabled']
  ]
  for (const [request, error, code] of rows) isRefused(t, await ask(client, request), error, code)
  for (const channel of ['a']) t.is((await ask(client, { type: 'join', channel })).type, 'joined')
  const full = await ask(client, { type: 'join', channel: 'b' })
  t.is(full.code, 'denied')
  t.ok(String(full.error).startsWith('Join denied (Cannot join "b": 4 channels are joined already'))
})
