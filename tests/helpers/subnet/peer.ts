import Autobase, { type Member } from 'autobase'
import b4a from 'b4a'
import type { Assertions } from 'brittle'
import Corestore from 'corestore'
import Hyperbee from 'hyperbee'
import { createApply } from '../../../features/subnet/engine/apply.ts'
import { operationEncoding } from '../../../features/subnet/engine/encoding.ts'
import type { AppliedEvent } from '../../../features/subnet/engine/events.ts'
import { localVerifier } from '../../../features/subnet/engine/local-settlement.ts'
import { ContractRunner } from '../../../features/subnet/engine/runner.ts'
import type { Settlements } from '../../../features/subnet/engine/settlement.ts'
import type { Contract } from '../../../src/app/contract.ts'
import { toHex } from '../../../src/base/hex.ts'
import { temporaryFolder } from '../tmp.ts'

export const limits = { featMaxBytes: () => 4096, txMaxBytes: () => 4096, msgMaxBytes: () => 8192 }

export interface Peer {
  readonly base: Autobase
  readonly events: AppliedEvent[]
  get(key: string): Promise<unknown>
  /** Length and tree hash of the view. */
  view(): Promise<{ length: number; hash: string }>
  member(key: string): Promise<Member | null>
}

export interface PeerOptions {
  readonly contract: Contract
  readonly bootstrap?: Uint8Array
  readonly settlements?: Settlements
}

/** A real Autobase with a store of its own and the engine as its apply. */
export async function openPeer(t: Assertions, options: PeerOptions): Promise<Peer> {
  const { contract, bootstrap = null, settlements = { local: localVerifier } } = options
  const events: AppliedEvent[] = []
  const apply = createApply({
    contract: new ContractRunner(contract),
    settlements,
    limits,
    onapplied: ({ operations }) => void events.push(...operations.flatMap((operation) => operation.events))
  })
  const store = new Corestore(temporaryFolder(t))
  const base = new Autobase(store, bootstrap, {
    ackInterval: 0,
    valueEncoding: operationEncoding,
    open: (views) =>
      new Hyperbee(views.get('view'), { extension: false, keyEncoding: 'utf-8', valueEncoding: 'json' }),
    apply
  })
  await base.ready()
  t.teardown(async () => {
    await base.close()
    await store.close()
  })
  return {
    base,
    events,
    get: async (key) => (await base.view.get(key))?.value ?? null,
    async view() {
      const { core } = base.view
      return { length: core.length, hash: core.length === 0 ? '' : toHex(await core.treeHash()) }
    },
    member: (key) =>
      (base as unknown as { system: { get(key: Uint8Array): Promise<Member | null> } }).system.get(
        b4a.from(key, 'hex')
      )
  }
}

/** Both ways, until the test ends or the link is cut. */
export function link(t: Assertions, a: Peer, b: Peer): () => Promise<void> {
  const [one, two] = [a.base.replicate(true), b.base.replicate(false)]
  for (const stream of [one, two]) stream.on('error', () => {})
  one.pipe(two).pipe(one)
  const cut = async () => {
    const closed = [one, two].map((stream) => new Promise<void>((done) => void stream.once('close', done)))
    if (one.destroyed && two.destroyed) return
    one.destroy()
    two.destroy()
    await Promise.all(closed)
  }
  t.teardown(cut, { order: -1 })
  return cut
}

/** Every peer has applied all that every writer wrote. */
export async function inAgreement(peers: readonly Peer[]): Promise<void> {
  const caughtUp = async () => {
    for (const { base, member } of peers) {
      await base.update()
      for (const writer of peers) {
        const { length = 0 } = ((await member(toHex(writer.base.local.key))) ?? {}) as { length?: number }
        if (length < writer.base.local.length) return false
      }
    }
    return true
  }
  for (;;) {
    const changed = new Promise<void>((resolve) => {
      for (const { base } of peers) base.once('update', () => resolve())
    })
    if (await caughtUp()) return
    await changed
  }
}
