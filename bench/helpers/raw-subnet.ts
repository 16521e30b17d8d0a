import Autobase from 'autobase'
import Corestore from 'corestore'
import Hyperbee from 'hyperbee'
import DHT from 'hyperdht'
import Hyperswarm from 'hyperswarm'
import type { HostPort } from '../../src/config/types.ts'
import { LOOPBACK } from '../../src/network/local-dht.ts'
import { type Scope, temporaryFolder } from '../../tests/helpers/tmp.ts'

/** Keys and values as they go into the view. */
export type Puts = readonly (readonly [string, unknown])[]

export interface RawSubnet {
  readonly base: Autobase
  /** Appends these operations, so many at a time, and resolves once they can be read. */
  write(operations: readonly Puts[], atOnce: number): Promise<void>
}

/** Autobase and Hyperbee with nothing of ours: an operation is the puts it makes. */
export async function openRaw(scope: Scope, bootstrap: Uint8Array | null = null): Promise<RawSubnet> {
  const store = new Corestore(temporaryFolder(scope))
  const base = new Autobase(store, bootstrap, {
    valueEncoding: 'json',
    open: (views) =>
      new Hyperbee(views.get('view'), { extension: false, keyEncoding: 'utf-8', valueEncoding: 'json' }),
    async apply(nodes, view) {
      const batch = view.batch()
      for (const { value } of nodes) {
        for (const [key, content] of (value as { puts: Puts }).puts) await batch.put(key, content)
      }
      await batch.flush()
      await batch.close()
    }
  })
  await base.ready()
  scope.teardown(async () => {
    await base.close()
    await store.close()
  })
  return {
    base,
    async write(operations, atOnce) {
      for (let i = 0; i < operations.length; i += atOnce) {
        await base.append(operations.slice(i, i + atOnce).map((puts) => ({ puts })))
      }
    }
  }
}

/** Meets the others as the node does: on the same network, by the key. */
export async function meetRaw(
  scope: Scope,
  { base }: RawSubnet,
  bootstrap: readonly HostPort[]
): Promise<void> {
  const dht = new DHT({ bootstrap: [...bootstrap], host: LOOPBACK })
  const swarm = new Hyperswarm({ dht, keyPair: DHT.keyPair() })
  swarm.on('connection', (stream) => {
    stream.on('error', () => {})
    base.replicate(stream)
  })
  scope.teardown(() => swarm.destroy())
  await swarm.join(base.discoveryKey).flushed()
}

/** A connection between two of them. */
export function linkRaw(a: RawSubnet, b: RawSubnet): void {
  const one = a.base.replicate(true)
  const two = b.base.replicate(false)
  for (const stream of [one, two]) stream.on('error', () => {})
  one.pipe(two).pipe(one)
}
