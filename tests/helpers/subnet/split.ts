import type { Assertions } from 'brittle'
import type { LoadedApp } from '../../../features/subnet/app/load-app.ts'
import {
  type Comparison,
  compareCheckpoints,
  type Fixed,
  fixedIn
} from '../../../features/subnet/log/checkpoints.ts'
import { Contract } from '../../../src/app/contract.ts'
import type { HostPort } from '../../../src/config/types.ts'
import type { Check } from '../../../src/metrics/health.ts'
import { once, startDht } from '../swarm.ts'
import { beginSubnet } from './damage.ts'
import { ACK_MS, isConfirmed, untilAll } from './indexers.ts'
import { appOf, type OpenMember, openMember, until } from './member.ts'

/** Computes something else from some messages, under the same name, version and hash. */
class Memory extends Contract {
  constructor(protocol: unknown, faulty: boolean) {
    super(protocol)
    this.messageHandler(async () => {
      const { msg } = this.op as { readonly msg: string }
      await this.put(`heard/${msg}`, faulty && msg.startsWith('hard') ? 'something else' : msg)
      if (faulty && msg === 'harder') await this.put('another', msg)
    })
  }
}

export const RIGHT: LoadedApp = appOf((protocol) => new Memory(protocol, false))
export const FAULTY: LoadedApp = appOf((protocol) => new Memory(protocol, true))
export const times = { ack: ACK_MS, agreement: 50 }

export interface Cast {
  readonly dht: readonly HostPort[]
  readonly flags: readonly string[]
  readonly admin: OpenMember
  readonly good: OpenMember
  readonly faulty: OpenMember
}

export async function openCast(t: Assertions): Promise<Cast> {
  const dht = await startDht(t)
  const admin = await openMember(t, dht, [], { app: RIGHT, times })
  await beginSubnet(admin)
  const flags = ['--subnet-bootstrap', admin.desk.bootstrap]
  const good = await openMember(t, dht, flags, { app: RIGHT, times })
  const faulty = await openMember(t, dht, flags, { app: FAULTY, times })
  for (const member of [good, faulty])
    await until(member, async () => (await member.desk.get('chat_status', false)) === 'on')
  return { dht, flags, admin, good, faulty }
}

export function openAgain(
  t: Assertions,
  { dht, flags }: Cast,
  { folder }: OpenMember,
  app = RIGHT
): Promise<OpenMember> {
  return openMember(t, dht, flags, { app, times, folder })
}

export async function makeIndexers(admin: OpenMember, members: readonly OpenMember[]): Promise<void> {
  for (const member of members) {
    await admin.desk.operate('add_indexer', { key: member.desk.writerKey })
    await until(member, () => member.desk.writable)
  }
  await untilAll([admin, ...members], (member) => isConfirmed(member) && member.desk.isIndexer)
}

/** Resolves when it is so, or at once. */
export async function untilSplit({ desk }: OpenMember, split: boolean): Promise<void> {
  while (desk.split !== split) await once(desk.subnet, 'agreement')
}

/** What it has to say of the indexers at this very moment. */
export function look({ desk }: OpenMember): Promise<Comparison | null> {
  const { base } = desk.subnet
  return compareCheckpoints(base, fixedIn(base) as Fixed)
}

/** Resolves once it has split off and taken over the state of the indexers; it may have done so while it opened. */
export async function untilMended({ desk, logged }: OpenMember): Promise<void> {
  while (!logged.some((line) => line.includes('signed again'))) await once(desk.subnet, 'agreement')
}

export const isTold = ({ logged }: OpenMember): boolean =>
  logged.some((line) => line.includes('code=state_split'))
export const subnetHealth = ({ node }: OpenMember): Check => node.health().checks.subnet

/** Whatever it signs of the state from now on is good for nothing. */
export function signGarbage({ desk }: OpenMember): void {
  const { base } = desk.subnet
  const spoiled = (applying: typeof base._applyState) => {
    const sign = async (_core: unknown, length: number) => ({ signature: new Uint8Array(64).fill(7), length })
    return applying === null ? null : Object.assign(applying, { _signViewCore: sign })
  }
  let applying = spoiled(base._applyState)
  // The base gets another one when it goes on in other cores.
  Object.defineProperty(base, '_applyState', {
    get: () => applying,
    set: (next: typeof applying) => {
      applying = spoiled(next)
    }
  })
}
