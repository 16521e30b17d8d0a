import test from 'brittle'
import fc from 'fast-check'
import { type BridgeClient, connectWith } from '../../../src/client/client.ts'
import type { Gap } from '../../../src/client/gap.ts'
import type { MessagesOptions } from '../../../src/client/options.ts'
import type { MessageStream } from '../../../src/client/stream.ts'
import { BAD, calm, ModelClock, ModelNode } from './model.ts'

const CHANNELS = ['entry', 'a', 'b', '__proto__']
const BACKOFF = 10_000

type Item = { readonly channel: string; readonly seq: number } | Gap

/** What one loop saw, in order. */
class Reader {
  readonly seen: Item[] = []
  readonly stream: MessageStream
  /** Where it began in each channel, as the node confirmed it. */
  start: Readonly<Record<string, number>> | null = null
  done = false
  /** It was left before the node answered, maybe. */
  closed = false
  refused = false
  readonly isBad: boolean

  constructor(client: BridgeClient, options: MessagesOptions) {
    const stream = client.messages({ ...options, onGap: (gap) => this.seen.push(gap) })
    this.stream = stream
    this.isBad = options.channels?.includes(BAD) ?? false
    const handleStarted = stream.handleStarted.bind(stream)
    stream.handleStarted = (positions, epoch) => {
      const from = new Map(Object.entries(options.since ?? positions))
      const names = CHANNELS.filter((name) => stream.follower.wants(name))
      this.start = Object.fromEntries(names.map((name) => [name, from.get(name) ?? 0]))
      handleStarted(positions, epoch)
    }
  }

  close(): void {
    this.closed = true
    this.stream.return()
  }

  read(count: number): void {
    for (let i = 0; i < count; i++) {
      this.stream.next().then(
        ({ done, value }) => {
          if (done) this.done = true
          else this.seen.push(value)
        },
        ({ code }) => {
          this.refused = code === 'bad_request'
        }
      )
    }
  }

  /** What is wrong with what it saw of a channel. */
  fault(channel: string, start: number, last: number): string | null {
    let position = start
    for (const item of this.seen) {
      if (item.channel !== channel) continue
      const from = 'seq' in item ? item.seq : item.from
      if (from !== position + 1) return `${channel}: after ${position} came ${JSON.stringify(item)}`
      position = 'seq' in item ? item.seq : (item.to ?? 0)
    }
    return position === last ? null : `${channel}: ended at ${position} of ${last}`
  }
}

type Step =
  | { readonly do: 'receive'; readonly channel: string; readonly count: number }
  | { readonly do: 'up' | 'down'; readonly count: number }
  | { readonly do: 'read'; readonly reader: number; readonly count: number }
  | { readonly do: 'open'; readonly options: MessagesOptions }
  | { readonly do: 'close'; readonly reader: number }
  | { readonly do: 'cut' | 'restart' | 'time' }

const count = fc.integer({ min: 1, max: 12 })
const reader = fc.nat(3)
const options = fc
  .record({
    channels: fc.option(fc.subarray([...CHANNELS, BAD], { minLength: 1 })),
    since: fc.option(fc.record({ entry: fc.nat(20), a: fc.nat(20) }, { requiredKeys: [] })),
    maxBuffered: fc.integer({ min: 1, max: 6 })
  })
  .map(({ channels, since, maxBuffered }) => ({
    maxBuffered,
    ...(channels !== null && { channels }),
    ...(since !== null && { since })
  }))
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({ do: fc.constant('receive'), channel: fc.constantFrom(...CHANNELS), count })
  },
  { weight: 16, arbitrary: fc.record({ do: fc.constantFrom('up', 'down'), count }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('read'), reader, count }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('open'), options }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('close'), reader }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('cut', 'time', 'time') }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('restart', 'cut') }) }
)

/** A client, its loops, and a node that holds only so many messages of a channel. */
class World {
  readonly node: ModelNode
  readonly clock = new ModelClock()
  readonly readers: Reader[] = []
  readonly client: BridgeClient

  static async open(held: number): Promise<World> {
    const node = new ModelNode(held)
    const clock = new ModelClock()
    const settings = {
      token: 'x',
      heartbeatMs: 0,
      timeoutMs: 60_000,
      clock,
      reconnect: { random: () => 0.5 }
    }
    const connecting = connectWith(settings, node.socketClass())
    node.connection?.moveDown()
    node.connection?.moveUp()
    node.connection?.moveDown()
    return new World(node, clock, await connecting)
  }

  private constructor(node: ModelNode, clock: ModelClock, client: BridgeClient) {
    this.node = node
    this.clock = clock
    this.client = client
  }

  take(step: Step): void {
    const { node, clock, readers } = this
    if (step.do === 'receive') for (let i = 0; i < step.count; i++) node.receive(step.channel)
    // Several frames at once, as they come in one piece of a stream.
    else if (step.do === 'up') for (let i = 0; i < step.count; i++) node.connection?.moveUp()
    else if (step.do === 'down') for (let i = 0; i < step.count; i++) node.connection?.moveDown()
    else if (step.do === 'read') readers[step.reader]?.read(step.count)
    else if (step.do === 'open') readers.push(new Reader(this.client, step.options))
    else if (step.do === 'close') readers[step.reader]?.close()
    else if (step.do === 'cut') node.connection?.cut()
    else if (step.do === 'restart') node.restart()
    else clock.pass(BACKOFF)
  }

  /** Everything arrives, and everybody reads. */
  async settle(): Promise<void> {
    for (let quiet = 0; quiet < 3; quiet++) {
      this.clock.pass(BACKOFF)
      await calm()
      const before = this.seen()
      while (this.node.connection?.moveUp() || this.node.connection?.moveDown()) quiet = 0
      for (const reader of this.readers) reader.read(10)
      await calm()
      if (this.seen() > before) quiet = 0
    }
  }

  seen(): number {
    return this.readers.reduce((total, { seen }) => total + seen.length, 0)
  }

  check(): void {
    for (const reader of this.readers) {
      if (reader.refused ? !reader.isBad : reader.isBad && !reader.closed)
        throw new Error(`refused: ${reader.refused}`)
      if (reader.done || reader.refused || reader.isBad) continue
      if (reader.start === null) throw new Error('a loop never began')
      for (const [name, start] of Object.entries(reader.start)) {
        const fault = reader.fault(name, start, this.node.history.last(name))
        if (fault !== null) throw new Error(fault)
      }
    }
  }
}

test('whatever happens to the connection, every loop sees each message once and in order, or is told', async (t) => {
  const total = { messages: 0, lagged: 0, history: 0, restart: 0 }
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { minLength: 40, maxLength: 150, size: 'max' }),
      fc.integer({ min: 2, max: 20 }),
      async (steps, held) => {
        const world = await World.open(held)
        for (const each of steps) {
          world.take(each)
          await calm()
        }
        await world.settle()
        world.check()
        for (const item of world.readers.flatMap(({ seen }) => seen))
          total['seq' in item ? 'messages' : item.reason]++
        await world.client.close()
        if (world.clock.waiting > 0) throw new Error(`${world.clock.waiting} timers are left`)
      }
    ),
    { numRuns: 2500 }
  )
  t.ok(Math.min(...Object.values(total)) > 100, JSON.stringify(total))
})
