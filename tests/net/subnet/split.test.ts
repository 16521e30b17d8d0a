import test, { type Assertions } from 'brittle'
import { compareCheckpoints, type Fixed, fixedIn } from '../../../features/subnet/log/checkpoints.ts'
import { Contract } from '../../../src/app/contract.ts'
import type { HostPort } from '../../../src/config/types.ts'
import { rejectionOf } from '../../helpers/errors.ts'
import { beginSubnet, viewOf } from '../../helpers/subnet/damage.ts'
import { ACK_MS, isConfirmed, untilAll } from '../../helpers/subnet/indexers.ts'
import { appOf, type OpenMember, openMember, until } from '../../helpers/subnet/member.ts'
import { once, startDht } from '../../helpers/swarm.ts'

/** Computes something else from some messages, under the same name, version and hash. */
class Memory extends Contract {
  constructor(protocol: unknown, faulty: boolean) {
    super(protocol)
    this.messageHandler(async () => {
      const { msg } = this.op as { readonly msg: string }
      await this.put(`heard/${msg}`, faulty && msg.startsWith('hard') ? 'something else' : msg)
      if (faulty && msg === 'harder') await this.put('another', msg)
    })
  }
}

const RIGHT = appOf((protocol) => new Memory(protocol, false))
const FAULTY = appOf((protocol) => new Memory(protocol, true))
const times = { ack: ACK_MS, agreement: 50 }

interface Cast {
  readonly dht: readonly HostPort[]
  readonly flags: readonly string[]
  readonly admin: OpenMember
  readonly good: OpenMember
  readonly faulty: OpenMember
}

async function openCast(t: Assertions): Promise<Cast> {
  const dht = await startDht(t)
  const admin = await openMember(t, dht, [], { app: RIGHT, times })
  await beginSubnet(admin)
  const flags = ['--subnet-bootstrap', admin.desk.bootstrap]
  const good = await openMember(t, dht, flags, { app: RIGHT, times })
  const faulty = await openMember(t, dht, flags, { app: FAULTY, times })
  for (const member of [good, faulty])
    await until(member, async () => (await member.desk.get('chat_status', false)) === 'on')
  return { dht, flags, admin, good, faulty }
}

function open(t: Assertions, { dht, flags }: Cast, { folder }: OpenMember, app = RIGHT): Promise<OpenMember> {
  return openMember(t, dht, flags, { app, times, folder })
}

async function makeIndexers(admin: OpenMember, members: readonly OpenMember[]): Promise<void> {
  for (const member of members) {
    await admin.desk.operate('add_indexer', { key: member.desk.writerKey })
    await until(member, () => member.desk.writable)
  }
  await untilAll([admin, ...members], (member) => isConfirmed(member) && member.desk.isIndexer)
}

/** Resolves when it is so, or at once. */
async function untilSplit({ desk }: OpenMember, split: boolean): Promise<void> {
  while (desk.split !== split) await once(desk.subnet, 'agreement')
}

/** What it has to say of the indexers at this very moment. */
function look({ desk }: OpenMember) {
  const { base } = desk.subnet
  return compareCheckpoints(base, fixedIn(base) as Fixed)
}

/** Resolves once it has split off and taken over the state of the indexers; it may have done so while it opened. */
async function untilMended({ desk, logged }: OpenMember): Promise<void> {
  while (!logged.some((line) => line.includes('signed again'))) await once(desk.subnet, 'agreement')
}

const isTold = ({ logged }: OpenMember) => logged.some((line) => line.includes('code=state_split'))
const subnetHealth = ({ node }: OpenMember) => node.health().checks.subnet

