import test from 'brittle'
import { operationId } from '../../../features/subnet/engine/operation-id.ts'
import { Contract } from '../../../src/app/contract.ts'
import { Protocol } from '../../../src/app/protocol.ts'
import { hex32 } from '../../../src/base/hex.ts'
import { admin, byte, localTx } from '../../helpers/subnet/ops.ts'
import { openPeer, type Peer } from '../../helpers/subnet/peer.ts'

/** What it leaves behind would be found by the next run, but not on a peer that was started in between. */
class Keeping extends Contract {
  readonly #own = { count: 0 }
  readonly cache = { count: 0 }

  constructor(protocol: unknown = null) {
    super(protocol)
    for (const name of ['count', 'never', 'late', 'language', 'latest']) this.addFunction(name)
  }

  async count(): Promise<void> {
    await this.put(`app/count/${this.tx}`, [++this.#own.count, ++this.cache.count])
  }

  async never(): Promise<void> {
    await this.put('app/never', 1)
    await this.get('app/never')
    await new Promise(() => {})
  }

  /** Ends after many steps, none of which waits for the state. */
  async late(): Promise<void> {
    for (let i = 0; i < 10_000; i++) await null
    await this.get('nothing')
    await this.put('app/late', 1)
  }

  async latest(): Promise<void> {
    await this.put('app/latest', await (this.protocol as { get(key: string): Promise<unknown> }).get('admin'))
  }

  async language(): Promise<void> {
    Math.floor = () => 7
    Object.assign(Array, { isArray: () => false })
    Object.keys = () => []
    await this.put('app/language', 1)
  }
}

const protocol = new Protocol({} as never, {} as never)

async function open(t: Parameters<typeof openPeer>[0]): Promise<(n: number, type: string) => Promise<Peer>> {
  const peer = await openPeer(t, { contract: () => new Keeping(protocol) })
  await peer.base.append({ type: 'addAdmin', key: admin.publicKey, rules: 2, settlement: 'local' })
  const subnet = hex32(peer.base.key)
  const from = hex32(peer.base.local.key)
  return async (n, type) => {
    const tx = localTx(admin, { subnet, from, dispatch: { type, value: null }, nonce: byte(n) })
    await peer.base.append(tx)
    return peer
  }
}

test('no run finds anything of the runs before it', async (t) => {
  const run = await open(t)
  const floor = Math.floor
  for (let n = 1; n <= 3; n++) {
    const peer = await run(n, 'count')
    const { tx } = (await peer.get(`txi/${n - 1}`)) as { tx: string }
    t.alike(await peer.get(`app/count/${tx}`), [1, 1])
  }
  await run(4, 'language')
  t.is(Math.floor, floor)
  t.ok(Array.isArray([]))
  t.is(Object.keys({ a: 1 }).length, 1)
})

test('what nobody settles is an error like any other, and what only takes long is none', async (t) => {
  const run = await open(t)
  const peer = await run(1, 'never')
  const { err } = (await peer.get('txi/0')) as { err: string }
  t.ok(err.startsWith('The contract does not come to an end'), err)
  t.is(await peer.get('app/never'), null, 'and nothing of it stays')
  await run(2, 'late')
  t.is(((await peer.get('txi/1')) as { err: unknown }).err, null)
  t.is(await peer.get('app/late'), 1)
  await run(3, 'latest')
  t.is(
    ((await peer.get('txi/2')) as { err: unknown }).err,
    'protocol.get is not available to a contract: every peer has to come to the same result'
  )
})

test('a signature that nobody signed for names no operation', (t) => {
  const signature = 'ab'.repeat(64)
  t.is(operationId({ type: 'msg', hash: signature }), signature)
  t.is(operationId({ type: 'tx', key: byte(1), hash: signature }), `tx/${byte(1)}`)
  t.is(operationId({ type: 'autoAddWriter', key: byte(2), hash: signature }), `autoAddWriter/${byte(2)}`)
  for (const odd of [null, 7, 'text', [], { type: '__proto__' }, { type: 'msg', value: 3 }])
    t.is(typeof operationId(odd), 'string')
})
