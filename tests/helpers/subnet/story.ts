import type { Assertions } from 'brittle'
import process from '#process'
import { compareCheckpoints, type Fixed, fixedIn } from '../../../features/subnet/log/checkpoints.ts'
import { toHex } from '../../../src/base/hex.ts'
import type { Signer } from '../../../src/base/signature.ts'
import { type Random, random } from '../random.ts'
import { GoldenContract } from './golden-contract.ts'
import { admin, alice, appendWriter, bob, byte, dropWriter, localTx, type Pen, pen, text } from './ops.ts'
import { inAgreement, link, openPeer, type Peer, type PeerOptions } from './peer.ts'
import type { Op } from './script.ts'

const PEOPLE: readonly Signer[] = [admin, alice, bob]
const FUNCTIONS = [
  'ping',
  'fail',
  'halfway',
  'reserved',
  'crash',
  'hopeless',
  'clock',
  'leak',
  'chat',
  'none'
]
const STEPS = 3
const WORDS = ['hello', 'again', 'veto', 'throw', 'ä€😀']

export interface Cast {
  readonly rules: 1 | 2
  readonly peers: number
  /** How many of them are that, to begin with. */
  readonly indexers: number
}

/** Peers of one subnet that write, are apart and meet again, as chance has it. */
export class Story {
  readonly peers: readonly Peer[]
  readonly #t: Assertions
  readonly #random: Random
  readonly pen: Pen
  readonly #subnet: string
  readonly #doubts: Promise<readonly string[]>[] = []
  /** One for each two peers; null where they are apart. */
  readonly #links: (null | (() => Promise<void>))[]

