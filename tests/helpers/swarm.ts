import b4a from 'b4a'
import DHT, { type KeyPair } from 'hyperdht'
import { createLog } from '../../src/base/log.ts'
import type { HostPort } from '../../src/config/types.ts'
import { keyPairFromSeed } from '../../src/identity/derive.ts'
import { LOOPBACK } from '../../src/network/local-dht.ts'
import { Network, type NetworkOptions } from '../../src/network/network.ts'
import { freePort } from './ports.ts'
import type { Scope } from './tmp.ts'

/** A loopback DHT of the test's own. */
export async function startDht(t: Scope): Promise<readonly HostPort[]> {
  const port = await freePort()
  const node = DHT.bootstrapper(port, LOOPBACK, { host: LOOPBACK })
  await node.fullyBootstrapped()
  t.teardown(() => node.destroy(), { order: 50 })
  return [{ host: LOOPBACK, port }]
}

export function seedKeyPair(fill: number): KeyPair {
  return keyPairFromSeed(b4a.alloc(32, fill))
}

/** A network of our own on that DHT, closed with the test; its log lines are kept. */
export async function openNetwork(
  t: Scope,
  bootstrap: readonly HostPort[],
  fill: number,
  options: Partial<NetworkOptions> = {}
): Promise<{ network: Network; lines: string[] }> {
  const lines: string[] = []
  const log = createLog({ level: 'debug', json: false, write: (line) => lines.push(line), now: Date.now })
  const network = new Network({
    keyPair: Promise.resolve(seedKeyPair(fill)),
    bootstrap,
    localPort: null,
    log,
    now: Date.now,
    checkInterval: 200,
    ...options
  })
  t.teardown(() => network.close(), { order: 20 })
  await network.ready()
  return { network, lines }
}

/** Resolves at the next such event, with its first argument. */
export function once<T>(
  emitter: { once(name: string, listener: (value: T) => void): unknown },
  name: string
): Promise<T> {
  return new Promise((resolve) => emitter.once(name, resolve))
}
