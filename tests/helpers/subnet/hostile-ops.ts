import { admin, alice, appendWriter, bob, byte, localTx, type Pen, text } from './ops.ts'
import type { Op } from './script.ts'

/** JSON as `JSON.stringify` would not write it, in place of a text or of a name. */
export const raw = (json: string): string => `#raw ${json}`

export function rawText(value: unknown): string {
  return JSON.stringify(value).replace(/"#raw (?:[^"\\]|\\.)*"/g, (quoted) =>
    (JSON.parse(quoted) as string).slice('#raw '.length)
  )
}

/** As whoever reads it has it. */
export const asRead = <T>(value: T): T => JSON.parse(rawText(value)) as T

const deep = (depth: number) => raw('['.repeat(depth) + ']'.repeat(depth))

/** What should not be where it is. */
export const ODD: readonly unknown[] = [
  ...[
    '',
    '0',
    '__proto__',
    'constructor',
    'hasOwnProperty',
    'on',
    'ff',
    byte(7),
    byte(7).toUpperCase(),
    'fff'
  ],
  ...['ä€😀', '\ud800', raw('"\\ud83d\\ud83d"'), '\ufeff', '\0\n', '%s', 'x'.repeat(5000), 'ab'.repeat(3000)],
  ...[0, -1, 1.5, 3, 1e300, 2 ** 53, raw('-0'), raw('1e400'), raw('-1e400'), raw('9007199254740993')],
  ...[raw('1E2'), raw('1.0'), raw('1e-400'), raw('9'.repeat(400)), true, false, null],
  ...[[], {}, [[]], { length: 1 }, [null], deep(40), deep(100), deep(2000)],
  raw('{"toString":1,"then":1,"toJSON":1,"deleted_by":null,"pin_id":{"toString":1},"msg":"hi"}'),
  ...[raw('{"__proto__":{"type":"msg","admin":true},"constructor":1}'), raw('{"a":1,"a":2,"1":3,"0":4}')],
  { ключ: 1, '\ud800': 2, [raw('"type":"msg","type"')]: 'msg' }
]

export interface Place {
  readonly subnet: string
  /** The writer in whose log they stand. */
  readonly from: string
  /** How many transactions there were. */
  txs: number
}

/** One sound operation of every type. */
export function soundOps({ a, b, feature }: Pen, place: Place): Op[] {
  const me = { address: admin.publicKey }
  const user = alice.publicKey
  const source = { subnet: byte(5), length: 1, treeHash: byte(6) }
  const dispatch = { type: 'ping', value: { msg: 'hi' } }
  return [
    { type: 'addAdmin', key: admin.publicKey, rules: 2, settlement: 'local' },
    { type: 'autoAddWriter', key: byte(1) },
    b(admin, 'updateAdmin', { admin: admin.publicKey, ...me }),
    a(admin, 'addIndexer', byte(1), appendWriter),
    a(admin, 'addWriter', byte(1), appendWriter),
    a(admin, 'removeWriter', byte(1), appendWriter),
    a(admin, 'unban', byte(1)),
    a(admin, 'setAutoAddWriters', 'on'),
    a(admin, 'setChatStatus', 'on'),
    b(admin, 'enableTransactions', { enabled: true, ...me }),
    b(admin, 'enableWhitelist', { enabled: false, ...me }),
    b(admin, 'setWhitelistStatus', { user, status: true, ...me }),
    b(admin, 'setMod', { user: bob.publicKey, mod: true, ...me }),
    b(admin, 'muteStatus', { user, muted: false, ...me }),
    b(admin, 'setApp', { name: 'a', version: '1', hash: byte(1), ...me }),
    b(admin, 'snapshot', { source, after: null, entries: [['app/x', 1]], ...me }),
    b(admin, 'snapshotDone', { source, entries: 1, ...me }),
    b(alice, 'setNick', { nick: 'al', address: user, initiator: user }),
    b(alice, 'msg', text(alice, 'hi')),
    b(admin, 'deleteMessage', { id: 0, ...me }),
    b(admin, 'pinMessage', { id: 0, pinned: true, ...me }),
    b(admin, 'unpinMessage', { id: 0, ...me }),
    feature(admin, 'timer', 'currentTime', 1),
    transaction(place, dispatch)
  ]
}

