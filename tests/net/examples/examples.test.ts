import type { ChildProcess } from 'node:child_process'
import b4a from 'b4a'
import test, { type Assertions } from 'brittle'
import { connect } from '#client'
import path from '#path'
import process from '#process'
import { spawn, spawnSync } from '#subprocess'
import { localPeer } from '../../../examples/local-peer.ts'
import { PROJECT } from '../../helpers/peer.ts'
import { type Member, Stage } from '../../helpers/recipe.ts'

const ENTRY = '0000intercom'
const BRIDGE = ['--sc-bridge', '1', '--sc-bridge-port', '0', '--sidechannel-welcome-required', '0']

/** A program of examples/, and what it printed. */
class Example {
  readonly exited: Promise<number | null>
  readonly #child: ChildProcess
  output = ''
  #look = () => {}

  constructor(t: Assertions, cwd: string, command: string, words: readonly string[]) {
    const child = spawn(command, [...words], { cwd, stdio: ['ignore', 'pipe', 'inherit'], detached: true })
    this.#child = child
    let gone = false
    this.exited = new Promise((resolve) => {
      child.on('exit', (code) => {
        gone = true
        resolve(code)
      })
    })
    child.stdout?.on('data', (bytes: Uint8Array) => {
      this.output += b4a.toString(bytes)
      this.#look()
    })
    // With all the processes of a shell script.
    t.teardown(
      async () => {
        if (!gone) process.kill(-(child.pid ?? 0), 'SIGKILL')
        await this.exited
      },
      { order: 5 }
    )
  }

  saw(text: string): Promise<void> {
    return new Promise((resolve) => {
      this.#look = () => {
        if (this.output.includes(text)) resolve()
      }
      this.#look()
    })
  }

  get pid(): number {
    return this.#child.pid ?? 0
  }
}

function compiled(name: string): string {
  return path.join(PROJECT, 'dist', 'examples', `${name}.js`)
}

function isThere(program: string): boolean {
  return spawnSync('sh', ['-c', `command -v ${program}`], { stdio: 'ignore' }).status === 0
}

async function openPair(t: Assertions): Promise<{ stage: Stage; asker: Member; agent: Member }> {
  const stage = await Stage.open(t)
  const asker = await stage.start('asker', BRIDGE)
  const agent = await stage.start('agent', BRIDGE)
  await asker.meets(ENTRY, 1)
  return { stage, asker, agent }
}

/** Asks until there is an answer: nothing is kept for an agent that is still starting. */
async function asksAndHears(t: Assertions, stage: Stage, agent: Member, text: string): Promise<void> {
  const client = await connect(localPeer(path.join(stage.cwd, 'stores', 'asker')))
  t.teardown(() => client.close(), { order: 1 })
  const messages = client.messages({ channel: ENTRY })
  await messages.ready
  const again = setInterval(() => void client.send(ENTRY, `!echo ${text}`), 1000)
  t.teardown(() => clearInterval(again), { order: 0 })
  await client.send(ENTRY, 'nothing for it')
  await client.send(ENTRY, `!echo ${text}`)
  for await (const { from, message } of messages) {
    clearInterval(again)
    t.is(from, agent.key)
    t.is(message, `echo: ${text}`)
    break
  }
  await client.close()
}

test('the echo agent', { timeout: 120_000 }, async (t) => {
  const { stage, agent } = await openPair(t)
  const echo = new Example(t, stage.cwd, process.execPath, [compiled('echo-agent'), 'stores/agent'])
  await echo.saw('echo agent of')
  await asksAndHears(t, stage, agent, 'hello "there" \u001b[31m')
  process.kill(echo.pid, 'SIGTERM')
  t.is(await echo.exited, 0, 'and it ends when it is told to')
})

test('two agents agree on a price, or not', { timeout: 120_000 }, async (t) => {
  const { stage } = await openPair(t)
  const agents = (least: string, most: string, channel: string) => [
    new Example(t, stage.cwd, process.execPath, [
      compiled('negotiation'),
      'seller',
      'stores/asker',
      channel,
      least
    ]),
    new Example(t, stage.cwd, process.execPath, [
      compiled('negotiation'),
      'buyer',
      'stores/agent',
      channel,
      most
    ])
  ]
  const agreed = agents('40', '50', 'deals')
  t.alike(await Promise.all(agreed.map(({ exited }) => exited)), [0, 0])
  const prices = agreed.map(({ output }) => /deal at (\d+)/.exec(output)?.[1])
  t.is(prices[0], prices[1], 'both say the same')
  t.ok(Number(prices[0]) >= 40 && Number(prices[0]) <= 50)
})

test('the echo agent in Python', { timeout: 120_000 }, async (t) => {
  if (!isThere('python3')) {
    t.comment('skipped: python3 is not installed')
    return
  }
  const { stage, agent } = await openPair(t)
  const script = path.join(PROJECT, 'examples', 'echo_agent.py')
  const echo = new Example(t, stage.cwd, 'python3', [script, 'stores/agent'])
  await echo.saw('echo agent of')
  await asksAndHears(t, stage, agent, 'ünïcödé '.repeat(40))
})

test('the echo agent as a shell script', { timeout: 120_000 }, async (t) => {
  if (!isThere('jq')) {
    t.comment('skipped: jq is not installed')
    return
  }
  const { stage, agent } = await openPair(t)
  new Example(t, stage.cwd, 'sh', [path.join(PROJECT, 'examples', 'echo-agent.sh'), 'agent'])
  await asksAndHears(t, stage, agent, '$(touch evil) `id` "quoted" -- \\n')
})
