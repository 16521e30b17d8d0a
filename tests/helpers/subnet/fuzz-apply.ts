import b4a from 'b4a'
import type { Assertions } from 'brittle'
import fc from 'fast-check'
import { toHex } from '../../../src/base/hex.ts'
import { mutated } from '../mutated.ts'
import { GoldenContract } from './golden-contract.ts'
import {
  hostileOps,
  ODD,
  type Place,
  pathsOf,
  rawText,
  replaced,
  signedAnew,
  soundOps
} from './hostile-ops.ts'
import { admin, type Pen, pen } from './ops.ts'
import { inAgreement, link, openPeer, type Peer } from './peer.ts'

const AT_ONCE = 50

/** A subnet whose one writer puts any bytes into its log. */
class Hostile {
  readonly peer: Peer
  readonly pen: Pen
  readonly place: Place
  readonly #t: Assertions

  private constructor(t: Assertions, peer: Peer, rules: 1 | 2) {
    const subnet = toHex(peer.base.key)
    this.#t = t
    this.peer = peer
    this.pen = pen(rules, subnet, 256)
    this.place = { subnet, from: toHex(peer.base.local.key), txs: 0 }
  }

  static async open(t: Assertions, rules: 1 | 2): Promise<Hostile> {
    // The same keys each time, and so the same signatures.
    const primaryKey = b4a.alloc(32, rules)
    const peer = await openPeer(t, { contract: new GoldenContract(), raw: true, primaryKey })
    const choice = { settlement: 'local', ...(rules === 2 ? { rules } : {}) }
    await peer.base.append(b4a.from(JSON.stringify({ type: 'addAdmin', key: admin.publicKey, ...choice })))
    return new Hostile(t, peer, rules)
  }

  async append(entries: readonly Uint8Array[]): Promise<void> {
    await Promise.all(entries.map((bytes) => this.peer.base.append(bytes)))
  }

  async isWell(): Promise<boolean> {
    const { base, get } = this.peer
    return !base.closed && !base.closing && (await get('admin')) === admin.publicKey
  }

  /** Somebody who reads all of it afterwards has the same. */
  async end(longest?: number): Promise<void> {
    const { base } = this.peer
    const late = await openPeer(this.#t, {
      ...{ contract: new GoldenContract(), bootstrap: base.key },
      fromZero: true
    })
    link(this.#t, this.peer, late)
    await inAgreement([this.peer, late], longest)
    this.#t.alike(await late.view(), await this.peer.view(), 'the same on a peer that comes later')
    this.#t.absent(base.closed || late.base.closed, 'both are up')
  }
}

/** The table of hostile operations; returns what the view is then. */
export async function playTable(t: Assertions, rules: 1 | 2): Promise<{ length: number; hash: string }> {
  const hostile = await Hostile.open(t, rules)
  let entries: Uint8Array[] = []
  for (const op of hostileOps(hostile.pen, hostile.place)) {
    entries.push(b4a.from(rawText(op)))
    if (entries.length < AT_ONCE) continue
    await hostile.append(entries)
    entries = []
  }
  await hostile.append(entries)
  t.ok(await hostile.isWell(), 'it is up')
  await hostile.end()
  return hostile.peer.view()
}

/** Whatever comes, for so long. */
export async function fuzzApply(t: Assertions, rules: 1 | 2, milliseconds: number): Promise<void> {
  const hostile = await Hostile.open(t, rules)
  const property = fc.asyncProperty(fc.array(anyEntry(hostile), { maxLength: 20 }), async (entries) => {
    await hostile.append(entries)
    return hostile.isWell()
  })
  const details = await fc.check(property, {
    numRuns: Number.MAX_SAFE_INTEGER,
    interruptAfterTimeLimit: milliseconds,
    markInterruptAsFailure: false,
    // Nothing could be tried again on a base that has closed.
    endOnFailure: true
  })
  t.comment(`${details.numRuns} runs, seed ${details.seed}`)
  t.absent(details.failed, details.failed ? fc.defaultReportMessage(details) : 'it is up')
  await hostile.end(20_000 + 2 * milliseconds)
}

function anyEntry({ pen, place }: Hostile): fc.Arbitrary<Uint8Array> {
  const sound = soundOps(pen, place)
  const op = fc.constantFrom(...sound)
  const odd = fc.oneof(fc.constantFrom(...ODD), fc.jsonValue({ maxDepth: 3 }))
  const names = ['id', 'pin_id', 'address', 'user', 'initiator', 'nick', 'msg', 'key', 'value', 'type', 'x']
  const changes = fc.dictionary(fc.constantFrom(...names), odd, { minKeys: 1, maxKeys: 3 })
  const bytes = (value: unknown) => b4a.from(rawText(value))
  return fc.oneof(
    {
      weight: 4,
      arbitrary: fc
        .tuple(op, changes)
        .map(([op, fields]) => bytes(signedAnew(pen, place, op, fields) ?? { ...op, ...fields }))
    },
    {
      weight: 2,
      arbitrary: fc.tuple(op, fc.nat(), odd).map(([op, at, odd]) => {
        const paths = pathsOf(op)
        return bytes(replaced(op, paths[at % paths.length] as string[], odd))
      })
    },
    { weight: 4, arbitrary: mutated(sound.map(bytes)) },
    { weight: 1, arbitrary: op.map(bytes) },
    { weight: 1, arbitrary: fc.json().map((text) => b4a.from(text)) },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 200 }) }
  )
}
