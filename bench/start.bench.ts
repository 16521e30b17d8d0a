// Cold start and idle memory of a whole peer, against the least that a peer must do (start-ceiling.ts).
import b4a from 'b4a'
import fs from '#fs'
import os from '#os'
import path from '#path'
import process from '#process'
import { spawn } from '#subprocess'
import { LocalDht } from '../src/network/local-dht.ts'
import { PROJECT } from '../tests/helpers/peer.ts'
import { freePort } from '../tests/helpers/ports.ts'

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

/** Starts a process, waits for a text, lets it idle, and ends it. */
function run(args: readonly string[], text: string, idle: number): Promise<{ ms: number; rss: number }> {
  return new Promise((resolve, reject) => {
    const startedAt = Date.now()
    let output = ''
    let result = { ms: 0, rss: 0 }
    const child = spawn(process.execPath, [...args], { stdio: ['ignore', 'pipe', 'ignore'] })
    child.stdout?.on('data', (chunk: Uint8Array) => {
      const before = output.includes(text)
      output += b4a.toString(chunk)
      if (before || !output.includes(text)) return
      const ms = Date.now() - startedAt
      setTimeout(() => {
        result = { ms, rss: idle > 0 ? residentBytes(child.pid ?? 0) : 0 }
        child.kill(idle > 0 || text === 'ready' ? 'SIGKILL' : 'SIGTERM')
      }, idle)
    })
    child.on('exit', () => (result.ms > 0 ? resolve(result) : reject(new Error(`ended without "${text}"`))))
  })
}

function residentBytes(pid: number): number {
  const status = fs.readFileSync(`/proc/${pid}/status`, 'utf-8')
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1] ?? 0) * 1024
}
