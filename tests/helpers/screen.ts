import b4a from 'b4a'
import type { Assertions } from 'brittle'
import process from '#process'
import { spawn } from '#subprocess'
import { temporaryFolder } from './tmp.ts'

/** A node in a real terminal, driven with tmux: keys in, what stands on the screen out. */
export class Screen {
  readonly #socket: string

  constructor(t: Assertions) {
    this.#socket = `${temporaryFolder(t)}/tmux`
    t.teardown(() => this.#end(), { order: 10 })
  }

  /** What ran in it ends in order, and writes into its folder until it has. */
  async #end(): Promise<void> {
    const panes = await this.tmux('list-panes', '-a', '-F', '#{pane_pid}')
    await this.tmux('kill-server')
    for (const pid of panes.split('\n').filter(Boolean).map(Number))
      while (isGroupRunning(pid)) await run('sleep', ['0.05'])
  }

  async start(command: string): Promise<void> {
    await this.tmux('-f', '/dev/null', 'new-session', '-d', '-x', '100', '-y', '40', command)
    await this.tmux('set-option', '-g', 'remain-on-exit', 'on')
  }

  tmux(...args: string[]): Promise<string> {
    return run('tmux', ['-S', this.#socket, ...args])
  }

  keys(...keys: string[]): Promise<string> {
    return this.tmux('send-keys', ...keys)
  }

  /** Asks tmux until the text is there; the test's own time-out ends it otherwise. */
  async saw(pattern: RegExp): Promise<string> {
    for (;;) {
      const screen = await this.tmux('capture-pane', '-p')
      if (pattern.test(screen)) return screen
    }
  }
}

export function run(program: string, args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, [...args], { stdio: ['ignore', 'pipe', 'ignore'] })
    let output = ''
    child.stdout?.on('data', (chunk: Uint8Array) => {
      output += b4a.toString(chunk)
    })
    child.on('error', reject)
    child.on('exit', () => resolve(output))
  })
}

function isGroupRunning(leader: number): boolean {
  try {
    process.kill(-leader, 0)
    return true
  } catch {
    return false
  }
}

export async function hasTmux(): Promise<boolean> {
  try {
    return /^tmux/.test(await run('tmux', ['-V']))
  } catch {
    return false
  }
}
