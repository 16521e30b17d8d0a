import { deferred } from '../../../src/base/deferred.ts'
import type { HostPort } from '../../../src/config/types.ts'
import type { Scope } from '../tmp.ts'
import { beginSubnet } from './damage.ts'
import { type OpenMember, openMember, until } from './member.ts'

/** Confirmations come ten times as fast as in a node. */
export const ACK_MS = 100
/** And what was signed is looked at all the time. */
const times = { ack: ACK_MS, agreement: 10 }

export function openFast(
  t: Scope,
  dht: readonly HostPort[],
  flags: readonly string[] = [],
  folder?: string
): Promise<OpenMember> {
  return openMember(t, dht, flags, { times, ...(folder === undefined ? {} : { folder }) })
}

/** Resolves once this holds; looked at again whenever one of them knows more, be it only a confirmation. */
export async function untilAll(
  members: readonly OpenMember[],
  holds: (member: OpenMember) => boolean
): Promise<void> {
  const bases = members.map(({ desk }) => desk.subnet.base)
  let changed = deferred<void>()
  const wake = () => changed.resolve()
  for (const base of bases) base.on('update', wake)
  try {
    while (!members.every(holds)) {
      changed = deferred<void>()
      if (!members.every(holds)) await changed.promise
    }
  } finally {
    for (const base of bases) base.off('update', wake)
  }
}

/** What a majority of the indexers has signed is all there is. */
export function isConfirmed({ desk }: OpenMember): boolean {
  const { core } = desk.subnet.base.view
  return core.length > 0 && core.signedLength === core.length
}

/** A subnet whose admin has made indexers of so many others. */
export async function openIndexers(
  t: Scope,
  dht: readonly HostPort[],
  others: number
): Promise<{ readonly members: readonly [OpenMember, ...OpenMember[]]; readonly flags: readonly string[] }> {
  const admin = await openFast(t, dht)
  await beginSubnet(admin)
  const flags = ['--subnet-bootstrap', admin.desk.bootstrap]
  const members: [OpenMember, ...OpenMember[]] = [admin]
  for (let i = 0; i < others; i++) members.push(await addIndexer(t, dht, admin, flags))
  await untilAll(members, (member) => isConfirmed(member) && member.desk.isIndexer)
  return { members, flags }
}

export async function addIndexer(
  t: Scope,
  dht: readonly HostPort[],
  admin: OpenMember,
  flags: readonly string[]
): Promise<OpenMember> {
  const member = await openFast(t, dht, flags)
  await until(member, async () => (await member.desk.get('chat_status', false)) === 'on')
  await admin.desk.operate('add_indexer', { key: member.desk.writerKey })
  await until(member, () => member.desk.writable)
  return member
}

/** How many blocks are in the logs of all of them. */
export function blocks(members: readonly OpenMember[]): number {
  return members.reduce((sum, { desk }) => sum + desk.subnet.base.local.length, 0)
}
