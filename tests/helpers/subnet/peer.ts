import Autobase, { type ApplyNode, type Member } from 'autobase'
import b4a from 'b4a'
import type { Assertions } from 'brittle'
import Corestore from 'corestore'
import Hyperbee from 'hyperbee'
import { type Apply, createApply } from '../../../features/subnet/engine/apply.ts'
import { operationEncoding } from '../../../features/subnet/engine/encoding.ts'
import type { AppliedEvent } from '../../../features/subnet/engine/events.ts'
import { localVerifier } from '../../../features/subnet/engine/local-settlement.ts'
import { ContractRunner } from '../../../features/subnet/engine/runner.ts'
import type { Settlements } from '../../../features/subnet/engine/settlement.ts'
import { readSoundLogs } from '../../../features/subnet/engine/sound-logs.ts'
import type { Contract } from '../../../src/app/contract.ts'
import { toHex } from '../../../src/base/hex.ts'
import { temporaryFolder } from '../tmp.ts'

export const limits = { featMaxBytes: () => 4096, txMaxBytes: () => 4096, msgMaxBytes: () => 8192 }

export interface Peer {
  readonly base: Autobase
  readonly events: AppliedEvent[]
  /** How often something that was applied here was taken back. */
  readonly reorders: () => number
  get(key: string): Promise<unknown>
  /** Length and tree hash of the view. */
  view(): Promise<{ length: number; hash: string }>
  member(key: string): Promise<Member | null>
}

export interface PeerOptions {
  readonly contract: Contract | (() => Contract)
  readonly bootstrap?: Uint8Array
  readonly settlements?: Settlements
  /** Applies the whole log by itself, instead of taking over what others signed. */
  readonly fromZero?: boolean
  /** For its store, which may be there already. */
  readonly folder?: string
  /** All keys of the store come from it: a subnet that is the same each time. */
  readonly primaryKey?: Uint8Array
  /** Appends bytes, whatever they are. */
  readonly raw?: boolean
  /** Whoever wants to see what the engine is given. */
  readonly around?: (apply: Apply) => Apply
}

/** A real Autobase with a store of its own and the engine as its apply. */
export async function openPeer(t: Assertions, options: PeerOptions): Promise<Peer> {
  const { contract, bootstrap = null, settlements = { local: localVerifier }, fromZero = false } = options
  const { folder = temporaryFolder(t), primaryKey, raw = false, around = (apply) => apply } = options
  const events: AppliedEvent[] = []
  const engine = around(
    createApply({
      contract: new ContractRunner(contract),
      settlements,
      limits,
      onapplied: ({ operations }) => void events.push(...operations.flatMap((operation) => operation.events))
    })
  )
  let reached = 0
  let reorders = 0
  const apply: Apply = async (nodes, view, host) => {
    if (view.core.length < reached) reorders++
    await engine(raw ? decoded(nodes) : nodes, view, host)
    reached = view.core.length
  }
  const store = new Corestore(folder, primaryKey === undefined ? {} : { primaryKey, unsafe: true })
  const base = new Autobase(store, bootstrap, {
    ackInterval: 0,
    fastForward: !fromZero,
    valueEncoding: raw ? 'binary' : operationEncoding,
    open: (views) =>
      new Hyperbee(views.get('view'), { extension: false, keyEncoding: 'utf-8', valueEncoding: 'json' }),
    apply
  })
  readSoundLogs(base)
  await base.ready()
  t.teardown(async () => {
    await base.close()
    await store.close()
  })
  return {
    base,
    events,
    reorders: () => reorders,
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

/** As a peer has them that knows what they should be. */
function decoded(nodes: readonly ApplyNode[]): ApplyNode[] {
  return nodes.flatMap(({ value, from }) => {
    const buffer = value as Uint8Array
    const read = operationEncoding.decode({ start: 0, end: buffer.byteLength, buffer })
    return read === null ? [] : [{ value: read, from }]
  })
}

/** Both ways, until the test ends or the link is cut. */
export function link(t: Assertions, a: Pick<Peer, 'base'>, b: Pick<Peer, 'base'>): () => Promise<void> {
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

const LONGEST_WAIT = 40_000

/** Every peer has applied all that those wrote who may, and all of them have the same of it. */
export async function inAgreement(peers: readonly Peer[], longest: number = LONGEST_WAIT): Promise<void> {
  let late = false
  let wake = () => {}
  const timer = setTimeout(() => {
    late = true
    wake()
  }, longest)
  try {
    for (;;) {
      const changed = new Promise<void>((resolve) => {
        wake = resolve
        for (const { base } of peers) base.once('update', () => resolve())
      })
      if (await agree(peers)) return
      if (late) {
        const states = await Promise.all(peers.map((peer) => stateOf(peer, peers)))
        const told = states.map(({ complete, state }) => `${complete ? '' : 'lacks some of '}${state}`)
        throw new Error(`the peers do not come to agree: ${told.join(', ')}`)
      }
      await changed
    }
  } finally {
    clearTimeout(timer)
  }
}

async function agree(peers: readonly Peer[]): Promise<boolean> {
  await Promise.all(peers.map(({ base }) => base.update()))
  // Looked at first, since there is nothing to read for it.
  const lengths = peers.map(({ base }) => `${base.system.core.length} ${base.view.core.length}`)
  if (new Set(lengths).size > 1) return false
  const states = await Promise.all(peers.map((peer) => stateOf(peer, peers)))
  return states.every(({ complete, state }) => complete && state === states[0]?.state)
}

async function stateOf(
  { base, member, view }: Peer,
  peers: readonly Peer[]
): Promise<{ complete: boolean; state: string }> {
  let complete = true
  for (const { base: writer } of peers) {
    const known = await member(toHex(writer.local.key))
    if (known !== null && !known.isRemoved && known.length < writer.local.length) complete = false
  }
  return { complete, state: await hashesOf({ base, view }) }
}

/** All that it computed. Changes at any moment: what is taken back while it is looked at has no hash. */
async function hashesOf({ base, view }: Pick<Peer, 'base' | 'view'>): Promise<string> {
  const { core } = base.system
  try {
    const { length, hash } = await view()
    return `${length} ${hash} ${core.length} ${core.length === 0 ? '' : toHex(await core.treeHash())}`
  } catch (error) {
    if ((error as { code?: unknown }).code !== 'INVALID_OPERATION') throw error
    return `in motion ${core.length}`
  }
}