  private constructor(t: Assertions, random: Random, rules: 1 | 2, peers: readonly Peer[]) {
    this.#t = t
    this.#random = random
    this.peers = peers
    this.#subnet = toHex((peers[0] as Peer).base.key)
    this.pen = pen(rules, this.#subnet, 256)
    this.#links = pairsOf(peers).map(() => null)
    for (const { base } of peers) base.on('update', () => this.#doubts.push(doubtsOf(base)))
  }

  /** Indexers that somebody took at some moment for ones with another state. There are none. */
  async doubted(): Promise<readonly string[]> {
    return (await Promise.all(this.#doubts.splice(0))).flat()
  }

  /** The first `indexers` of the peers are that, and all of them write. */
  static async open(t: Assertions, random: Random, { rules, peers: count, indexers }: Cast): Promise<Story> {
    const first = await openPeer(t, { contract: new GoldenContract() })
    const bootstrap = first.base.key
    const others = Array.from({ length: count - 1 }, () =>
      openPeer(t, { contract: new GoldenContract(), bootstrap })
    )
    const story = new Story(t, random, rules, [first, ...(await Promise.all(others))])
    const { a } = story.pen
    const choice = { settlement: 'local', ...(rules === 2 ? { rules } : {}) }
    await first.base.append({ type: 'addAdmin', key: admin.publicKey, ...choice })
    await first.base.append(a(admin, 'setChatStatus', 'on'))
    for (const [i, { base }] of story.peers.entries()) {
      if (i > 0)
        await first.base.append(
          a(admin, i < indexers ? 'addIndexer' : 'addWriter', toHex(base.local.key), appendWriter)
        )
    }
    await story.meet()
    return story
  }

  /** Some of the links change, some write; then all meet. */
  async round(): Promise<void> {
    await this.#letIn()
    for (let i = 0; i < STEPS; i++) {
      await this.#relink()
      await this.#write(this.#random.pick(this.peers))
    }
    await this.meet()
  }

  /** All are linked, have all, and the indexers have signed what there was. */
  async meet(): Promise<void> {
    await this.#linkAll()
    await inAgreement(this.peers)
    for (const { base } of this.peers) if (base.isIndexer) await base.append(null)
    await inAgreement(this.peers)
  }

  /** Nobody is linked with anybody. */
  async part(): Promise<void> {
    for (const [i, cut] of this.#links.entries()) {
      this.#links[i] = null
      await cut?.()
    }
  }

  /** Somebody new who comes to have all of it. */
  async read(more: Partial<PeerOptions> = {}): Promise<Peer> {
    const [first] = this.peers as [Peer]
    const options = { contract: new GoldenContract(), bootstrap: first.base.key, fromZero: true, ...more }
    const reader = await openPeer(this.#t, options)
    link(this.#t, first, reader)
    await inAgreement([...this.peers, reader])
    return reader
  }

  /** Something that does not depend on chance: everybody appends the same transaction. */
  async transact(): Promise<void> {
    const { able, boss } = await this.#letIn()
    await able.base.append(this.pen.b(boss, 'enableTransactions', { enabled: true, address: boss.publicKey }))
    await this.meet()
    for (const { base } of this.peers) {
      const dispatch = { type: 'ping', value: { msg: 'certainly' } }
      const place = { subnet: this.#subnet, from: toHex(base.local.key), nonce: byte(99) }
      await base.append(localTx(alice, { ...place, dispatch }))
    }
    await this.meet()
  }

  /** Who was removed may write again. */
  async #letIn(): Promise<{ able: Peer; boss: Signer }> {
    const able = this.peers.find(({ base }) => base.writable) as Peer
    const key = await able.get('admin')
    const boss = PEOPLE.find(({ publicKey }) => publicKey === key) as Signer
    for (const { base } of this.peers) {
      if (base.writable) continue
      await able.base.append(this.pen.a(boss, 'addWriter', toHex(base.local.key), appendWriter))
    }
    return { able, boss }
  }

  async #relink(): Promise<void> {
    for (const [i, [a, b]] of pairsOf(this.peers).entries()) {
      const cut = this.#links[i]
      if (!this.#random.chance(0.3)) continue
      if (cut === null || cut === undefined) this.#links[i] = link(this.#t, a, b)
      else {
        this.#links[i] = null
        await cut()
      }
    }
  }

  async #linkAll(): Promise<void> {
    for (const [i, [a, b]] of pairsOf(this.peers).entries()) this.#links[i] ??= link(this.#t, a, b)
  }

  async #write({ base }: Peer): Promise<void> {
    const from = toHex(base.local.key)
    const ops = Array.from({ length: 1 + this.#random.below(3) }, () => this.#operation(from))
    if (!base.writable) return
    try {
      // Together: one batch, if nothing else is going on.
      await Promise.all(ops.map((op) => base.append(op)))
    } catch (error) {
      // Removed by what came in meanwhile.
      if (base.writable || base.closing) throw error
    }
  }

  /** Operations that get in each other's way: what they do depends on what came before. */
  #operation(from: string): Op {
    const { below, chance, pick } = this.#random
    const { a, b, feature } = this.pen
    const by = pick(PEOPLE)
    const boss = chance(0.8) ? admin : alice
    const [address, user, id] = [by.publicKey, pick(PEOPLE).publicKey, below(4)]
    const onOff = chance(0.7) ? 'on' : 'off'
    const someone = toHex(pick(this.peers).base.local.key)
    const kinds: readonly (() => Op)[] = [
      () => b(by, 'msg', text(by, pick(WORDS), chance(0.5) ? id : null)),
      () => b(by, 'setNick', { nick: `nick${below(3)}`, address: user, initiator: address }),
      () => b(by, 'deleteMessage', { id, address }),
      () => b(by, 'pinMessage', { id, pinned: chance(0.7), address }),
      () => b(by, 'unpinMessage', { id, address }),
      () => b(by, 'muteStatus', { user, muted: chance(0.5), address }),
      () => b(boss, 'setMod', { user, mod: chance(0.5), address: boss.publicKey }),
      () => b(boss, 'setWhitelistStatus', { user, status: chance(0.7), address: boss.publicKey }),
      () => b(boss, 'enableWhitelist', { enabled: chance(0.3), address: boss.publicKey }),
      () => b(boss, 'enableTransactions', { enabled: chance(0.8), address: boss.publicKey }),
      () => b(boss, 'updateAdmin', { admin: chance(0.7) ? admin.publicKey : alice.publicKey, address }),
      () => a(boss, 'setChatStatus', onOff),
      () => a(boss, 'setAutoAddWriters', onOff),
      () => ({ type: 'autoAddWriter', key: chance(0.7) ? someone : byte(below(4)) }),
      () => a(boss, pick(['addWriter', 'addIndexer']), someone, appendWriter),
      () => a(boss, 'removeWriter', someone, dropWriter),
      () => a(boss, 'unban', someone),
      () => b(boss, 'setApp', { name: pick(WORDS), version: '1', hash: byte(1), address: boss.publicKey }),
      () => feature(boss, pick(['timer', 'nobody']), pick(['currentTime', 'bad']), below(5)),
      ...Array.from({ length: 4 }, () => () => this.#tx(by, from)),
      () => ({ type: 'addAdmin', key: address })
    ]
    return pick(kinds)()
  }

  #tx(by: Signer, from: string): Op {
    const { pick, below } = this.#random
    const dispatch = { type: pick(FUNCTIONS), value: { msg: pick(WORDS) } }
    // Few nonces: some come twice.
    return localTx(by, { subnet: this.#subnet, from, dispatch, nonce: byte(below(256)) })
  }
}

async function doubtsOf(base: Peer['base']): Promise<readonly string[]> {
  return (await compareCheckpoints(base, fixedIn(base) as Fixed))?.differing ?? []
}

function pairsOf(peers: readonly Peer[]): (readonly [Peer, Peer])[] {
  return peers.flatMap((a, i) => peers.slice(i + 1).map((b) => [a, b] as const))
}

export const CASTS: readonly (Cast & { readonly rounds: number })[] = [
  { rules: 1, peers: 3, indexers: 1, rounds: 18 },
  { rules: 2, peers: 4, indexers: 2, rounds: 8 },
  { rules: 1, peers: 5, indexers: 3, rounds: 4 },
  { rules: 2, peers: 3, indexers: 3, rounds: 20 }
]

/** So many times apart and together again: each time all have the same, and so has who only reads it in the end. */
export async function playStory(t: Assertions, cast: Cast, rounds: number): Promise<void> {
  const seed = Number(process.env.STORY_SEED ?? Date.now() % 1_000_000)
  t.comment(`seed ${seed}; STORY_SEED=${seed} plays it again`)
  const story = await Story.open(t, random(seed), cast)
  for (let round = 1; round <= rounds; round++) {
    await story.round()
    const states = await Promise.all(story.peers.map(stateOf))
    const signed = Math.min(...states.map(({ signedLength }) => signedLength))
    const confirmed = await Promise.all(story.peers.map((peer) => hashAt(peer, signed)))
    t.is(new Set(confirmed).size, 1, `round ${round}: the same is confirmed`)
    t.is(new Set(states.map(({ hashes }) => hashes)).size, 1, `round ${round}: all have the same`)
    t.alike(await story.doubted(), [], `round ${round}: nobody believed otherwise meanwhile`)
  }
  const reader = await story.read()
  const [last, first] = await Promise.all([reader, story.peers[0] as Peer].map(stateOf))
  t.is(last?.hashes, first?.hashes, 'who reads it all at once has the same')
  const reorders = story.peers.map((peer) => peer.reorders())
  t.ok(Math.max(...reorders) > 0, `what was applied was taken back: ${reorders.join(', ')} times`)
}

async function stateOf({ base, view }: Peer): Promise<{ hashes: string; signedLength: number }> {
  const { length, hash } = await view()
  const system = base.system.core
  return {
    hashes: `${length} ${hash} ${system.length} ${toHex(await system.treeHash())}`,
    signedLength: base.view.core.signedLength
  }
}

async function hashAt({ base }: Peer, length: number): Promise<string> {
  return length === 0 ? '' : toHex(await base.view.core.treeHash(length))
}
