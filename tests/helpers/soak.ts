import b4a from 'b4a'
import { raw } from 'compact-encoding'
import DHT from 'hyperdht'
import type { Connection } from 'hyperswarm'
import Protomux from 'protomux'
import path from '#path'
import process from '#process'
import { spawn } from '#subprocess'
import { encodeMessage, signMessage } from '../../features/sidechannel/wire.ts'
import { createSigner } from '../../src/base/signature.ts'
import { LOOPBACK } from '../../src/network/local-dht.ts'
import { PROJECT } from './peer.ts'
import { type Sample, simulatedClock, soakChannels } from './soak-clock.ts'
import { startDht } from './swarm.ts'
import { type Scope, temporaryFolder } from './tmp.ts'

const CHANNELS = 200
const NEIGHBOURS = 64
const CHANNELS_EACH = 6
/** After so many messages one neighbour goes and another comes. */
const CHURN_EVERY = 500
/** How much faster the clock goes: at 2500 messages a second a million of them are a day. */
const FACTOR = 216
// What was held up is caught up with in turns of at most so many.
const MOST_AT_ONCE = 100

export interface SoakOptions {
  readonly messages: number
  readonly perSecond: number
}

export interface Soaked {
  readonly samples: readonly Sample[]
  readonly sent: number
  /** Copies that neighbours got through the relay. */
  readonly delivered: number
  readonly lives: number
}

/** Neighbours that come and go talk through a quiet relay; what the relay holds is sampled all along. */
export async function soak(t: Scope, { messages, perSecond }: SoakOptions): Promise<Soaked> {
  const bootstrap = await startDht(t)
  const began = Date.now()
  const relay = new Relay(t, [Number(bootstrap[0]?.port), began, FACTOR, CHANNELS].map(String))
  const dht = new DHT({
    bootstrap: bootstrap.map(({ port }) => `${LOOPBACK}:${port}`),
    host: LOOPBACK,
    firewalled: false
  })
  t.teardown(() => dht.destroy(), { order: 20 })
  const now = simulatedClock(began, FACTOR)
  const target = b4a.from(await relay.key, 'hex')

  let delivered = 0
  let lives = 0
  const enter = () => {
    lives++
    const talker = new Talker(dht, target, now, () => delivered++)
    // Of those who come later it shows in what they do not say.
    talker.opened.catch(() => {})
    return talker
  }
  const talkers = Array.from({ length: NEIGHBOURS }, enter)
  await Promise.all(talkers.map((talker) => talker.opened))
  relay.samples.length = 0
  const startedAt = Date.now()
  let sent = 0
  while (sent < messages) {
    const due = Math.floor(((Date.now() - startedAt) * perSecond) / 1000) - sent
    for (let i = Math.min(due, MOST_AT_ONCE, messages - sent); i > 0; i--) {
      const at = below(NEIGHBOURS)
      if (!talkers[at]?.say(`message ${sent} of a day`)) continue
      if (++sent % CHURN_EVERY !== 0) continue
      talkers[at]?.leave()
      talkers[at] = enter()
    }
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
  const samples = [...relay.samples]
  for (const talker of talkers) talker.leave()
  return { samples, sent, delivered, lives }
}

class Relay {
  readonly key: Promise<string>
  readonly samples: Sample[] = []

  constructor(t: Scope, args: readonly string[]) {
    const program = path.join(PROJECT, 'dist', 'tests', 'helpers', 'soak-relay.js')
    const env = { ...process.env, SOAK_FOLDER: temporaryFolder(t) } as NodeJS.ProcessEnv
    const child = spawn(process.execPath, [program, ...args], { stdio: ['ignore', 'pipe', 'inherit'], env })
    t.teardown(() => void child.kill('SIGKILL'), { order: 10 })
    this.key = new Promise((resolve, reject) => {
      child.on('exit', () => reject(new Error('the relay ended')))
      let text = ''
      child.stdout?.on('data', (chunk: Uint8Array) => {
        const lines = (text + b4a.toString(chunk)).split('\n')
        text = lines.pop() ?? ''
        for (const line of lines) {
          const value = JSON.parse(line)
          if (value.key === undefined) this.samples.push(value)
          else resolve(value.key)
        }
      })
    })
  }
}

interface OpenChannel {
  isDrained(): boolean
  send(frame: Uint8Array): boolean
}

/** A neighbour with a key of its own in some of the channels, for as long as it lives. */
class Talker {
  readonly opened: Promise<void>
  readonly #signer
  readonly #connection: Connection
  readonly #now: () => number
  readonly #channels = new Map<string, OpenChannel>()

  constructor(dht: DHT, target: Uint8Array, now: () => number, onmessage: () => void) {
    const keyPair = DHT.keyPair()
    this.#signer = createSigner(keyPair)
    this.#now = now
    this.#connection = dht.connect(target, { keyPair }) as Connection
    // It may be ended at any time.
    this.#connection.on('error', () => {})
    const mux = Protomux.from(this.#connection)
    const all = soakChannels(CHANNELS)
    this.opened = new Promise((resolve, reject) => {
      this.#connection.on('close', () => reject(new Error('the relay was not reached')))
      for (let i = 0; i < CHANNELS_EACH; i++) {
        const name = all[below(CHANNELS)] as string
        const channel = mux.createChannel({
          protocol: `sidechannel/${name}`,
          onopen: () => {
            this.#channels.set(name, { send: message.send, isDrained: () => channel?.drained === true })
            resolve()
          },
          onclose: () => this.#channels.delete(name)
        })
        // Drawn twice.
        if (channel === null) continue
        const message = channel.addMessage<Uint8Array>({ encoding: raw, onmessage })
        channel.open()
      }
    })
  }

  /** `false` when it is in no channel yet, or the relay has enough of it to read. */
  say(text: string): boolean {
    const names = [...this.#channels.keys()]
    const name = names[below(names.length)] ?? ''
    const channel = this.#channels.get(name)
    if (!channel?.isDrained()) return false
    const message = signMessage({ channel: name, message: text, ts: this.#now(), ttl: 3 }, this.#signer)
    channel.send(encodeMessage(message))
    return true
  }

  leave(): void {
    this.#connection.destroy()
  }
}

function below(count: number): number {
  return Math.floor(Math.random() * count)
}

export interface Growth {
  readonly what: string
  readonly early: number
  readonly late: number
  readonly ratio: number
}

/** What the relay held from `from` to twice that part of the run, and in the last part as long: medians. */
export function growthOf(samples: readonly Sample[], from: number): Growth[] {
  const size = Math.max(1, Math.floor(samples.length * from))
  const early = samples.slice(size, 2 * size)
  const late = samples.slice(-size)
  const measures: [string, (sample: Sample) => number][] = [
    ['memory', ({ rss }) => rss],
    ...Object.keys(samples[0]?.sizes ?? {}).map((name): [string, (sample: Sample) => number] => [
      name,
      ({ sizes }) => sizes[name] ?? 0
    ])
  ]
  return measures.map(([what, measure]) => {
    const [before, after] = [early, late].map((part) => median(part.map(measure))) as [number, number]
    return {
      what,
      early: before,
      late: after,
      ratio: before === 0 ? (after === 0 ? 1 : Infinity) : after / before
    }
  })
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? 0
}
