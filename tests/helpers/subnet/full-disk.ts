import type { Assertions } from 'brittle'
import { type BridgeClient, BridgeError, connect } from '#client'
import path from '#path'
import { type Received, Sidechannels } from '../../../features/sidechannel/sidechannels.ts'
import type { HostPort } from '../../../src/config/types.ts'
import { ENTRY, FAST } from '../../net/client/helpers.ts'
import { TOKEN } from '../bridge.ts'
import { type Heard, hear } from '../heard.ts'
import { Peer } from '../peer.ts'
import { SmallDisk } from '../small-disk.ts'
import { startDht } from '../swarm.ts'
import { type OpenMember, openMember } from './member.ts'

const DISK_MB = 24
/** What is left of it: enough for some dozens of batches. */
export const ROOM = 400_000
export const PADDING = 'x'.repeat(2000)
/** More than there is room for. */
export const MOST = 1000

export interface Running {
  readonly peer: Peer
  readonly client: BridgeClient
}

/** Peers of one subnet, of which some have their stores on a small disk. */
export class FullDiskStage {
  readonly #t: Assertions
  readonly dht: readonly HostPort[]
  readonly disk: SmallDisk

  static async open(t: Assertions): Promise<FullDiskStage | null> {
    const disk = await SmallDisk.mount(t, DISK_MB)
    if (disk !== null) return new FullDiskStage(t, disk, await startDht(t))
    t.pass('skipped: mounting a small disk takes Linux and root')
    return null
  }

  private constructor(t: Assertions, disk: SmallDisk, dht: readonly HostPort[]) {
    this.#t = t
    this.disk = disk
    this.dht = dht
  }

  /** A peer whose store is on the small disk. */
  spawn(flags: readonly string[] = [], store = 'stores'): Peer {
    const { folder } = this.disk
    const dht = this.dht.map(({ host, port }) => `${host}:${port}`).join(',')
    const args = ['--dht-bootstrap', dht, '--peer-stores-directory', path.join(folder, store)]
    const bridge = ['--sc-bridge', '1', '--sc-bridge-port', '0']
    const env = { SC_BRIDGE_TOKEN: TOKEN }
    return new Peer(this.#t, { cwd: folder, env, args: [...args, ...bridge, ...FAST, ...flags] })
  }

  async start(flags: readonly string[] = []): Promise<Running> {
    const peer = this.spawn(flags)
    const [, url = ''] = await peer.saw(/SC-Bridge: (ws:\S+)/)
    const client = await connect({ url, token: TOKEN, reconnect: false })
    this.#t.teardown(() => client.close(), { order: 5 })
    return { peer, client }
  }

  /** A peer of the same subnet that has all the room it needs. */
  async openOther(flags: readonly string[] = []): Promise<{ other: OpenMember; channels: Sidechannels }> {
    const other = await openMember(this.#t, this.dht, [...FAST, '--app', 'contract', ...flags])
    const channels = new Sidechannels(other.node)
    this.#t.teardown(() => channels.close(), { order: 15 })
    await channels.ready()
    return { other, channels }
  }
}

export function assertRefused(t: Assertions, error: unknown): void {
  if (!(error instanceof BridgeError)) throw error
  const { code, message, next } = error
  const says = code === 'denied' && message.includes('ENOSPC') && next.startsWith('Make room')
  t.ok(says, `${code}: ${message} ${next} ${error.detail}`)
}

/** Nothing but the subnet has ended: the peer answers, says what is the matter, and talks on its channels. */
export async function assertLivesOn(
  t: Assertions,
  { peer, client }: Running,
  others: Sidechannels
): Promise<void> {
  const { stats } = await client.subnetStats()
  t.is(stats.interrupted, 'The store cannot be written (ENOSPC).')
  const { health } = await client.health()
  t.alike([health.status, health.checks.subnet?.ok], ['degraded', false])
  t.ok(peer.errors.includes('the subnet has stopped here'), 'its log says so')
  const heard = await answerOf(client, others)
  t.is(heard.all[0]?.message.message, 'still here')
  t.ok([...peer.errors.matchAll(/neighbour gone/g)].length <= 1, 'the next connection stays')
}

/**
 * What the peer says on the entry channel once it is asked there. The connection over which came what could not be
 * kept has ended or is about to, and another one is on its way: it is asked on each.
 */
async function answerOf(client: BridgeClient, others: Sidechannels): Promise<Heard<Received>> {
  const heard = hear(others)
  const ask = () => void others.send(ENTRY, 'are you there?')
  const questions = client.messages({ channel: ENTRY })
  await questions.ready
  others.on('changed', ask)
  ask()
  const answering = (async () => {
    for await (const _ of questions) await client.send(ENTRY, 'still here')
  })()
  await heard.count(1)
  others.off('changed', ask)
  await questions.return()
  await answering
  return heard
}
