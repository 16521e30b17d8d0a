import b4a from 'b4a'
import type { Assertions } from 'brittle'
import { toHex } from '../../../src/base/hex.ts'
import type { ChatMessage } from '../../../src/subnet-plane.ts'
import { Peer } from '../peer.ts'
import { once, startDht } from '../swarm.ts'
import { temporaryFolder } from '../tmp.ts'
import type { BusyOrder } from './busy-member.ts'
import { GoldenContract } from './golden-contract.ts'
import { type OpenMember, openMember } from './member.ts'
import { link, openPeer } from './peer.ts'

/** Under way at a time: some batches have one operation, some many. */
const POSTS = 8
/** Long enough for hundreds of batches. */
const LONGEST_LIFE = 400

/** A busy member in a process of its own. */
export class BusyMember extends Peer {
  constructor(t: Assertions, order: BusyOrder) {
    super(t, {
      program: 'tests/helpers/subnet/busy-member.js',
      args: [JSON.stringify(order)],
      cwd: order.folder
    })
  }

  /** What it was answered, by message; what may have been cut off is left out. */
  answered(): Map<string, number> {
    const whole = this.output.slice(0, this.output.lastIndexOf('\n') + 1)
    const answers = whole.matchAll(/^answered (\S+) (\d+)$/gm)
    return new Map([...answers].map(([, message = '', n]) => [message, Number(n)]))
  }

  async killSoon(): Promise<void> {
    const life = Math.floor(Math.random() * LONGEST_LIFE)
    await Promise.race([new Promise((resolve) => setTimeout(resolve, life)), this.exited])
    await this.kill()
  }
}

/** Kills a member while it appends and applies; what it was answered must be there, once, for everybody. */
export async function killWriters(t: Assertions, kills: number): Promise<void> {
  const dht = await startDht(t)
  const folder = temporaryFolder(t)
  const answered = new Map<string, number>()
  for (let life = 0; life < kills; life++) {
    const busy = new BusyMember(t, { folder, dht, flags: [], posts: POSTS, life })
    await busy.saw('answered')
    if (life === 0) await t.exception(openMember(t, dht, [], { folder }), /in use by process/)
    await busy.killSoon()
    t.absent(/^(failed|interrupted|.* null$)/m.test(busy.output), `life ${life} ${busy.errors}`)
    for (const [message, n] of busy.answered()) answered.set(message, n)
  }
  const member = await openMember(t, dht, [], { folder })
  t.absent(member.desk.subnet.interrupted)
  const { result } = await member.desk.post({ message: 'after all' })
  answered.set('after all', result.n ?? -1)
  await assertKept(t, member, answered)
  await assertReplayed(t, member)
}

/** Kills a member while it takes over what another one writes; in the end it has the same. */
export async function killReaders(t: Assertions, kills: number): Promise<void> {
  const dht = await startDht(t)
  const writer = await openMember(t, dht)
  await writer.desk.operate('add_admin', { address: writer.node.key })
  await writer.desk.operate('set_chat_status', { enabled: 1 })
  const flags = ['--subnet-bootstrap', writer.desk.bootstrap]
  const folder = temporaryFolder(t)
  let busy = true
  const posting = (async () => {
    for (let n = 0; busy; n++) {
      await writer.desk.post({ message: `message ${n}` })
      // The connection wants its turn.
      await new Promise((resolve) => setTimeout(resolve, 2))
    }
  })()
  for (let life = 0; life < kills; life++) {
    const reader = new BusyMember(t, { folder, dht, flags, posts: 0, life })
    await reader.saw('applied')
    await reader.killSoon()
    t.absent(/^(failed|interrupted)/m.test(reader.output), `life ${life} ${reader.errors}`)
  }
  busy = false
  await posting
  const reader = await openMember(t, dht, flags, { folder })
  const [here, there] = [reader.desk.subnet.base, writer.desk.subnet.base]
  while (here.system.core.length < there.system.core.length) await once(here, 'update')
  t.is(await viewHash(reader), await viewHash(writer), 'the same state')
  t.is(toHex(await here.system.core.treeHash()), toHex(await there.system.core.treeHash()), 'and members')
}

async function assertKept(
  t: Assertions,
  { desk }: OpenMember,
  answered: ReadonlyMap<string, number>
): Promise<void> {
  const { total } = await desk.messages({ limit: 1 })
  const messages: ChatMessage[] = []
  while (messages.length < total) {
    messages.push(...(await desk.messages({ from: messages.length, limit: 1000 })).messages)
  }
  const kept = new Map(messages.map(({ message, n }) => [message, n]))
  t.is(kept.size, total, 'nothing is there twice')
  const lost = [...answered].flatMap(([message, n]) =>
    kept.get(message) === n ? [] : [`${message} at ${n}, now at ${kept.get(message)}`]
  )
  t.alike(lost, [], `${answered.size} answered of ${total} written`)
}

/** Another peer that applies the whole log by itself comes to the same state, of the members too. */
export async function assertReplayed(t: Assertions, member: OpenMember): Promise<void> {
  const { subnet } = member.desk
  const replay = await openPeer(t, {
    contract: new GoldenContract(),
    bootstrap: b4a.from(subnet.bootstrap, 'hex'),
    fromZero: true
  })
  const cut = link(t, { base: subnet.base }, replay)
  const { view, system } = subnet.base
  while (replay.base.system.core.length < system.core.length) {
    await once(replay.base, 'update')
  }
  t.is((await replay.view()).hash, await viewHash(member), 'a replay from zero comes to the same state')
  t.is(replay.base.system.core.length, system.core.length)
  t.is(toHex(await replay.base.system.core.treeHash()), toHex(await system.core.treeHash()), 'and members')
  t.ok(view.core.length > 0)
  await cut()
}

/** Kills a member exactly between the two steps in which a batch is written. */
export async function tearWrites(t: Assertions, times: number): Promise<void> {
  const dht = await startDht(t)
  const folder = temporaryFolder(t)
  for (let life = 0; life < times; life++) {
    const busy = new BusyMember(t, { folder, dht, flags: [], posts: 1, tornAfter: 3, life })
    await busy.exited
    t.is(busy.answered().size, 3, busy.errors)
  }
  const member = await openMember(t, dht, [], { folder })
  const { result } = await member.desk.post({ message: 'after all' })
  t.is(result.n, times * 4, 'what was under way is there, once')
  await assertReplayed(t, member)
}

async function viewHash({ desk }: OpenMember): Promise<string> {
  return toHex(await desk.subnet.base.view.core.treeHash())
}
