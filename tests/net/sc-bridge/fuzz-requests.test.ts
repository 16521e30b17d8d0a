import b4a from 'b4a'
import test, { type Assertions } from 'brittle'
import fc from 'fast-check'
import { BRIDGE_CODES } from '../../../src/bridge/codes.ts'
import type { OpenedBridge } from '../../helpers/bridge.ts'
import { clientFrame } from '../../helpers/raw-websocket.ts'
import { openSubnetBridge } from '../../helpers/subnet/bridge.ts'
import { idOf, type RequestText, requestTexts } from './fuzz.ts'
import { connect, isMessage, type Json, OPEN, openNodes, type RawClient } from './helpers.ts'

/** Seeds that are run every time: those that once found something belong here. */
const SEEDS = [1, 20251121]
const TIME = 10_000
const SUBNET_TIME = 1000
/** Far longer than anything takes; only so that what never comes has a name. */
const PATIENCE = 20_000

/** What comes without being asked for. */
const EVENTS: ReadonlySet<string> = new Set(['open_request', 'state_changed', 'chat_message'])

interface Fuzzed {
  readonly node: OpenedBridge
  readonly client: RawClient
}

async function open(t: Assertions): Promise<Fuzzed & { other: OpenedBridge }> {
  const flags = [...OPEN, '--sc-bridge-cli', '1', '--sidechannel-invite-channels', 'priv1']
  const [node, other] = (await openNodes(t, 2, () => flags)) as [OpenedBridge, OpenedBridge]
  return { node, other, client: await connect(t, node) }
}

/** All of them at once; throws unless each gets one reply with its id, and nothing else comes. */
async function checkBatch({ client, node }: Fuzzed, texts: readonly RequestText[]): Promise<void> {
  const owed = new Map<number | null, number>()
  for (const id of texts.map(idOf)) owed.set(id, (owed.get(id) ?? 0) + 1)
  client.socket.sendRaw(b4a.concat(texts.map((payload) => clientFrame({ payload }))))
  for (let left = texts.length; left > 0; left--) take(await nextReply(client, owed), owed)
  // Nothing is late, and nothing comes twice.
  client.socket.sendJson({ type: 'ping', id: -7 })
  const last = await nextReply(client, new Map([[-7, 1]]))
  if (last.type !== 'pong' || last.id !== -7) throw new Error(`more than one reply: ${JSON.stringify(last)}`)
  const faults = node.lines.filter((line) => / error /.test(line))
  if (faults.length > 0) throw new Error(faults.join('\n'))
}

function take(reply: Json, owed: Map<number | null, number>): void {
  const id = 'id' in reply ? (reply.id as number) : null
  const count = owed.get(id) ?? 0
  if (count === 0) throw new Error(`nobody asked for ${JSON.stringify(reply).slice(0, 300)}`)
  owed.set(id, count - 1)
  if (reply.type !== 'error') return
  const { error, code } = reply
  if (code === 'internal' || !Object.hasOwn(BRIDGE_CODES, String(code)) || typeof error !== 'string')
    throw new Error(JSON.stringify(reply).slice(0, 300))
}

async function nextReply(client: RawClient, owed: ReadonlyMap<number | null, number>): Promise<Json> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<never>((_, reject) => {
    const missing = [...owed].filter(([, count]) => count > 0).map(([id]) => id)
    timer = setTimeout(() => reject(new Error(`no reply to ${missing.join(', ')}`)), PATIENCE)
  })
  try {
    for (;;) {
      const next = await Promise.race([client.next(), late])
      if (!isMessage(next) && !EVENTS.has(next.type)) return next
    }
  } finally {
    clearTimeout(timer)
  }
}

async function openWithSubnet(t: Assertions): Promise<Fuzzed> {
  const node = await openSubnetBridge(t, [...OPEN, '--sc-bridge-cli', '1'])
  return { node, client: await connect(t, node) }
}

test('whatever is asked of the subnet, too', { timeout: 120_000 }, async (t) => {
  const fuzzed = await openWithSubnet(t)
  const batches = fc.array(requestTexts('subnet'), { minLength: 1, maxLength: 30 })
  const property = fc.asyncProperty(batches, (texts) => checkBatch(fuzzed, texts))
  for (const seed of SEEDS) await fc.assert(property, { seed, numRuns: 10, endOnFailure: true })
  const details = await fc.check(property, {
    numRuns: Number.MAX_SAFE_INTEGER,
    interruptAfterTimeLimit: SUBNET_TIME,
    markInterruptAsFailure: false,
    endOnFailure: true
  })
  t.comment(`${details.numRuns} batches, seed ${details.seed}`)
  t.absent(details.failed, `${fc.defaultReportMessage(details) ?? 'no fault'}`.slice(0, 5000))
})

test('whatever is asked, the node stays and each request gets one reply', { timeout: 120_000 }, async (t) => {
  const fuzzed = await open(t)
  const batches = fc.array(requestTexts(), { minLength: 1, maxLength: 30 })
  const property = fc.asyncProperty(batches, (texts) => checkBatch(fuzzed, texts))
  for (const seed of SEEDS) await fc.assert(property, { seed, numRuns: 20, endOnFailure: true })
  const details = await fc.check(property, {
    numRuns: Number.MAX_SAFE_INTEGER,
    interruptAfterTimeLimit: TIME,
    markInterruptAsFailure: false,
    endOnFailure: true
  })
  t.comment(`${details.numRuns} batches, seed ${details.seed}`)
  t.absent(details.failed, `${fc.defaultReportMessage(details) ?? 'no fault'}`.slice(0, 5000))
  for (const node of [fuzzed.node, fuzzed.other]) {
    const client = await connect(t, node)
    t.is((await client.ask({ type: 'ping' })).type, 'pong')
    t.is((await client.ask({ type: 'send', channel: '0000intercom', message: 'well' })).type, 'sent')
  }
})
