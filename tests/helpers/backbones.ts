import type { Assertions } from 'brittle'
import type { Received } from '../../features/sidechannel/sidechannels.ts'
import type { Hex32 } from '../../src/base/hex.ts'
import { tokenText } from '../../src/base/token-text.ts'
import { name } from '../unit/sidechannel/helpers.ts'
import { type Heard, hear, until } from './heard.ts'
import { type OpenedNode, prepareNode } from './node.ts'
import { Member, Stage } from './recipe.ts'
import { keyOf, SetUp } from './setup.ts'

const DEN = name('den')
const HOUR = 3600
const INVITE_ONLY = ['--subnet', '0', '--sidechannel-invite-channels', DEN]
const BACKBONE = [
  ...['--sidechannel-quiet', '1', '--sidechannel-allow-remote-open', '0'],
  ...['--sidechannel-auto-join', '0']
]

export type Pair = readonly [number, number]

/** All pairs of so many. */
export function pairsOf(count: number): Pair[] {
  return Array.from({ length: count }, (_, a) =>
    Array.from({ length: count - a - 1 }, (_, b): Pair => [a, a + b + 1])
  ).flat()
}

/**
 * The recipe of docs/operations.md: two members of an invite-only channel that never reach each other, and backbones,
 * each a process of its own, between them. The first is what `init --role backbone` makes, as the recipe has it; the
 * others have flags, and their invites by command.
 */
export class Backbones {
  readonly #stage: Stage
  readonly #ends: readonly [OpenedNode, OpenedNode]
  readonly #heard: readonly Heard<Received>[]
  readonly #flags: readonly string[]
  readonly #setUp: SetUp
  readonly #running = new Map<number, Member>()
  /** The sessions of processes that were killed. */
  readonly #old = new Set<object>()
  #said = 0

