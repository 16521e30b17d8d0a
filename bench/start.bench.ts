// Cold start and idle memory of a whole peer, against the least that a peer must do (start-ceiling.ts).
import fs from '#fs'
import os from '#os'
import path from '#path'
import { LocalDht } from '../src/network/local-dht.ts'
import { PROJECT } from '../tests/helpers/peer.ts'
import { freePort } from '../tests/helpers/ports.ts'
import { run } from './helpers/run.ts'

const RUNS = 9
const IDLE = 10_000

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'intercom-bench-'))
const port = await freePort()
const dht = new LocalDht(port)
await dht.ready()
const stores = path.join(folder, 'stores')
const ours = [
  path.join(PROJECT, 'index.js'),
  '--local',
  '--local-port',
  String(port),
  '--peer-stores-directory',
  stores
]
await run(ours, 'Peer store:', 0)
const keyFile = path.join(folder, 'keypair.json')
fs.copyFileSync(path.join(stores, 'peer', 'db', 'keypair.json'), keyFile)
const ceiling = [
  path.join(PROJECT, 'dist', 'bench', 'start-ceiling.js'),
  path.join(folder, 'ceiling'),
  keyFile,
  String(port)
]
await run(ceiling, 'ready', 0)

// In turns, so that what else the machine does meets both alike.
const times = { ours: [] as number[], ceiling: [] as number[] }
for (let i = 0; i < RUNS; i++) {
  times.ours.push((await run(ours, 'Peer store:', 0)).ms)
  times.ceiling.push((await run(ceiling, 'ready', 0)).ms)
}
report('cold start to prompt, existing store', 'ms', median(times.ours), median(times.ceiling), 2)

const memory = {
  ours: (await run(ours, 'Peer store:', IDLE)).rss,
  ceiling: (await run(ceiling, 'ready', IDLE)).rss
}
report('memory after 10 s idle', 'MB', memory.ours / 2 ** 20, memory.ceiling / 2 ** 20, 1.5)

await dht.close()
fs.rmSync(folder, { recursive: true })

function report(what: string, unit: string, value: number, least: number, limit: number): void {
  const ratio = value / least
  const verdict = ratio <= limit ? 'within' : 'OVER'
  console.log(
    `${what}: ${value.toFixed(0)} ${unit}, ceiling ${least.toFixed(0)} ${unit}, ratio ${ratio.toFixed(2)} (${verdict} ${limit})`
  )
}

function median(values: number[]): number {
  return values.sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0
}
