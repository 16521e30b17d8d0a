// From process start to `Sidechannel: ready` with 20 dead peers still listed in the DHT; ceiling: with none.
import b4a from 'b4a'
import path from '#path'
import process from '#process'
import { spawn } from '#subprocess'
import { PROJECT } from '../tests/helpers/peer.ts'
import { startDht } from '../tests/helpers/swarm.ts'
import { temporaryFolder } from '../tests/helpers/tmp.ts'
import { inTurns } from './helpers/drive.ts'
import { milliseconds, report } from './helpers/figures.ts'
import { BenchScope } from './helpers/scope.ts'

const DEAD = 20
const RUNS = 9
// A ratio of two medians of noise around the same number is not exactly 1.
const NOISE = 1.05

const scope = new BenchScope()
const folder = temporaryFolder(scope)

/** Starts a process, ends it once it printed the text, and says how long that took. */
function until(text: string, args: readonly string[], signal: NodeJS.Signals): Promise<number> {
  return new Promise((resolve, reject) => {
    const startedAt = milliseconds()
    let taken: number | null = null
    let output = ''
    const child = spawn(process.execPath, [...args], { stdio: ['ignore', 'pipe', 'ignore'] })
    child.stdout?.on('data', (chunk: Uint8Array) => {
      output += b4a.toString(chunk)
      if (taken !== null || !output.includes(text)) return
      taken = milliseconds() - startedAt
      child.kill(signal)
    })
    child.on('exit', () => (taken === null ? reject(new Error(`ended without "${text}"`)) : resolve(taken)))
  })
}

function start(port: number, store: string): Promise<number> {
  const network = ['--dht-bootstrap', `127.0.0.1:${port}`]
  const stores = ['--peer-stores-directory', folder, '--peer-store-name', store]
  return until('Sidechannel: ready', [path.join(PROJECT, 'index.js'), ...network, ...stores], 'SIGTERM')
}

const [alive] = await startDht(scope)
const [listing] = await startDht(scope)
const ports = { none: alive?.port ?? 0, dead: listing?.port ?? 0 }
const program = path.join(PROJECT, 'dist', 'bench', 'dead-peers.js')
await until('announced', [program, String(ports.dead), String(DEAD)], 'SIGKILL')

const { ours, ceiling, ratio } = await inTurns(
  RUNS,
  () => start(ports.dead, 'a'),
  () => start(ports.none, 'b')
)
report({
  ...{ what: `ready with ${DEAD} dead peers listed`, unit: 'ms', value: ours, ceiling, ratio },
  limit: { atMost: NOISE }
})
await scope.close()