test('a peer that computes something else is told, and is well again with the right app', {
  timeout: 50_000
}, async (t) => {
  const cast = await openCast(t)
  const { admin, good, faulty } = cast
  await admin.desk.post({ message: 'easy' })
  await untilAll([good, faulty], (member) => isConfirmed(member))
  t.alike((await look(faulty))?.differing, [], 'until there is something to differ in')
  t.is(subnetHealth(faulty).ok, true)

  await admin.desk.post({ message: 'hard' })
  await untilSplit(faulty, true)
  t.ok(isTold(faulty))
  t.is(subnetHealth(faulty).ok, false)
  t.ok(subnetHealth(faulty).detail.startsWith('state_split: '))
  const { result, lines } = await faulty.desk.stats()
  t.alike([result.split, result.differingIndexers], [true, [admin.desk.writerKey]])
  t.ok(
    lines.some((line) => line.startsWith('Split off (state_split)')),
    lines.join('\n')
  )

  const dispatch = { type: 'any', value: null }
  for (const work of [
    () => faulty.desk.tx({ command: dispatch }),
    () => faulty.desk.tx({ command: dispatch, sim: true }),
    () => faulty.desk.post({ message: 'no' }),
    () => faulty.desk.get('heard/hard'),
    () => faulty.desk.list({ prefix: 'heard/' }),
    () => faulty.desk.subnet.protocol.getSigned('heard/hard')
  ])
    t.is((await rejectionOf(work())).code, 'state_split')
  t.is(
    await faulty.desk.get('heard/hard', false),
    'something else',
    'the latest state is still to be looked at'
  )

  await untilAll([good], (member) => isConfirmed(member))
  t.alike(await look(good), { quorum: 1, agreeing: 1, differing: [], theirs: null })
  t.absent([admin, good].some((member) => isTold(member) || member.desk.split))

  await faulty.close()
  const mended = await open(t, cast, faulty)
  let unnamed = false
  mended.desk.on('unnamed', () => {
    unnamed = true
  })
  // Whatever it was, it must not be remembered.
  await mended.desk.get('heard/hard', false)
  await untilMended(mended)
  t.is(await mended.desk.get('heard/hard'), 'hard')
  t.is(await viewOf(mended), await viewOf(admin))
  t.ok(unnamed, 'whoever follows the state reads it again')
  t.is(subnetHealth(mended).ok, true)
  await admin.desk.post({ message: 'hard again' })
  await until(mended, async () => (await mended.desk.get('heard/hard again', false)) !== null)
  await untilAll([mended], (member) => isConfirmed(member))
  t.is(await mended.desk.get('heard/hard again'), 'hard again')
  t.absent(mended.desk.split)
})

test('one that split off is told, and mended, though the indexers changed since', {
  timeout: 50_000
}, async (t) => {
  const cast = await openCast(t)
  const { admin, good, faulty } = cast
  await admin.desk.post({ message: 'hard' })
  await untilSplit(faulty, true)
  await makeIndexers(admin, [good])
  await admin.desk.post({ message: 'easy' })
  await untilAll([admin, good], (member) => isConfirmed(member))
  await until(faulty, async () => (await faulty.desk.get('heard/easy', false)) === 'easy')
  await faulty.close()

  const again = await open(t, cast, faulty, FAULTY)
  await again.desk.get('heard/hard', false)
  await untilMended(again)
  t.is(await again.desk.get('heard/hard'), 'hard')
  await admin.desk.post({ message: 'hard again' })
  await untilSplit(again, true)
  t.is(await again.desk.get('heard/hard', false), 'hard', 'with the same app it is well until the next time')
  await again.close()

  const mended = await open(t, cast, faulty)
  await untilMended(mended)
  t.is(await viewOf(mended), await viewOf(admin))
  t.absent([admin, good].some((member) => isTold(member)))
})

test('of three indexers the one that computes something else is told, and keeps its log when it is mended', {
  timeout: 50_000
}, async (t) => {
  const cast = await openCast(t)
  const { admin, good, faulty } = cast
  await makeIndexers(admin, [good, faulty])
  await faulty.desk.post({ message: 'easy' })
  await good.desk.post({ message: 'harder' })
  await untilSplit(faulty, true)
  t.is((await rejectionOf(faulty.desk.post({ message: 'no' }))).code, 'state_split')
  t.absent([admin, good].some((member) => isTold(member) || member.desk.split))
  await faulty.close()

  const mended = await open(t, cast, faulty)
  await untilMended(mended)
  t.is(mended.desk.writerKey, faulty.desk.writerKey)
  const { result } = await mended.desk.post({ message: 'hard too' })
  await untilAll([admin, good, mended], (member) => isConfirmed(member))
  t.is(result.n, 2)
  t.is(await admin.desk.get('heard/hard too'), 'hard too')
  t.is(await viewOf(mended), await viewOf(admin))
})

/** Whatever it signs of the state from now on is good for nothing. */
function signGarbage({ desk }: OpenMember): void {
  const applying = desk.subnet.base._applyState as unknown as Record<string, unknown>
  applying._signViewCore = async (_core: unknown, length: number) => ({
    signature: new Uint8Array(64).fill(7),
    length
  })
}

test('one indexer of three that signs garbage makes nobody believe it, and is named where it holds up the others', {
  timeout: 50_000
}, async (t) => {
  const cast = await openCast(t)
  const { admin, good } = cast
  const hostile = await openMember(t, cast.dht, cast.flags, { app: RIGHT, times })
  await cast.faulty.close()
  await until(hostile, async () => (await hostile.desk.get('chat_status', false)) === 'on')
  await makeIndexers(admin, [good, hostile])
  signGarbage(hostile)
  await good.close()
  await admin.desk.post({ message: 'easy' })
  while (admin.desk.subnet.differingIndexers.length === 0) await once(admin.desk.subnet, 'agreement')
  const { result, lines } = await admin.desk.stats()
  t.alike([result.split, result.differingIndexers], [false, [hostile.desk.writerKey]])
  t.ok(lines.some((line) => line.startsWith('Indexers that signed another state')))
  t.is(subnetHealth(admin).ok, true)
  await admin.desk.post({ message: 'goes on' })
  t.absent(isTold(admin))
})
