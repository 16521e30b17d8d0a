import test from 'brittle'
import {
  changeLine,
  chatLine,
  entriesLines,
  postedLines,
  rolesLines,
  stateLines,
  subnetStatsLines,
  txLines
} from '../../../src/cli/subnet-lines.ts'

const KEY = 'ab'.repeat(32)
/** What a terminal would act on, or hide, or read backwards. */
const EVIL = '\u001b[2J\u009b31m\u0007\r\n\u202eabc\u200b'
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const ACTIVE = /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e]/

const message = {
  n: 3,
  address: KEY,
  nick: null,
  message: 'hi',
  attachments: [],
  replyTo: null,
  signature: null
}
const tx = { tx: KEY, simulated: false, error: null, value: null, log: [], appended: true, n: 7 }
const switches = {
  admin: KEY,
  ruleset: 2 as const,
  autoAddWriters: false,
  chat: true,
  transactions: true,
  whitelist: false
}
const nobody = { writers: [], mods: [], muted: [], whitelisted: [], banned: [] }
const app = { name: 'sample', version: '1', hash: KEY }
const stats = {
  ...{
    bootstrap: KEY,
    channel: null,
    writerKey: KEY,
    admin: null,
    ruleset: null,
    settlement: 'local' as const
  },
  ...{
    isIndexer: true,
    isWriter: true,
    indexers: 1,
    writers: 1,
    viewLength: 3,
    signedLength: 2,
    viewHash: KEY
  },
  ...{
    systemLength: 1,
    systemHash: '',
    interrupted: null,
    split: false,
    differingIndexers: [],
    app: { ...app, inForce: null }
  }
}

test('values are JSON', (t) => {
  t.alike(stateLines({ key: 'a', confirmed: true, value: { b: ['1', 2] } }), [
    '{',
    '  "b": [',
    '    "1",',
    '    2',
    '  ]',
    '}'
  ])
  t.alike(stateLines({ key: 'a', confirmed: true, value: null }), ['null'])
  const entries = {
    prefix: '',
    confirmed: true,
    entries: [
      { key: 'a', value: 'x' },
      { key: 'b', value: 1 }
    ]
  }
  t.alike(entriesLines({ ...entries, more: false }), ['a  "x"', 'b  1'])
  t.alike(entriesLines({ ...entries, more: true }).at(-1), 'There are more: --after "b"')
  t.alike(entriesLines({ ...entries, entries: [], more: false }), ['No keys.'])
  t.is(changeLine({ key: 'a', value: null }), 'a  null')
  t.is(changeLine({ key: 'a', value: null, truncated: true }), 'a  (too large to show here: get it)')
})

test('transactions and messages', (t) => {
  t.alike(txLines(tx), [`Transaction: ${KEY}`, 'It is number 7.'])
  t.ok(txLines({ ...tx, n: null })[1]?.includes('not applied here yet'))
  t.ok(txLines({ ...tx, n: null, appended: false })[1]?.includes('it is kept'))
  t.alike(txLines({ ...tx, simulated: true, value: [1], log: ['a b'] }), [
    'Simulated, nothing is written.',
    'Result: [1]',
    'Log:',
    '  a b'
  ])
  t.alike(postedLines({ operationId: 'x', n: 0 }), ['Posted as #0.'])
  t.is(chatLine(message), `#3 ${KEY}: hi`)
  t.is(
    chatLine({ ...message, nick: 'bob', replyTo: 1, attachments: ['x'] }),
    `#3 bob (${KEY}) (to #1): hi [x]`
  )
})

test('who may what, and how it stands', (t) => {
  const roles = rolesLines({
    roles: { ...switches, ...nobody, writers: [{ key: KEY, indexer: true }], muted: ['m'] }
  })
  t.ok(roles.includes('chat            yes') && roles.includes('whitelist       no'), roles.join('\n'))
  t.alike(roles.slice(-4), ['Writers:', `  ${KEY} (indexer)`, 'Muted:', '  m'])
  const lines = subnetStatsLines({ stats })
  t.ok(lines.includes('signedLength       2') && lines.includes('appInForce         -'), lines.join('\n'))
  t.ok(lines.includes(`app                sample 1 (${KEY})`))
})

test('nothing that others wrote can act on a terminal', (t) => {
  const evil = { ...app, name: EVIL }
  const all = [
    ...stateLines({ key: EVIL, confirmed: true, value: { [EVIL]: EVIL } }),
    ...entriesLines({ prefix: '', confirmed: true, more: true, entries: [{ key: EVIL, value: EVIL }] }),
    ...txLines({ ...tx, simulated: true, value: EVIL, log: [EVIL] }),
    ...txLines({ ...tx, tx: EVIL }),
    ...rolesLines({
      roles: { ...switches, ...nobody, admin: EVIL, mods: [EVIL], writers: [{ key: EVIL, indexer: true }] }
    }),
    ...subnetStatsLines({
      stats: { ...stats, channel: EVIL, interrupted: EVIL, app: { ...evil, inForce: evil } }
    }),
    changeLine({ key: EVIL, value: EVIL }),
    chatLine({ ...message, nick: EVIL, message: EVIL, attachments: [EVIL] })
  ]
  for (const line of all) t.absent(ACTIVE.test(line), JSON.stringify(line))
})
