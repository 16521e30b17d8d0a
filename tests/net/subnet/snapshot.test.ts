import test from 'brittle'
import { admin, alice, byte, text } from '../../helpers/subnet/ops.ts'
import { openScript } from '../../helpers/subnet/script.ts'

const P = admin.publicKey
const A = alice.publicKey
const source = { subnet: byte(2), length: 7, treeHash: byte(3) }
const other = { ...source, length: 8 }
type Entries = readonly (readonly [key: unknown, value?: unknown])[]

const part = (after: string | null, entries: Entries, more: object = {}) => ({
  ...{ source, after, entries, address: P },
  ...more
})
const record = (entries: number, last: string, done: boolean) => ({ snapv: { source, entries, last, done } })

test('a snapshot goes on where it stopped, until it is closed', async (t) => {
  const { a, b, accepts, refuses, peer } = await openScript(t, 2)
  const step = (after: string | null, entries: Entries, more = {}) =>
    b(admin, 'snapshot', part(after, entries, more))
  const done = (entries: number, of: object = source) =>
    b(admin, 'snapshotDone', { source: of, entries, address: P })

  await refuses(done(0), 'nothing was begun', 'spent')
  await refuses(b(alice, 'snapshot', part(null, [['app/a', 1]])), 'not the admin')
  await refuses(step('app/0', [['app/a', 1]]), 'begins in the middle', 'spent')
  const first = step(null, [
    ['app/a', 1],
    ['app/b', { deep: [null, 'x'] }]
  ])
  await accepts(first, { 'app/a': 1, 'app/b': { deep: [null, 'x'] }, ...record(2, 'app/b', false) }, 4)
  await refuses(first, 'replay')
  await refuses(step(null, [['app/c', 1]]), 'begun already', 'spent')
  await refuses(step('app/a', [['app/c', 1]]), 'not where it stopped', 'spent')
  await refuses(step('app/b', [['app/c', 1]], { source: other }), 'of another state', 'spent')
  const chat = { msgl: 1, 'msg/0': { msg: 'hi', address: A, deleted_by: null, pin_id: 0 } }
  await accepts(
    step('app/b', [
      ['delm/0', 3],
      ['kcin/al', A],
      [`mod/${A}`, true],
      ['msg/0', chat['msg/0']],
      ['msgl', 1],
      [`nick/${A}`, 'al'],
      ['pni/0', { msg: 0, pinned: true }]
    ]),
    { ...chat, 'delm/0': 3, [`nick/${A}`]: 'al', ...record(9, 'pni/0', false) }
  )
  await refuses(done(8), 'not all of it', 'spent')
  await refuses(done(9, other), 'of another state', 'spent')
  await accepts(done(9), record(9, 'pni/0', true), 2)
  t.is(
    peer.events.at(-1)?.line,
    `Imported 9 entries of the subnet ${byte(2)} (length 7, tree hash ${byte(3)})`
  )
  await refuses(step('pni/0', [['wl/x', true]]), 'closed', 'spent')
  await refuses(done(9), 'closed', 'spent')

  await accepts(a(admin, 'setChatStatus', 'on'))
  await accepts(b(alice, 'msg', text(alice, 'more')), { msgl: 2 })
  await accepts(b(alice, 'deleteMessage', { id: 0, address: A }), { delml: 1 })
})

