import b4a from 'b4a'
import test, { type Assertions } from 'brittle'
import { toHex } from '../../../src/base/hex.ts'
import { GoldenContract } from '../../helpers/subnet/golden-contract.ts'
import { admin, appendWriter, type Pen, pen } from '../../helpers/subnet/ops.ts'
import { inAgreement, link, openPeer, type Peer } from '../../helpers/subnet/peer.ts'

interface Head {
  readonly key: Uint8Array
  readonly length: number
}

/** A block of a log, as Autobase encodes it. */
interface Block {
  readonly node: { readonly heads: readonly Head[]; readonly batch: number; readonly value: Uint8Array }
}

interface Log {
  readonly key: Uint8Array
  readonly length: number
  get(index: number): Promise<Block>
  append(blocks: readonly object[]): Promise<void>
}

/** An admin, and a writer who was let in and puts into its log what it likes. */
async function openPair(t: Assertions): Promise<{ peer: Peer; hostile: Peer; log: Log; pen: Pen }> {
  const peer = await openPeer(t, { contract: new GoldenContract() })
  const bootstrap = peer.base.key
  const hostile = await openPeer(t, { contract: new GoldenContract(), bootstrap })
  const own = pen(2, toHex(bootstrap))
  await peer.base.append({ type: 'addAdmin', key: admin.publicKey, rules: 2, settlement: 'local' })
  await peer.base.append(own.a(admin, 'addWriter', toHex(hostile.base.local.key), appendWriter))
  link(t, peer, hostile)
  await inAgreement([peer, hostile])
  await hostile.base.append({ type: 'hello' })
  await inAgreement([peer, hostile])
  return { peer, hostile, log: hostile.base.local as unknown as Log, pen: own }
}

const many = Array.from({ length: 500_000 }, (_, i) => i % 100)
const empty = { system: [], encryption: [], user: [] }

/** What the peer is told beside an operation, and how far it reads the log then. */
const BLOCKS: Readonly<Record<string, readonly [beside: (heads: readonly Head[]) => object, read: boolean]>> =
  {
    'a long trace of the system': [(heads) => ({ heads, trace: { ...empty, system: many } }), true],
    'a long trace of the view': [
      (heads) => ({ heads, trace: { ...empty, user: [{ view: 0, blocks: many }] } }),
      true
    ],
    'a trace of views that are not there': [
      (heads) => ({ heads, trace: { ...empty, user: [{ view: 7, blocks: [1] }] } }),
      true
    ],
    'a head that is named twice': [(heads) => ({ heads: [...heads, ...heads] }), false],
    'a head that is to come': [([head]) => ({ heads: [{ ...head, length: 9999 }] }), true],
    'itself as its head': [([head]) => ({ heads: [{ ...head, length: (head?.length ?? 0) + 1 }] }), true],
    'a head of nobody': [() => ({ heads: [{ key: b4a.alloc(32, 9), length: 1 }] }), false],
    'a batch that does not end': [(heads) => ({ heads, batch: 5 }), false]
  }

for (const [name, [beside, read]] of Object.entries(BLOCKS)) {
  test(`a writer whose log has ${name} ends nobody`, async (t) => {
    const { peer, hostile, log, pen } = await openPair(t)
    const last = await log.get(log.length - 1)
    const {
      heads,
      batch = 1,
      trace = null
    } = beside([{ key: log.key, length: log.length }]) as {
      heads: readonly Head[]
      batch?: number
      trace?: object
    }
    const length = log.length
    await log.append([{ ...last, node: { ...last.node, heads, batch }, trace }])
    await downloaded(peer, log)
    await peer.base.append(pen.a(admin, 'setChatStatus', 'on'))
    t.is(await peer.get('chat_status'), 'on', 'the subnet goes on')
    t.is((await peer.member(toHex(log.key)))?.length, read ? length + 1 : length, 'its log is read so far')
    t.absent(peer.base.closed || hostile.base.closed, 'both are up')
  })
}

/** All of the log is here, and Autobase has looked at it. */
async function downloaded({ base }: Peer, { key, length }: Log): Promise<void> {
  const { activeWriters } = base as unknown as {
    activeWriters: { get(key: Uint8Array): { core: { get(index: number): Promise<unknown> } } }
  }
  await activeWriters
    .get(key)
    .core.get(length - 1)
    .catch(() => {})
  await base.update()
}
