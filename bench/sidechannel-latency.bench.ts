// One way from A's send call to B's event, 100 B, no work, no limits, A and B in processes of their own: half
// of the time to B and back. Ceiling: a raw Protomux JSON pair.
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

const RUNS = 15
const MESSAGES = 1000

const scope = new BenchScope()
const bootstrap = await startDht(scope)
const message = payload(100)

function startEcho(mode: 'ours' | 'raw'): void {
  const program = path.join(PROJECT, 'dist', 'bench', 'sidechannel-echo.js')
  const child = spawn(process.execPath, [program, mode, String(bootstrap[0]?.port)], { stdio: 'inherit' })
  scope.teardown(() => void child.kill('SIGKILL'), { order: 0 })
}

startEcho('ours')
const member = await openMember(scope, bootstrap, OFF)
await neighboursOf(member.sidechannels, 1)
const ours = lineOf(member, member)

startEcho('raw')
const raw: Line = { send: () => Promise.resolve(), onmessage: () => {} }
const end = await openRawEnd(scope, bootstrap, 101, 101, (echo) => raw.onmessage(echo))
raw.send = async (text) => void end.send(text)

const apart = await inTurns(
  RUNS,
  async () => (await latency(ours, message, MESSAGES)) / 2,
  async () => (await latency(raw, { message }, MESSAGES)) / 2
)
report({
  ...{ what: 'one-way latency, 100 B, two processes, p50', unit: 'ms', value: apart.ours },
  ...{ ceiling: apart.ceiling, ratio: apart.ratio, limit: { atMost: 1.5 } }
})
await scope.close()

// The same with both ends in one process, which nothing has to wake up: what it costs without the waiting.
const one = new BenchScope()
const dht = await startDht(one)
const pair = await openPair(one, dht, OFF)
const rawPair = await openRaw(one, dht)
const together = await inTurns(
  RUNS,
  () => latency(pair, message, MESSAGES),
  () => latency(rawPair, { message }, MESSAGES)
)
report({
  ...{ what: 'one-way latency, 100 B, one process, p50', unit: 'ms', value: together.ours },
  ...{ ceiling: together.ceiling, ratio: together.ratio, limit: { atMost: 1.5 } }
})
await one.close()