test('a snapshot writes nothing but what may be there', async (t) => {
  const { b, refuses } = await openScript(t, 2)
  const rows: [entry: Entries[number], why: string][] = [
    ...['admin', 'rules', 'settlement', 'appv', 'snapv', 'chat_status', 'wlst', 'txen', 'txl'].map(
      (key) => [[key, 1], `${key} is of the engine`] as [Entries[number], string]
    ),
    ...['sh/x', 'sh/rules', `tx/${byte(1)}`, 'txi/0', 'utxl/x', 'utxi/x/0', 'bnd/x', 'auto_add_writers'].map(
      (key) => [[key, ''], `${key} is of the engine`] as [Entries[number], string]
    ),
    [['msgl', '1'], 'a count is a number'],
    [['pnl', -1], 'of nothing less than none'],
    [['delml', 1.5], 'and whole'],
    [['umsgl/x', 2 ** 53], 'and safe'],
    [['delm/0', null], 'a deletion names a message'],
    [['pni/0', { msg: { toString: 1, valueOf: 1 }, pinned: true }], 'so does a pin'],
    [['pni/0', { msg: 0 }], 'which is pinned or not'],
    [['pni/0', [0, true]], 'and no list'],
    [['nick/x', {}], 'a nick is a text'],
    [['kcin/x', 1], 'and so is whose it is'],
    [['umsg/x/0', 0], 'and the place of a message'],
    [['mod/x', 'true'], 'a role is had or not'],
    [['mtd/x', 1], 'a role is had or not'],
    [['wl/x', null], 'a role is had or not'],
    [['', 1], 'no key'],
    [[1, 1], 'a key is a text'],
    [['x'.repeat(4097), 1], 'a long key'],
    [['app/x'], 'no value'],
    [['app/x', 'y'.repeat(1024 * 1024)], 'a large value']
  ]
  for (const [entry, why] of rows) await refuses(b(admin, 'snapshot', part(null, [entry])), why)
  const lists: [entries: unknown, why: string][] = [
    [[], 'nothing'],
    [{ 0: ['app/x', 1] }, 'no list'],
    [[null], 'no entry'],
    [[['app/x', 1, 2]], 'too long an entry'],
    [Array.from({ length: 1001 }, (_, i) => [`app/${String(i).padStart(4, '0')}`, 1]), 'too many'],
    [
      [
        ['b', 1],
        ['a', 1]
      ],
      'not in order'
    ],
    [
      [
        ['a', 1],
        ['a', 1]
      ],
      'the same twice'
    ],
    // By bytes, not by UTF-16 units.
    [
      [
        ['\u{10000}', 1],
        ['\uffff', 1]
      ],
      'not in order'
    ],
    [
      [
        ['a', 'x'.repeat(1024 * 1024 - 10)],
        ['b', 'x'.repeat(1024 * 1024 - 10)]
      ],
      'too large together'
    ]
  ]
  for (const [entries, why] of lists) {
    await refuses(b(admin, 'snapshot', part(null, entries as Entries)), why)
  }
  for (const source of [
    null,
    {},
    { ...other, subnet: 'aa' },
    { ...other, treeHash: 1 },
    { ...other, length: -1 }
  ]) {
    await refuses(b(admin, 'snapshot', part(null, [['app/x', 1]], { source })), 'no source')
  }
  await refuses(
    { ...b(admin, 'setMod', part(null, [['app/x', 1]])), type: 'snapshot' },
    'signed for another operation'
  )
})

test('nothing is moved into a subnet that is in use, or has ruleset 1', async (t) => {
  const entries = part(null, [['app/x', 1]])
  const old = await openScript(t, 1)
  await old.refuses(old.b(admin, 'snapshot', entries), 'unknown')
  await old.refuses(old.b(admin, 'snapshotDone', { source, entries: 0, address: P }), 'unknown')

  const chatting = await openScript(t, 2)
  await chatting.accepts(chatting.a(admin, 'setChatStatus', 'off'))
  await chatting.refuses(chatting.b(admin, 'snapshot', entries), 'chat was switched', 'spent')

  const between = await openScript(t, 2)
  await between.accepts(between.b(admin, 'snapshot', entries), { 'app/x': 1 })
  await between.accepts(between.a(admin, 'setChatStatus', 'on'))
  await between.refuses(
    between.b(admin, 'snapshot', part('app/x', [['app/y', 1]])),
    'chat was switched',
    'spent'
  )
})
