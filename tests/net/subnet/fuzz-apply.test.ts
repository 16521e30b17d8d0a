import b4a from 'b4a'
import test from 'brittle'
import { encode } from 'compact-encoding'
import fc from 'fast-check'
import { operationEncoding } from '../../../features/subnet/engine/encoding.ts'
import { OPERATIONS } from '../../../features/subnet/engine/operations/table.ts'
import { playTable } from '../../helpers/subnet/fuzz-apply.ts'
import { soundOps } from '../../helpers/subnet/hostile-ops.ts'
import { byte, pen } from '../../helpers/subnet/ops.ts'

// The same on every runtime. They change with the rules, and when an operation or an odd thing is added.
const VIEWS = {
  1: { length: 558, hash: 'a64f1da69195f57acfc23198832fb7945df40fc3ff2393e6ea7e844837646fca' },
  2: { length: 489, hash: '5980d07753f8e769564a6ef6c6e1f9161aeccfeb5e224fcfa225093cc50a5a2e' }
}

for (const rules of [1, 2] as const) {
  test(`ruleset ${rules}: hostile operations have the same view everywhere`, {
    timeout: 55_000
  }, async (t) => {
    t.alike(await playTable(t, rules), VIEWS[rules])
  })
}

test('every operation is among them', (t) => {
  const types = soundOps(pen(2), { subnet: byte(1), from: byte(2), txs: 0 }).map(({ type }) => type as string)
  t.alike(types.sort(), [...OPERATIONS.keys()].sort())
})

test('what is read from a log: JSON as others have it, and an unknown operation for anything else', (t) => {
  const decode = (buffer: Uint8Array) => {
    const state = { start: 0, end: buffer.byteLength, buffer }
    const value = operationEncoding.decode(state)
    return state.start === state.end ? value : undefined
  }
  const isTotal = fc.property(
    fc.oneof(
      fc.uint8Array(),
      fc.string().map((text) => b4a.from(text))
    ),
    (bytes) => {
      const value = decode(bytes)
      return value !== undefined
    }
  )
  fc.assert(isTotal, { numRuns: 2000 })
  const isJson = fc.property(fc.jsonValue({ maxDepth: 6 }), (value) => {
    const json = JSON.stringify(value)
    const bytes = encode(operationEncoding, value)
    return b4a.toString(bytes) === json && JSON.stringify(decode(bytes)) === json
  })
  fc.assert(isJson, { numRuns: 1000 })
  const nested = (depth: number) => decode(b4a.from('['.repeat(depth) + ']'.repeat(depth)))
  t.ok(Array.isArray(nested(1024)))
  t.alike(nested(1025), {})
  t.alike(nested(5_000_000), {}, 'before it takes memory')
})
