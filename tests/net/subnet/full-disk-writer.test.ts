import test, { type Assertions } from 'brittle'
import type { BridgeClient } from '#client'
import { IntercomError } from '../../../src/base/errors.ts'
import type { ChatMessage } from '../../../src/subnet-plane.ts'
import { neighbours } from '../../helpers/heard.ts'
import { viewOf } from '../../helpers/subnet/damage.ts'
import {
  assertLivesOn,
  assertRefused,
  FullDiskStage,
  MOST,
  PADDING,
  ROOM
} from '../../helpers/subnet/full-disk.ts'
import { type OpenMember, openMember, until } from '../../helpers/subnet/member.ts'
import { startDht } from '../../helpers/swarm.ts'
import { ENTRY } from '../client/helpers.ts'

const CALLERS = 4
const REFUSED_EACH = 3

/** What was answered with success. */
interface Answered {
  readonly messages: Map<string, number | null>
  readonly txs: Map<string, number | null>
}

/** Posts and transactions from several callers, until each of them was refused some times. */
async function writeUntilFull(t: Assertions, client: BridgeClient): Promise<Answered> {
  const answered: Answered = { messages: new Map(), txs: new Map() }
  const refusals: unknown[] = []
  const write = async (caller: number) => {
    for (let count = 0, refused = 0; refused < REFUSED_EACH && count < MOST; count++) {
      const text = `${caller}-${count}`
      try {
        if (count % 2 === 0) {
          answered.messages.set(text, (await client.post(`${text} ${PADDING}`)).n)
        } else {
          const { tx, n, error } = await client.tx(`{"op":"do_something","some_key":"${text}"}`)
          if (error !== null) throw new Error(`the contract has refused it: ${error}`)
          answered.txs.set(tx, n)
        }
      } catch (error) {
        refused++
        refusals.push(error)
      }
    }
  }
  await Promise.all(Array.from({ length: CALLERS }, (_, caller) => write(caller)))
  for (const error of refusals) assertRefused(t, error)
  return answered
}

async function assertKept(t: Assertions, client: BridgeClient, { messages, txs }: Answered): Promise<void> {
  const there: ChatMessage[] = []
  for (let total = 1; there.length < total; ) {
    const page = await client.chatMessages({ from: there.length, limit: 100 })
    there.push(...(page.messages as ChatMessage[]))
    total = page.total
  }
  const places = new Map(there.map(({ message, n }) => [message?.split(' ')[0] ?? '', n]))
  t.is(places.size, there.length, 'nothing is there twice')
  const lost = [...messages].filter(
    ([text, n]) => !places.has(text) || (n !== null && places.get(text) !== n)
  )
  t.alike(lost, [], `${messages.size} messages`)
  for (const [tx, n] of txs) {
    const { value } = await client.get(`tx/${tx}`, { confirmed: false })
    if (value === null || (n !== null && value !== n)) t.fail(`${tx} was at ${n}, and is at ${value}`)
  }
  t.ok(messages.size > 3 && txs.size > 3, `${txs.size} transactions`)
}

test('a writer whose disk is full refuses, lives on, and has all that it confirmed', {
  timeout: 60_000
}, async (t) => {
  const stage = await FullDiskStage.open(t)
  if (stage === null) return
  const { disk } = stage
  const before = await stage.start()
  const { client } = before
  const [, key = ''] = await before.peer.saw(/Peer pubkey \(hex\): ([0-9a-f]{64})/)
  await client.operate('add_admin', { address: key })
  await client.operate('set_chat_status', { enabled: 1 })
  await client.operate('enable_transactions', { enabled: 1 })
  const { stats } = await client.subnetStats()
  const { other, channels } = await stage.openOther(['--subnet-bootstrap', stats.bootstrap])
  await neighbours(channels, ENTRY, 1)
  disk.fill(ROOM)
  const answered = await writeUntilFull(t, client)
  t.is(disk.free, 0)
  await assertLivesOn(t, before, channels)

  disk.makeRoom()
  await t.exception(client.post('too early'), /ENOSPC/)
  t.is((await client.health()).health.checks.subnet?.ok, false, 'room alone does not mend it')
  t.alike(await before.peer.stop(), { code: 0, signal: null })
  const after = await stage.start()
  await assertKept(t, after.client, answered)
  const { n: last } = await after.client.post('after all')
  await until(other, async () => (await other.desk.get('msgl', false)) === (last ?? 0) + 1)
  const now = (await after.client.subnetStats()).stats
  t.is(await viewOf(other), `${now.viewLength} ${now.viewHash}`, 'the same state as its neighbour')
  t.alike([now.interrupted, (await after.client.health()).health.checks.subnet?.ok], [null, true])
})

test('what is under way when the log is closed fails for the reason of that', async (t) => {
  const cause = Object.assign(new Error('No space left on device'), { code: 'ENOSPC' })
  const full = new Error('Batch was not applied', { cause })
  const member: OpenMember = await openMember(t, await startDht(t), [], {
    transactions: {
      createTrialRunner: () => ({
        async run(_input, _rules, store) {
          const { base } = member.desk.subnet
          await base.close()
          base.emit('error', full)
          await store.get('admin')
          throw new Error('it can be read still')
        },
        async close() {}
      })
    }
  })
  const { desk, node } = member
  await desk.operate('add_admin', { address: node.key })
  await desk.operate('enable_transactions', { enabled: 1 })
  const error = await desk.tx({ command: { type: 'add', value: 1 } }).catch((reason: unknown) => reason)
  if (!(error instanceof IntercomError)) throw error
  t.is(error.code, 'store_unwritable')
  t.ok(error.message.includes('shows after the next start'))
})
