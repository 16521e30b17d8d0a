import type { Assertions } from 'brittle'
import type { Settlements } from '../../../features/subnet/engine/settlement.ts'
import { hex32 } from '../../../src/base/hex.ts'
import { GoldenContract } from './golden-contract.ts'
import { admin, type Pen, pen } from './ops.ts'
import { openPeer, type Peer } from './peer.ts'

export type Op = Record<string, unknown>

export interface Script extends Pen {
  readonly peer: Peer
  readonly rules: 1 | 2
  readonly subnet: string
  /** Appends it; these keys then have these values. */
  accepts(op: Op, keys?: Record<string, unknown>, blocks?: number): Promise<void>
  /** Appends it; the view stays as it is. `spent`: but for its signature, in ruleset 2. */
  refuses(op: Op, why: string, spent?: 'spent'): Promise<void>
}

/** A new subnet of this ruleset, with its admin, that takes operations one by one. */
export async function openScript(
  t: Assertions,
  rules: 1 | 2,
  settlements?: Settlements,
  setup: 'admin' | 'nothing' = 'admin'
): Promise<Script> {
  const peer = await openPeer(t, {
    contract: new GoldenContract(),
    ...(settlements === undefined ? {} : { settlements })
  })
  const subnet = hex32(peer.base.key)
  if (setup === 'admin') {
    const choice = rules === 1 ? {} : { rules: 2, settlement: 'local' }
    await peer.base.append({ type: 'addAdmin', key: admin.publicKey, ...choice })
  }
  const signatureOf = (op: Op) =>
    (op.hash ?? (op.value as { dispatch?: { hash?: string } } | null)?.dispatch?.hash) as string | undefined
  return {
    ...pen(rules, subnet),
    peer,
    rules,
    subnet,
    async accepts(op, keys = {}, blocks) {
      const before = (await peer.view()).length
      await peer.base.append(op)
      const signature = signatureOf(op)
      if (signature !== undefined) t.is(await peer.get(`sh/${signature}`), '', `${op.type} is spent`)
      for (const [key, value] of Object.entries(keys))
        t.alike(await peer.get(key), value, `${op.type}: ${key}`)
      if (blocks !== undefined) t.is((await peer.view()).length - before, blocks, `${op.type}: blocks`)
    },
    async refuses(op, why, spent) {
      const before = await peer.view()
      await peer.base.append(op)
      const marked = rules === 2 && spent === 'spent'
      t.is((await peer.view()).length, before.length + (marked ? 1 : 0), `${op.type} refused: ${why}`)
      if (marked) t.is(await peer.get(`sh/${signatureOf(op)}`), '', `${op.type} is spent`)
      t.absent(peer.base.closed, 'the node is up')
    }
  }
}
