import b4a from 'b4a'
import test from 'brittle'
import { toHex } from '../../../src/base/hex.ts'
import { GoldenContract } from '../../helpers/subnet/golden-contract.ts'
import { admin, pen } from '../../helpers/subnet/ops.ts'
import { hostileOps, rawText } from '../../helpers/subnet/hostile-ops.ts'
import { inAgreement, link, openPeer } from '../../helpers/subnet/peer.ts'

for (const rules of [1, 2] as const) {
test(`${rules}`, { timeout: 55_000 }, async (t) => {
  const writer = await openPeer(t, { contract: new GoldenContract(), raw: true, primaryKey: b4a.alloc(32, rules) })
  const { base } = writer
  const subnet = toHex(base.key)
  const choice = { settlement: 'local', ...(rules === 2 ? { rules } : {}) }
  await base.append(b4a.from(JSON.stringify({ type: 'addAdmin', key: admin.publicKey, ...choice })))
  let batch: unknown[] = []
  let n = 0
  let s = Date.now()
  for (const op of hostileOps(pen(rules, subnet, 256), { subnet, from: toHex(base.local.key), txs: 0 })) {
    batch.push(op); n++
    if (batch.length === 50) { await Promise.all(batch.map(op => base.append(b4a.from(rawText(op))))); batch = [] }
  }
  await Promise.all(batch.map(op => base.append(b4a.from(rawText(op)))))
  console.log(n, Date.now() - s, await writer.view())
  s = Date.now()
  const reader = await openPeer(t, { contract: new GoldenContract(), bootstrap: base.key, fromZero: true })
  link(t, writer, reader)
  await inAgreement([writer, reader])
  console.log(Date.now() - s)
  const m = new Map<string, number>()
  for (const e of writer.events) m.set(e.op, (m.get(e.op) ?? 0) + 1)
  console.log(m)
  t.pass()
})
}
