// SC-Bridge: events to one client and to many, requests under load, and the whole way from client to client.
import b4a from 'b4a'
import WebSocket from 'bare-ws'
import type net from '#net'
import path from '#path'
import process from '#process'
import { spawn } from '#subprocess'
import { textFrame } from '../src/websocket/frames.ts'
import { type OpenedBridge, openBridge, TOKEN } from '../tests/helpers/bridge.ts'
import { PROJECT } from '../tests/helpers/peer.ts'
import { startDht } from '../tests/helpers/swarm.ts'
import { inTurns, payload } from './helpers/drive.ts'
import { cpuMilliseconds, digits, milliseconds, report } from './helpers/figures.ts'
import { CHANNEL, neighboursOf, OFF, openRaw, turn } from './helpers/pairs.ts'
import { BenchScope } from './helpers/scope.ts'

const FLAGS = ['--sidechannel-welcome-required', '0', '--sidechannels', CHANNEL, ...OFF]

/** The clients' process, and the lines that it prints. */
class Clients {
  readonly #waiting: ((line: string) => void)[] = []
  readonly #lines: string[] = []

  constructor(scope: BenchScope, words: readonly string[]) {
    const file = path.join(PROJECT, 'dist', 'bench', 'bridge-client.js')
    const child = spawn(process.execPath, [file, ...words], { stdio: ['ignore', 'pipe', 'inherit'] })
    let isOver = false
    scope.teardown(() => {
      isOver = true
      process.kill(child.pid ?? 0, 'SIGKILL')
    })
    child.on('exit', () => {
      // Or what waits for its lines would wait for ever.
      if (!isOver) process.exit(1)
    })
    let rest = ''
    child.stdout?.on('data', (bytes: Uint8Array) => {
      const parts = (rest + b4a.toString(bytes)).split('\n')
      rest = parts.pop() ?? ''
      for (const line of parts) {
        const next = this.#waiting.shift()
        if (next === undefined) this.#lines.push(line)
        else next(line)
      }
    })
  }

