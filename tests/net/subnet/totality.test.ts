import b4a from 'b4a'
import test from 'brittle'
import fc from 'fast-check'
import { OPERATIONS } from '../../../features/subnet/engine/operations/table.ts'
import type { TxVerifier } from '../../../features/subnet/engine/settlement.ts'
import type { Signer } from '../../../src/base/signature.ts'
import { admin, alice, appendWriter, byte, text } from '../../helpers/subnet/ops.ts'
import { type Op, openScript, type Script } from '../../helpers/subnet/script.ts'

const yes: TxVerifier = { verify: async () => true }

/** One sound operation of every type, and what is close to them. */
function sound({ a, b, feature }: Script): Op[] {
  const me = { address: admin.publicKey }
  const user = alice.publicKey
  const source = { subnet: byte(2), length: 7, treeHash: byte(3) }
  return [
    { type: 'addAdmin', key: admin.publicKey },
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
    b(admin, 'setMod', { user, mod: true, ...me }),
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
    {
      type: 'tx',
      key: byte(9),
      value: { msbsl: 0, dispatch: { type: 'ping', value: null }, ipk: user, wp: user }
    }
  ]
}

const odd = fc.oneof(
  fc.jsonValue({ maxDepth: 3 }),
  fc.constantFrom(
    '',
    '__proto__',
    'constructor',
    'toString',
    -1,
    1.5,
    1e300,
    2 ** 53,
    [],
    {},
    null,
    'ff',
    byte(7)
  ),
  fc.constantFrom<unknown>(JSON.parse('{"__proto__":{"type":"msg"}}'), {
    ...{ toString: 1, deleted_by: null, address: { toString: 1 }, pin_id: { toString: 1 }, msg: 'hi' }
  })
)

/** The same operation with one thing in it replaced, taken away or added. */
function disturbed(op: Op, at: number, kind: number, value: unknown): unknown {
  const copy = JSON.parse(JSON.stringify(op)) as Op
  const places: [object: Record<string, unknown>, key: string][] = []
  const walk = (object: Record<string, unknown>) => {
    for (const key of Object.keys(object)) {
      places.push([object, key])
      if (typeof object[key] === 'object' && object[key] !== null) walk(object[key] as Op)
    }
  }
  walk(copy)
  const [object, key] = places[at % places.length] as [Op, string]
  if (kind === 0) object[key] = value
  else if (kind === 1) delete object[key]
  else object[typeof value === 'string' ? value : 'more'] = value
  return copy
}

/** Like a sound one, with a signature that holds and other things in it. */
function resigned(script: Script, op: Op, by: Signer, fields: readonly [string, unknown][]): Op {
  const { dispatch } = (op.value ?? {}) as { dispatch?: Record<string, unknown> }
  const changes = Object.fromEntries(fields)
  if (op.type === 'feature')
    return script.feature(by, 'timer', String(fields[0]?.[0]), fields[0]?.[1] ?? null)
  if (dispatch === undefined)
    return script.a(by, String(op.type), JSON.stringify(fields[0]?.[1]), appendWriter)
  return script.b(by, String(op.type), { ...dispatch, type: op.type, ...changes })
}

const fieldNames = fc.constantFrom(
  'id',
  'pin_id',
  'address',
  'user',
  'admin',
  'initiator',
  'nick',
  'msg',
  'key',
  'x'
)

for (const rules of [1, 2] as const) {
  test(`ruleset ${rules}: nor does one with a sound signature`, { timeout: 55_000 }, async (t) => {
    const script = await openScript(t, rules, { msb: yes, local: yes })
    const { base } = script.peer
    const kept = sound(script).filter(({ type }) => type !== 'updateAdmin' && type !== 'tx')
    const action = fc.oneof(
      fc
        .tuple(
          fc.constantFrom(...kept),
          fc.constantFrom(admin, alice),
          fc.array(fc.tuple(fieldNames, odd), { minLength: 1, maxLength: 3 })
        )
        .map(([op, by, fields]) => resigned(script, op, by, fields)),
      fc
        .tuple(
          fc.constantFrom('ping', 'reserved', 'chat', 'asserts', 'strict', '__proto__'),
          odd,
          fc.nat(200)
        )
        .map(([type, value, n]) => ({
          type: 'tx',
          key: byte(n),
          value: { msbsl: 0, dispatch: { type, value: value ?? null }, ipk: byte(n), wp: byte(n) }
        }))
    )
    const property = fc.asyncProperty(fc.array(action, { minLength: 1, maxLength: 12 }), async (ops) => {
      await Promise.all(ops.map((op) => base.append(op)))
      await base.update()
      return !base.closed && !base.closing && (await script.peer.get('admin')) === admin.publicKey
    })
    const details = await fc.check(property, {
      numRuns: 10_000,
      interruptAfterTimeLimit: 3000,
      markInterruptAsFailure: false
    })
    t.comment(`${details.numRuns} runs, seed ${details.seed}`)
    t.absent(details.failed, details.failed ? fc.defaultReportMessage(details) : 'it is up')
  })

  test(`ruleset ${rules}: no operation takes the node down`, { timeout: 55_000 }, async (t) => {
    const script = await openScript(t, rules, { msb: yes, local: yes })
    const { base } = script.peer
    const originals = sound(script)
    t.is(new Set(originals.map(({ type }) => type)).size, OPERATIONS.size, 'every operation is here')
    const nodes = fc.array(
      fc.oneof(
        {
          weight: 5,
          arbitrary: fc
            .tuple(fc.constantFrom(...originals), fc.nat(), fc.nat(2), odd)
            .map((args) => disturbed(...args))
        },
        { weight: 1, arbitrary: fc.constantFrom(...originals) },
        { weight: 1, arbitrary: fc.jsonValue().filter((value) => value !== null) }
      ),
      { minLength: 1, maxLength: 12 }
    )
    const property = fc.asyncProperty(nodes, async (values) => {
      await Promise.all(values.map((value) => base.append(value)))
      await base.update()
      return !base.closed && !base.closing
    })
    const details = await fc.check(property, {
      numRuns: 10_000,
      interruptAfterTimeLimit: 3000,
      markInterruptAsFailure: false
    })
    t.comment(`${details.numRuns} runs, seed ${details.seed}`)
    t.absent(details.failed, details.failed ? fc.defaultReportMessage(details) : 'it is up')
  })
}

test('a block that is not JSON is an operation nobody knows', async (t) => {
  const { peer, refuses } = await openScript(t, 1)
  const { operationEncoding } = await import('../../../features/subnet/engine/encoding.ts')
  const bytes = b4a.from('{"type":')
  t.alike(operationEncoding.decode({ start: 0, end: bytes.byteLength, buffer: bytes }), {})
  await refuses({ type: 'x'.repeat(300) }, 'no such type')
  t.absent(peer.base.closed)
})
