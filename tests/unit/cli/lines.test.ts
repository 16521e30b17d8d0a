import test from 'brittle'
import fc from 'fast-check'
import {
  duration,
  infoLines,
  inviteLines,
  joinedLines,
  jsonLine,
  messageLine,
  openLines,
  peersLines,
  sentLines,
  statsLines,
  welcomeLines
} from '../../../src/cli/lines.ts'

const KEY = 'ab'.repeat(32)
/** What a terminal would act on, or hide, or read backwards. */
const EVIL = '\u001b[2J\u009b31m\u0007\r\n\u202eabc\u200b'
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const ACTIVE = /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e]/

function received(message: unknown, channel = 'lobby') {
  const fields = { id: 'x', from: KEY, origin: KEY, sig: null, relayedBy: null, ttl: 3, ts: 1 }
  return { ...fields, channel, seq: 1, message, verified: true }
}

test('a message is one line that cannot act on a terminal', (t) => {
  t.is(messageLine(received('hi')), `[lobby] ${KEY}: hi`)
  t.is(messageLine({ ...received({ a: 1 }), verified: false }), `[lobby] ${KEY} (unverified): {"a":1}`)
  t.is(messageLine(received(EVIL)), `[lobby] ${KEY}: \\e[2J\\u009b31m\\u0007\\r\\n\\u202eabc\\u200b`)
  t.absent(ACTIVE.test(messageLine(received({ [EVIL]: EVIL }, EVIL))))
})

test('a line of JSON is the same value, and safe as well', (t) => {
  const value = { type: 'x', text: EVIL, deep: [{ [EVIL]: 'é ☃ "\\' }] }
  t.absent(ACTIVE.test(jsonLine(value)))
  t.alike(JSON.parse(jsonLine(value)), value)
  fc.assert(
    fc.property(fc.dictionary(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' })), (any) => {
      const line = jsonLine(any)
      return !ACTIVE.test(line) && JSON.stringify(JSON.parse(line)) === JSON.stringify(any)
    })
  )
})

test('what was sent, joined and asked for', (t) => {
  const sent = { channel: 'lobby', messageId: 'x', neighbours: 2, queued: 0, joined: false }
  t.alike(sentLines(sent), ['Sent to 2 neighbours in "lobby".'])
  t.alike(sentLines({ ...sent, neighbours: 1, queued: 1, joined: true }), [
    'Joined "lobby" first.',
    'Sent to 1 neighbour in "lobby" (1 of them a little later).'
  ])
  t.alike(sentLines({ ...sent, neighbours: 0 }), [
    'Sent to 0 neighbours in "lobby": nobody else is in it at the moment.'
  ])
  const joined = { channel: 'lobby', already: false, owner: null, awaitingWelcome: false }
  t.alike(joinedLines(joined), ['Joined "lobby".'])
  t.alike(joinedLines({ ...joined, already: true, owner: KEY }), ['Already in "lobby".', `Owner: ${KEY}`])
  t.ok(joinedLines({ ...joined, awaitingWelcome: true })[1]?.includes('--owner'))
  t.ok(joinedLines({ ...joined, owner: KEY, awaitingWelcome: true })[2]?.includes('--welcome'))
  t.alike(openLines({ channel: 'den', via: 'lobby', neighbours: 1 }), [
    'Asked 1 neighbour in "lobby" to open "den".'
  ])
})

test('invites and welcomes stand on lines of their own, whole, to be copied', (t) => {
  const long = 'QUJD'.repeat(500)
  const joiner = `npm start -- --sidechannels lobby --sidechannel-welcome lobby:${long}`
  const join = `/sc_join --channel lobby --welcome ${long}`
  const invite = inviteLines({
    channel: 'lobby',
    invite: {},
    invite_b64: long,
    notes: ['It holds no welcome.'],
    joiner,
    join
  })
  const welcome = welcomeLines({ channel: 'lobby', owner: KEY, welcome: {}, welcome_b64: long, joiner, join })
  t.ok(invite.includes(`invite_b64: ${long}`))
  t.is(invite.at(-1), 'It holds no welcome.')
  t.ok(welcome.includes(`welcome_b64: ${long}`))
  for (const lines of [invite, welcome]) t.ok(lines.includes(joiner) && lines.includes(join))
})

test('neighbours are a table', (t) => {
  t.alike(peersLines({ peers: [] }, 0), ['No neighbours.'])
  const peer = { key: KEY, since: 0, rttMs: 1.4, bytesIn: 999, bytesOut: 1_234_567, drops: 3 }
  const channels = [
    { channel: 'lobby', authorised: true },
    { channel: EVIL, authorised: false }
  ]
  const lines = peersLines(
    {
      peers: [
        { ...peer, channels },
        { ...peer, rttMs: null, channels: [] }
      ]
    },
    61_000
  )
  t.is(lines[0], `${'peer'.padEnd(64)}  since  rtt   in     out     drops  channels`)
  t.is(
    lines[1],
    `${KEY}  1 min  1 ms  999 B  1.2 MB  3      "lobby" "\\e[2J\\u009b31m\\u0007\\r\\n\\u202eabc\\u200b" (not authorised)`
  )
  t.is(lines[2], `${KEY}  1 min  -     999 B  1.2 MB  3      -`)
})

test('the state and the keys of the node', (t) => {
  t.alike(statsLines({ channels: ['a', 'b c'], connectionCount: 2, sidechannelStarted: true }), [
    'Connections: 2',
    'Sidechannels: ready',
    'Channels:',
    '  "a"',
    '  "b c"'
  ])
  const none = {
    msbBootstrap: null,
    msbChannel: null,
    msbStore: null,
    msbDhtBootstrap: null,
    peerWriterKey: null
  }
  const lines = infoLines({
    info: {
      ...none,
      peerStore: `stores/${EVIL}`,
      peerDhtBootstrap: ['h:1', 'i:2'],
      subnetBootstrap: null,
      subnetChannel: null,
      peerPubkey: KEY,
      peerTracAddress: 'trac1x',
      sidechannelEntry: '0000intercom',
      sidechannelExtras: []
    }
  })
  t.ok(lines.includes(`peerPubkey         ${KEY}`))
  t.ok(lines.includes('peerDhtBootstrap   h:1, i:2'))
  t.ok(lines.includes('sidechannelExtras  -'))
  t.absent(lines.some((line) => ACTIVE.test(line)))
})

test('a time is said in its largest unit', (t) => {
  const rows: [number, string][] = [
    [-5, '0 s'],
    [59_999, '59 s'],
    [60_000, '1 min'],
    [7_200_000, '2 h'],
    [2e8, '2 d']
  ]
  for (const [ms, text] of rows) t.is(duration(ms), text)
})