  line(): Promise<string> {
    const line = this.#lines.shift()
    return line === undefined ? new Promise((resolve) => this.#waiting.push(resolve)) : Promise.resolve(line)
  }

  async milliseconds(): Promise<number> {
    // What was measured before is not about now.
    this.#lines.length = 0
    await this.line()
    return Number((await this.line()).slice(4))
  }
}

function received(text: string) {
  const from = 'ab'.repeat(32)
  const id = `${from}:1700000000000:0123456789abcdef`
  const message = {
    id,
    from,
    origin: from,
    sig: 'cd'.repeat(64),
    ttl: 3,
    ts: 1_700_000_000_000,
    message: text
  }
  return { channel: CHANNEL, message, verified: true }
}

/** What the bridge sends for it, as far as its length goes. */
function eventText(text: string): string {
  const { channel, message, verified } = received(text)
  return JSON.stringify({
    type: 'sidechannel_message',
    channel,
    seq: 100_000,
    relayedBy: null,
    ...message,
    verified
  })
}

async function pushEvents(
  { sidechannels, bridge }: OpenedBridge,
  text: string,
  count: number
): Promise<void> {
  for (let i = 0; i < count; i++) {
    sidechannels.emit('message', received(text))
    // As messages come: some, then the loop goes round.
    if (i % 64 === 63) await immediate()
    while (bridge.waitingBytes > 1024 * 1024) await immediate()
  }
}

function immediate(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

async function benchEvents(bytes: number, count: number): Promise<void> {
  const scope = new BenchScope()
  const node = await openBridge(scope, await startDht(scope), FLAGS)
  const ours = new Clients(scope, ['read', node.url, TOKEN, '1', String(count)])
  const plain = await openPlain(scope)
  const theirs = new Clients(scope, ['read', plain.url, '-', '1', String(count)])
  await Promise.all([ours.line(), theirs.line()])
  const text = payload(bytes)
  const json = eventText(text)
  const perSecond = async (push: () => Promise<void>, clients: Clients) => {
    const startedAt = milliseconds()
    await push()
    await clients.line()
    return (count * 1000) / (milliseconds() - startedAt)
  }
  const figures = await inTurns(
    5,
    () => perSecond(() => pushEvents(node, text, count), ours),
    () => perSecond(() => plain.push(json, count), theirs)
  )
  report({
    ...{ what: `events to one client, ${bytes} B`, unit: '/s', value: figures.ours },
    ...{ ceiling: figures.ceiling, ratio: figures.ratio, limit: { atLeast: 0.7 } }
  })
  await scope.close()
}

/** A server that only forwards JSON it has. */
async function openPlain(scope: BenchScope) {
  const sockets: InstanceType<typeof WebSocket.Socket>[] = []
  const server = new WebSocket.Server({ port: 0, host: '127.0.0.1' } as object, (socket) => {
    socket.on('error', () => {})
    sockets.push(socket)
  })
  await new Promise<void>((resolve) => server.on('listening', () => resolve()))
  scope.teardown(() => server.close())
  const push = async (json: string, count: number) => {
    const [socket] = sockets
    for (let i = 0; i < count; i++) {
      if (socket?.write(json) === false)
        await new Promise<void>((resolve) => socket.once('drain', () => resolve()))
      else if (i % 64 === 63) await immediate()
    }
  }
  return { url: `ws://127.0.0.1:${server.address().port}`, push, sockets }
}

async function benchFanout(clients: number, count: number): Promise<void> {
  const scope = new BenchScope()
  const node = await openBridge(scope, await startDht(scope), FLAGS)
  const ours = new Clients(scope, ['read', node.url, TOKEN, String(clients), String(count)])
  const raw = await openRawServer(scope)
  const theirs = new Clients(scope, ['read', raw.url, '-', String(clients), String(count)])
  await Promise.all([ours.line(), theirs.line()])
  const text = payload(100)
  const frame = textFrame(eventText(text))
  const cpu = async (push: () => Promise<void>, reader: Clients) => {
    const before = cpuMilliseconds()
    await push()
    await reader.line()
    return ((cpuMilliseconds() - before) * 1000) / (clients * count)
  }
  const figures = await inTurns(
    5,
    () => cpu(() => pushEvents(node, text, count), ours),
    () => cpu(() => raw.push(frame, count), theirs)
  )
  report({
    ...{ what: `CPU per delivered event, ${clients} clients, 100 B`, unit: 'us', value: figures.ours },
    ...{ ceiling: figures.ceiling, ratio: figures.ratio, limit: { atMost: 2 } }
  })
  await scope.close()
}

/** After the handshake nothing but writes of one and the same frame. */
async function openRawServer(scope: BenchScope) {
  const plain = await openPlain(scope)
  const push = async (frame: Uint8Array, count: number) => {
    const sockets = plain.sockets.map((socket) => (socket as unknown as { _socket: net.Socket })._socket)
    for (let i = 0; i < count; i++) {
      const full = sockets.filter((socket) => !socket.write(frame))
      await Promise.all(
        full.map((socket) => new Promise<void>((resolve) => socket.once('drain', () => resolve())))
      )
      if (i % 64 === 63) await immediate()
    }
  }
  return { url: plain.url, push }
}

async function benchPing(perSecond: number): Promise<void> {
  const scope = new BenchScope()
  const node = await openBridge(scope, await startDht(scope), FLAGS)
  const clients = new Clients(scope, ['ping', node.url, TOKEN, '300'])
  const text = payload(100)
  const idle = await clients.milliseconds()
  let sent = 0
  const startedAt = milliseconds()
  const timer = setInterval(() => {
    const due = ((milliseconds() - startedAt) * perSecond) / 1000
    for (; sent < due; sent++) node.sidechannels.emit('message', received(text))
  }, 2)
  const loaded = await clients.milliseconds()
  clearInterval(timer)
  const rate = (sent * 1000) / (milliseconds() - startedAt)
  const verdict = loaded - idle <= 5 ? 'reached' : 'MISSED'
  console.log(
    `ping, p50: ${digits(loaded)} ms under ${digits(rate)} events/s, ${digits(idle)} ms idle (${verdict}: within 5 ms)`
  )
  await scope.close()
}

async function benchWay(): Promise<void> {
  const scope = new BenchScope()
  const bootstrap = await startDht(scope)
  const a = await openBridge(scope, bootstrap, FLAGS)
  const b = await openBridge(scope, bootstrap, FLAGS)
  await Promise.all([neighboursOf(a.sidechannels, 1), neighboursOf(b.sidechannels, 1)])
  const ours = new Clients(scope, ['echo', a.url, b.url, TOKEN, '300'])
  // The same way with nothing of ours: a hop, a raw pair, a hop.
  const [first, second] = [await openPlain(scope), await openPlain(scope)]
  const line = await openRaw(scope, bootstrap)
  const theirs = new Clients(scope, ['echo', first.url, second.url, '-', '300'])
  while (first.sockets.length === 0 || second.sockets.length === 0) await turn()
  first.sockets[0]?.on('data', (bytes) => {
    void line.send(JSON.parse(b4a.toString(bytes as Uint8Array)))
  })
  line.onmessage = (message) => second.sockets[0]?.write(JSON.stringify(message))
  const figures = await inTurns(
    5,
    () => ours.milliseconds(),
    () => theirs.milliseconds()
  )
  report({
    ...{ what: 'client to client over two nodes, 100 B, p50', unit: 'ms', value: figures.ours },
    ...{ ceiling: figures.ceiling, ratio: figures.ratio, limit: { atMost: 1.5 } }
  })
  await scope.close()
}

const [, , only = ''] = process.argv
const all = {
  events: async () => {
    await benchEvents(100, 50_000)
    await benchEvents(1000, 30_000)
  },
  fanout: () => benchFanout(100, 500),
  ping: () => benchPing(5000),
  way: benchWay
}
for (const [name, run] of Object.entries(all)) if (only === '' || only === name) await run()
process.exit(0)
