import DHT, { type Address, type DHTOptions } from 'hyperdht'
import type { HostPort } from '../config/types.ts'
import { LOOPBACK } from './local-dht.ts'

/** What stands between this peer and others. */
export type Nat = 'unknown' | 'open' | 'consistent' | 'random'

/** A DHT node that begins to look for a way in at once. On loopback nothing stands between two peers. */
export function createDht(bootstrap: readonly HostPort[] | null, options: DHTOptions): DHT {
  return new DHT({
    ...options,
    ...(bootstrap && { bootstrap: bootstrap.map(({ host, port }) => `${host}:${port}`) }),
    ...(isOnLoopback(bootstrap) && { host: LOOPBACK, firewalled: false })
  })
}

/** Null is the public DHT. */
export function isOnLoopback(bootstrap: readonly HostPort[] | null): boolean {
  return bootstrap?.every(({ host }) => isLoopback(host)) ?? false
}

/** A host may be written as `address@name`. */
export function addressesOf(bootstrap: readonly HostPort[] | null): Address[] {
  return bootstrap?.map(({ host, port }) => ({ host: host.split('@')[0] ?? host, port })) ?? []
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(host)
}

export function natOf(dht: DHT | null): Nat {
  if (dht === null || dht.host === null) return 'unknown'
  if (!dht.firewalled) return 'open'
  return dht.port === 0 ? 'random' : 'consistent'
}
