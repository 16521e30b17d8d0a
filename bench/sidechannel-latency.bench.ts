// One way from A's send call to B's event, 100 B, no work, no limits, A and B in processes of their own: half
// of the time to B and back. Ceiling: a raw Protomux JSON pair. Then, what the wire format leaves at best: one that
// signs each message, and whose messages are as long.
import path from '#path'
import process from '#process'
import { spawn } from '#subprocess'
import { PROJECT } from '../tests/helpers/peer.ts'
import { startDht } from '../tests/helpers/swarm.ts'
import { inTurns, latency, payload } from './helpers/drive.ts'
import { report } from './helpers/figures.ts'
import {
  type Line,
  lineOf,
  neighboursOf,
  OFF,
  openMember,
  openPair,
  openRaw,
  openRawEnd
} from './helpers/pairs.ts'
import { BenchScope } from './helpers/scope.ts'
import { SEALED_AS_LONG } from './helpers/seal.ts'

const RUNS = 15
const MESSAGES = 1000

const scope = new BenchScope()
const bootstrap = await startDht(scope)
const message = payload(100)

function startEcho(mode: 'ours' | 'raw' | 'signed'): void {
  const program = path.join(PROJECT, 'dist', 'bench', 'sidechannel-echo.js')
  const child = spawn(process.execPath, [program, mode, String(bootstrap[0]?.port)], { stdio: 'inherit' })
  scope.teardown(() => void child.kill('SIGKILL'), { order: 0 })
}

async function openEchoed(topic: number, seal: (text: unknown) => unknown): Promise<Line> {
  const line: Line = { send: () => Promise.resolve(), onmessage: () => {} }
  const end = await openRawEnd(scope, bootstrap, topic, topic, (echo) => line.onmessage(echo))
  line.send = async (text) => void end.send(seal(text))
  return line
}

async function compare(what: string, ours: Line, raw: Line, signed: Line, ways: number): Promise<void> {
  const time = (line: Line) => async () => (await latency(line, message, MESSAGES)) / ways
  for (const [ceiling, line, limit] of [
    ['a raw pair', raw, { atMost: 1.5 }],
    ['what the wire format leaves at best', signed, null]
  ] as const) {
    const { ours: value, ceiling: best, ratio } = await inTurns(RUNS, time(ours), time(line))
    const about = `one-way latency, 100 B, ${what}, p50, against ${ceiling}`
    report({ what: about, unit: 'ms', value, ceiling: best, ratio, limit })
  }
}

const plain = (text: unknown) => ({ message: text })
const { seal } = SEALED_AS_LONG

startEcho('ours')
const member = await openMember(scope, bootstrap, OFF)
await neighboursOf(member.sidechannels, 1)
startEcho('raw')
const raw = await openEchoed(101, plain)
startEcho('signed')
const signed = await openEchoed(102, seal)
await compare('two processes', lineOf(member, member), raw, signed, 2)
await scope.close()

// The same with both ends in one process, which nothing has to wake up: what it costs without the waiting.
const one = new BenchScope()
const dht = await startDht(one)
const pair = await openPair(one, dht, OFF)
const rawPair = await openRaw(one, dht, { seal: plain })
const signedPair = await openRaw(one, dht, { seal }, 1, 110)
await compare('one process', pair, rawPair, signedPair, 1)
await one.close()
