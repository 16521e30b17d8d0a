import test, { type Assertions } from 'brittle'
import fc from 'fast-check'
import type { TxVerifier } from '../../../features/subnet/engine/settlement.ts'
import { toHex } from '../../../src/base/hex.ts'
import type { Signer } from '../../../src/base/signature.ts'
import { GoldenContract } from '../../helpers/subnet/golden-contract.ts'
import { admin, alice, appendWriter, bob, type Pen, pen, text } from '../../helpers/subnet/ops.ts'
import { inAgreement, link, openPeer, type Peer } from '../../helpers/subnet/peer.ts'

const yes: TxVerifier = { verify: async () => true }
const people: readonly Signer[] = [admin, alice, bob]

interface Act {
  readonly writer: number
  readonly kind: number
  readonly what: number
  readonly batch: number
}
interface Round {
  readonly apart: readonly boolean[]
  readonly acts: readonly Act[]
}

const act: fc.Arbitrary<Act> = fc.record({
  writer: fc.nat(2),
  kind: fc.nat(7),
  what: fc.nat(3),
  batch: fc.nat(2)
})
const rounds: fc.Arbitrary<Round[]> = fc.array(
  fc.record({
    apart: fc.array(fc.boolean(), { minLength: 3, maxLength: 3 }),
    acts: fc.array(act, { maxLength: 6 })
  }),
  { minLength: 2, maxLength: 4 }
)

let txs = 0

/** Operations that get in each other's way: what they do depends on what came before. */
function operation({ kind, what }: Act, by: Signer, { a, b, feature }: Pen): object {
  const address = by.publicKey
  if (kind === 0) return b(by, 'msg', text(by, `message ${what}`))
  if (kind === 1) return b(by, 'setNick', { nick: `nick${what}`, address, initiator: address })
  if (kind === 2) return feature(admin, 'timer', 'currentTime', what)
  if (kind === 3) return b(admin, 'deleteMessage', { id: what, address: admin.publicKey })
  if (kind === 4) return b(admin, 'pinMessage', { id: what, pinned: true, address: admin.publicKey })
  if (kind === 5) return a(admin, 'setChatStatus', what === 0 ? 'off' : 'on')
  if (kind === 6)
    return b(admin, 'muteStatus', { user: bob.publicKey, muted: what === 0, address: admin.publicKey })
  const name = ['ping', 'fail', 'halfway', 'crash'][what]
  const key = (++txs).toString(16).padStart(64, '0')
  return {
    type: 'tx',
    key,
    value: { msbsl: 1, dispatch: { type: name, value: { msg: 'x' } }, ipk: address, wp: key }
  }
}

/** Three writers of one subnet, two of them indexers, in touch with each other. */
async function openTrio(t: Assertions, rules: 1 | 2): Promise<{ peers: Peer[]; pens: Pen[] }> {
  const options = () => ({ contract: new GoldenContract(), settlements: { msb: yes, local: yes } })
  const first = await openPeer(t, options())
  const bootstrap = first.base.key
  const peers = [first]
  for (let i = 1; i < 3; i++) peers.push(await openPeer(t, { ...options(), bootstrap }))
  const pens = [1, 85, 170].map((nonce) => pen(rules, toHex(bootstrap), nonce))
  const { a } = pens[0] as Pen
  const choice = rules === 1 ? {} : { rules: 2, settlement: 'local' }
  await first.base.append({ type: 'addAdmin', key: admin.publicKey, ...choice })
  const keys = peers.map(({ base }) => toHex(base.local.key)) as [string, string, string]
  await first.base.append(a(admin, 'addIndexer', keys[1], appendWriter))
  await first.base.append(a(admin, 'addWriter', keys[2], appendWriter))
  await first.base.append(a(admin, 'setChatStatus', 'on'))
  for (const cut of await meet(t, peers)) await cut()
  return { peers, pens }
}

const PAIRS = [
  [0, 1],
  [1, 2],
  [0, 2]
] as const

/** Each with each, until all have all. */
async function meet(t: Assertions, peers: readonly Peer[]): Promise<(() => Promise<void>)[]> {
  const cuts = PAIRS.map(([a, b]) => link(t, peers[a] as Peer, peers[b] as Peer))
  await inAgreement(peers)
  return cuts
}

async function play(t: Assertions, rules: 1 | 2, story: readonly Round[]): Promise<boolean> {
  const { peers, pens } = await openTrio(t, rules)
  for (const { apart, acts } of story) {
    const cuts = PAIRS.flatMap(([a, b], i) => (apart[i] ? [] : [link(t, peers[a] as Peer, peers[b] as Peer)]))
    for (const one of acts) {
      const { base } = peers[one.writer] as Peer
      if (!base.writable) continue
      const ops = Array.from({ length: one.batch + 1 }, () =>
        operation(one, people[one.writer] as Signer, pens[one.writer] as Pen)
      )
      await Promise.all(ops.map((op) => base.append(op)))
    }
    for (const cut of cuts) await cut()
  }
  for (const cut of await meet(t, peers)) await cut()
  const views = await Promise.all(peers.map((peer) => peer.view()))
  for (const { base } of peers) await base.close()
  return new Set(views.map(({ length, hash }) => `${length} ${hash}`)).size === 1
}

for (const rules of [1, 2] as const) {
  test(`ruleset ${rules}: writers who were apart come to the same view`, { timeout: 55_000 }, async (t) => {
    const property = fc.asyncProperty(rounds, (story) => play(t, rules, story))
    const details = await fc.check(property, { numRuns: 6, endOnFailure: true })
    t.absent(details.failed, details.failed ? fc.defaultReportMessage(details) : 'equal')
  })
}

test('operations that were applied are taken back when older ones come to light', async (t) => {
  const { peers, pens } = await openTrio(t, 2)
  const nick = (i: number) => {
    const by = people[i] as Signer
    return (pens[i] as Pen).b(by, 'setNick', { nick: 'same', address: by.publicKey, initiator: by.publicKey })
  }
  for (const i of [0, 1, 2]) await (peers[i] as Peer).base.append(nick(i))
  const owners = await Promise.all(peers.map((peer) => peer.get('kcin/same')))
  t.alike(
    owners,
    people.map(({ publicKey }) => publicKey),
    'alone, each has it'
  )
  await meet(t, peers)
  const [one, ...others] = await Promise.all(peers.map((peer) => peer.get('kcin/same')))
  t.alike(others, [one, one], 'together, one has')
  const losers = people.filter(({ publicKey }) => publicKey !== one)
  for (const { publicKey } of losers) t.is(await (peers[0] as Peer).get(`nick/${publicKey}`), null)
})