/** The paths of all that is in it. */
export function pathsOf(value: unknown, path: readonly string[] = []): string[][] {
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([name, within]) => [
    [...path, name],
    ...pathsOf(within, [...path, name])
  ])
}

/** The same with one thing in it replaced; `undefined` takes it away. */
export function replaced(value: unknown, [name = '', ...rest]: readonly string[], by: unknown): unknown {
  const copy: Record<string, unknown> = Array.isArray(value)
    ? (value.slice() as never)
    : { ...(value as object) }
  copy[name] = rest.length === 0 ? by : replaced(copy[name], rest, by)
  return copy
}

/** The same operation with other things in it, and signed as it is; null where nobody signs. */
export function signedAnew(
  pen: Pen,
  place: Place,
  op: Op,
  changes: Readonly<Record<string, unknown>>
): Op | null {
  const { type } = op as { type: string }
  const { dispatch } = (op.value ?? {}) as { dispatch?: Record<string, unknown> }
  if (type === 'tx') return transaction(place, { ...dispatch, ...changes })
  if (dispatch === undefined)
    return op.value === undefined ? null : formA(pen, type, { key: op.key, ...changes })
  const { hash: _hash, nonce: _nonce, ...fields } = { ...dispatch, ...changes }
  if (type === 'feature') return feature(pen, op.key as string, fields)
  const by = type === 'setNick' || type === 'msg' ? alice : admin
  const signed = pen.b(by, type, asRead(fields))
  return { ...signed, value: { dispatch: fields } }
}

function formA(pen: Pen, type: string, { key }: Readonly<Record<string, unknown>>): Op {
  const signed = pen.a(admin, type, asRead(key) as string, appendWriter)
  return { ...signed, key, value: { msg: { type, key } } }
}

function feature(pen: Pen, key: string, fields: Readonly<Record<string, unknown>>): Op {
  const signed = pen.c(admin, key, asRead(fields))
  const { hash, nonce } = (signed.value as { dispatch: { hash: string; nonce: string } }).dispatch
  return { ...signed, value: { dispatch: { ...fields, hash, nonce } } }
}

function transaction(place: Place, dispatch: Readonly<Record<string, unknown>>): Op {
  const nonce = (++place.txs).toString(16).padStart(64, '0')
  const signed = localTx(alice, { ...place, dispatch: asRead(dispatch) as never, nonce })
  return { ...signed, value: { ...signed.value, dispatch } }
}

/** A third of all odd things in each field that is signed, and signed; and some of them in every other place. */
export function* hostileOps(pen: Pen, place: Place): Generator<unknown> {
  let turn = 0
  for (const op of soundOps(pen, place)) {
    yield op
    const { dispatch } = (op.value ?? {}) as { dispatch?: object }
    const fields = Object.keys(dispatch ?? { key: '' }).filter((name) => !isOfSignature(name))
    // The role has to stay where it is, or nobody could sign the rest.
    const open = fields.filter((name) => !(op.type === 'updateAdmin' && name === 'admin'))
    for (const name of open) {
      for (let i = turn++ % 3; i < ODD.length; i += 3) {
        const signed = signedAnew(pen, place, op, { [name]: ODD[i] })
        if (signed !== null) yield signed
      }
    }
    for (const path of pathsOf(op)) {
      yield replaced(op, path, undefined)
      for (let i = 0; i < 3; i++) yield replaced(op, path, ODD[turn++ % ODD.length])
    }
    // Switches are as they were for those that follow.
    yield signedAnew(pen, place, op, dispatch === undefined ? { key: op.key } : {}) ?? op
  }
}

function isOfSignature(name: string): boolean {
  return name === 'hash' || name === 'nonce'
}
