import b4a from 'b4a'
import fs from '#fs'
import process from '#process'
import { spawn } from '#subprocess'

/** Starts a process, waits for a text, lets it idle, and ends it. */
export function run(
  args: readonly string[],
  text: string,
  idle: number
): Promise<{ ms: number; rss: number }> {
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
