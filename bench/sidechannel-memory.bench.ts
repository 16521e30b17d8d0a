// What an idle neighbour and an idle channel cost in memory. The neighbours are in a process of their own.
import b4a from 'b4a'
import path from '#path'
import process from '#process'
import { spawn } from '#subprocess'
import type { ChannelName } from '../features/sidechannel/names.ts'
import { PROJECT } from '../tests/helpers/peer.ts'
import { startDht } from '../tests/helpers/swarm.ts'
import { neighboursOf, openMember } from './helpers/pairs.ts'
import { BenchScope } from './helpers/scope.ts'

const NEIGHBOURS = 200
const CHANNELS = 200

const scope = new BenchScope()
const bootstrap = await startDht(scope)
const { node, sidechannels } = await openMember(scope, bootstrap, ['--sidechannel-max-channels', '1000'])
await sidechannels.announced()

let before = await settled()
const program = path.join(PROJECT, 'dist', 'bench', 'idle-neighbours.js')
const args = [program, String(bootstrap[0]?.port), node.key, String(NEIGHBOURS)]
const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
await new Promise<void>((resolve) => {
  child.stdout?.on('data', (chunk: Uint8Array) => b4a.toString(chunk).includes('open') && resolve())
})
await neighboursOf(sidechannels, NEIGHBOURS)
await tell('idle neighbour in two channels', NEIGHBOURS)

child.kill('SIGKILL')
while (node.network.neighbours.size > 0) await new Promise((resolve) => setTimeout(resolve, 100))
before = await settled()
for (let i = 0; i < CHANNELS; i++) sidechannels.join(`idle-${i}` as ChannelName)
await sidechannels.announced()
await tell('idle channel without neighbours', CHANNELS)
await scope.close()

interface Memory {
  readonly rss: number
  readonly heapUsed: number
  readonly external: number
}

/** Once nothing much happens any more, the least of a while: garbage is not what we ask about. */
async function settled(): Promise<Memory> {
  const seen: Memory[] = []
  for (let i = 0; i < 40; i++) {
    await new Promise((resolve) => setTimeout(resolve, 100))
    // Buffers that nobody holds make the runtime collect.
    for (let j = 0; j < 8; j++) new Uint8Array(8 * 2 ** 20)
    seen.push(process.memoryUsage())
  }
  const least = (measure: (memory: Memory) => number) => Math.min(...seen.map(measure))
  return {
    rss: least(({ rss }) => rss),
    heapUsed: least(({ heapUsed }) => heapUsed),
    external: least(({ external }) => external)
  }
}

async function tell(what: string, count: number): Promise<void> {
  const after = await settled()
  const each = (name: keyof Memory) => ((after[name] - before[name]) / count / 1024).toFixed(1)
  console.log(
    `memory per ${what}: ${each('rss')} KB resident (JavaScript heap ${each('heapUsed')} KB, ` +
      `buffers ${each('external')} KB, the rest native)`
  )
}
