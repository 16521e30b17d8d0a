import test, { type Assertions } from 'brittle'
import { type BridgeClient, connectWith } from '../../../src/client/client.ts'
import type { BridgeError } from '../../../src/client/errors.ts'
import { calm, ModelClock, ModelNode } from './model.ts'

/** Longer than any delay between two attempts. */
const LATER = 10_000
const ATTEMPTS = 4

interface Scene {
  readonly node: ModelNode
  readonly client: BridgeClient
  readonly attempts: number[]
  readonly ends: (BridgeError | null)[]
  /** The next connection, up to the answer to its token. */
  dial(): Promise<void>
  /** Whatever is on its way arrives. */
  flow(): Promise<void>
}

async function openScene(t: Assertions): Promise<Scene> {
  const node = new ModelNode(10)
  const clock = new ModelClock()
  const handshake = () => {
    node.connection?.moveDown()
    node.connection?.moveUp()
    node.connection?.moveDown()
  }
  const reconnect = { random: () => 0.5, attempts: ATTEMPTS }
  const settings = { token: 'x', heartbeatMs: 0, timeoutMs: 60_000, clock, reconnect }
  const connecting = connectWith(settings, node.socketClass())
  handshake()
  const client = await connecting
  t.teardown(() => client.close())
  const attempts: number[] = []
  const ends: (BridgeError | null)[] = []
  client.on('reconnecting', ({ attempt }) => attempts.push(attempt))
  client.on('close', (error) => ends.push(error))
  return {
    node,
    client,
    attempts,
    ends,
    async dial() {
      await calm()
      clock.pass(LATER)
      handshake()
      await calm()
    },
    async flow() {
      while (node.connection?.moveUp() || node.connection?.moveDown());
      await calm()
    }
  }
}

async function withFilter(t: Assertions): Promise<Scene> {
  const scene = await openScene(t)
  const set = scene.client.setFilter('word')
  await scene.flow()
  await set
  return scene
}

async function lose({ node }: Scene): Promise<void> {
  node.connection?.cut()
  await calm()
}

test('a connection counts as good once the filter and the subscriptions are there again, and no sooner', async (t) => {
  const scene = await withFilter(t)
  const { node, client, attempts, ends } = scene
  const stream = client.messages({ channels: ['a'] })
  await scene.flow()
  await stream.ready
  for (let i = 0; i < 2; i++) {
    await lose(scene)
    await scene.dial()
    // The node answers to the filter, but to the subscription no more.
    node.connection?.moveUp()
    node.connection?.moveDown()
    await calm()
  }
  t.alike(attempts, [1, 2])
  await scene.flow()
  await lose(scene)
  t.alike(attempts, [1, 2, 1], 'all was there again')
  while (ends.length === 0) {
    await scene.dial()
    await lose(scene)
  }
  t.alike(attempts, [1, 2, 1, 2, 3, 4])
  t.ok(ends[0])
})

test('with nothing to restore it is the first word after the token', async (t) => {
  const scene = await openScene(t)
  for (let i = 0; i < 2; i++) {
    await lose(scene)
    await scene.dial()
  }
  const answered = scene.client.ping()
  await scene.flow()
  await answered
  await lose(scene)
  t.alike(scene.attempts, [1, 2, 1])
})

test('a loop that the node refuses does not stand for the connection', async (t) => {
  const scene = await openScene(t)
  await lose(scene)
  const refused = scene.client.messages({ channels: ['bad'] }).next()
  refused.catch(() => {})
  await scene.dial()
  await scene.flow()
  await t.exception(refused, /Invalid channel/)
  await lose(scene)
  t.alike(scene.attempts, [1, 1])
})

test('a filter that the node refuses for good ends the session with that error', async (t) => {
  for (const code of ['forbidden', 'bad_request'] as const) {
    const scene = await withFilter(t)
    const { node, client, attempts, ends } = scene
    const waiting = client.messages().next()
    waiting.catch(() => {})
    await scene.flow()
    node.refusal = code
    await lose(scene)
    await scene.dial()
    await scene.flow()
    t.alike(
      ends.map((error) => error?.code),
      [code]
    )
    t.alike(attempts, [1])
    t.is(node.connection, null)
    const errorOf = (promise: Promise<unknown>): Promise<BridgeError | null> =>
      promise.then(
        () => null,
        (error) => error
      )
    t.is((await errorOf(waiting))?.code, code)
    t.is((await errorOf(client.messages().next()))?.code, 'closed')
    const late = await errorOf(client.ping())
    t.alike([late?.code, late?.next], ['closed', 'Mend it.'], 'it was not the request that was refused')
  }
})

test('a filter that the node refuses for now is tried again, ever later, and not for ever', async (t) => {
  const scene = await withFilter(t)
  const { node, attempts, ends } = scene
  node.refusal = 'rate_limited'
  await lose(scene)
  for (let i = 0; i < ATTEMPTS + 2; i++) {
    await scene.dial()
    await scene.flow()
  }
  t.alike(attempts, [1, 2, 3, 4])
  t.alike(
    ends.map((error) => error?.code),
    ['rate_limited']
  )
})