  static async open(t: Assertions, count: number): Promise<Backbones> {
    const stage = await Stage.open(t)
    const blocked: string[] = []
    const options = { firewall: (key: Hex32) => blocked.includes(key) }
    const owner = await prepareNode(t, stage.bootstrap, INVITE_ONLY, undefined, options)
    const { key } = owner.node
    const flags = [...INVITE_ONLY, '--sidechannel-inviter-keys', key]
    const guest = await prepareNode(t, stage.bootstrap, flags, undefined, options)
    blocked.push(key, guest.node.key)
    const ends = [await owner.start(), await guest.start()] as const
    const backbones = new Backbones(stage, ends, [...flags, ...BACKBONE], new SetUp(t))

    ends[0].sidechannels.welcome(DEN, 'Be kind.')
    t.ok(ends[0].sidechannels.join(DEN).ok)
    t.ok(ends[1].sidechannels.join(DEN, { owner: key, invite: backbones.#invite(guest.node.key) }).ok)
    await Promise.all(Array.from({ length: count }, (_, index) => backbones.#found(index, key)))
    return backbones
  }

  private constructor(
    stage: Stage,
    ends: readonly [OpenedNode, OpenedNode],
    flags: readonly string[],
    setUp: SetUp
  ) {
    this.#stage = stage
    this.#ends = ends
    this.#heard = ends.map(({ sidechannels }) => hear(sidechannels))
    this.#flags = flags
    this.#setUp = setUp
  }

  get neverMet(): boolean {
    const [owner, guest] = this.#ends
    return !owner.node.network.neighbours.has(guest.node.key)
  }

  /** As the power goes. */
  async kill(indexes: Iterable<number>): Promise<void> {
    for (const { sidechannels } of this.#ends)
      for (const session of sidechannels.channels.get(DEN)?.sessions ?? [])
        if ([...indexes].some((index) => this.#running.get(index)?.key === session.neighbour.key))
          this.#old.add(session)
    await Promise.all(
      [...indexes].map(async (index) => {
        await this.#running.get(index)?.peer.kill()
        this.#running.delete(index)
      })
    )
  }

  /** From the store alone: nothing is given again. */
  async restart(indexes: Iterable<number>): Promise<void> {
    await Promise.all([...indexes].map(async (index) => this.#running.set(index, await this.#start(index))))
  }

  /** Resolves once both ends and every backbone that runs know each other as members. */
  async ready(): Promise<void> {
    const members = [...this.#running.values()]
    for (const { sidechannels } of this.#ends)
      await until(sidechannels, 'changed', () => {
        const channel = sidechannels.channels.get(DEN)
        const fresh = channel?.sessions.filter((session) => !this.#old.has(session)) ?? []
        return members.every(
          ({ key }) =>
            fresh.some(({ neighbour }) => neighbour.key === key) &&
            channel?.isAuthorised(key as Hex32, Date.now())
        )
      })
    await Promise.all(members.map((member) => this.#knowsEnds(member)))
  }

  /** Says something, and does not wait for it to arrive. */
  async say(end: 0 | 1, text: string): Promise<void> {
    await this.#ends[end].sidechannels.send(DEN, text)
  }

  /** Each end says something, and the other one hears it by way of a backbone: all that was heard since the last time. */
  async exchange(): Promise<readonly unknown[]> {
    const text = `word ${++this.#said}`
    await this.say(0, text)
    await this.say(1, text)
    await Promise.all(
      this.#heard.map((heard) => heard.until((all) => all.some(({ message }) => message.message === text)))
    )
    const keys = [...this.#running.values()].map(({ key }) => key)
    return this.#heard.flatMap(({ all }) =>
      all.splice(0).map(({ message, verified }) => {
        const byBackbone = verified && keys.includes(message.relayedBy ?? '')
        return message.message === text && byBackbone ? 'ok' : message
      })
    )
  }

  /** Resolves once each that runs has passed on so many messages since it was started. */
  async relayed(messages: number): Promise<void> {
    const line = /^"den": .*\n {2}received \d+, sent \d+, relayed (\d+)/m
    const enough = ([, count]: RegExpMatchArray) => Number(count) >= messages
    await Promise.all([...this.#running.values()].map((member) => member.until('/sc_stats', line, enough)))
  }

  /** Before the DHT goes, which the test ends first of all: without it, saying goodbye takes its time. */
  async close(): Promise<void> {
    for (const { sidechannels, node } of this.#ends) {
      await sidechannels.close()
      await node.close()
    }
  }

  /** The first start of a backbone: it gets its invite, which holds the welcome. */
  async #found(index: number, owner: Hex32): Promise<void> {
    if (index === 0) await this.#initFirst(owner)
    const member = await this.#start(index)
    this.#running.set(index, member)
    if (index === 0) {
      await member.peer.saw('one of the invites of the first run is kept now')
      return
    }
    const invite = JSON.stringify(this.#invite(member.key as Hex32))
    await member.run(`/sc_join --channel den --owner ${owner} --invite '${invite}'`, 'Joined "den"')
  }

  /** Before its first start, which takes what it was given. */
  async #initFirst(owner: Hex32): Promise<void> {
    const words = ['--role', 'backbone', '--metrics-port', '0', '--dht-bootstrap', this.#stage.dht]
    const key = keyOf(await this.#setUp.init(words)) as Hex32
    const invite = tokenText(this.#invite(key))
    await this.#setUp.init(['--owner', `${DEN}:${owner}`, '--invite', invite])
  }

  async #start(index: number): Promise<Member> {
    // Its terminal is for the test alone.
    if (index === 0) return Member.open(this.#setUp.run(['start', this.#setUp.name, '--terminal', '1']))
    return this.#stage.start(`backbone${index + 1}`, this.#flags)
  }

  #invite(invitee: Hex32) {
    return this.#ends[0].sidechannels.invite(DEN, invitee, HOUR, null)
  }

  async #knowsEnds(member: Member): Promise<void> {
    // Whom it does not know as invited has "not authorised" beside the number.
    const line = /^"den": (\d+) neighbours?(?: \((\d+) not authorised\))?(.*)$/m
    await member.until('/sc_stats', line, ([, all, strangers = '0', rest = '']) => {
      return Number(all) - Number(strangers) >= 2 && !rest.includes('awaiting')
    })
  }
}
