import { DROP_REASONS, type DropReason } from '../../src/base/reasons.ts'
import { quoted } from '../../src/base/text.ts'
import type { CommandOutput } from '../../src/commands/registry.ts'
import type { IntercomNode } from '../../src/node.ts'
import type { Channel } from './channel.ts'
import { isWelcomed } from './policy/welcome.ts'
import type { Sidechannels } from './sidechannels.ts'

/** What `/sc_stats` shows. */
export function statsOutput(node: IntercomNode, sidechannels: Sidechannels): CommandOutput {
  const now = node.now()
  const channels = [...sidechannels.channels.values()].map((channel) => channelStats(channel, now))
  const clock = sidechannels.pipeline.skew.estimate()
  const connectionCount = node.network.neighbours.size
  const pending = sidechannels.pending.list().length
  const lines = [
    '--- Sidechannels ---',
    `Connections: ${connectionCount}`,
    ...(clock === null ? [] : [clockLine(clock.offsetMs, clock.neighbours, clock.ours)]),
    `Open requests: ${pending}${pending > 0 ? ' (/sc_pending)' : ''}`,
    ...channels.flatMap(channelLines)
  ]
  return { lines, result: { channels, connectionCount, pending, clockOffsetMs: clock?.offsetMs ?? null } }
}

type ChannelStats = ReturnType<typeof channelStats>

function channelStats(channel: Channel, now: number) {
  const { policy, counts, drops } = channel
  const keys = channel.sessions.map(({ neighbour }) => neighbour.key)
  return {
    channel: policy.channel,
    neighbours: keys,
    unauthorised: keys.filter((key) => !channel.isAuthorised(key, now)).length,
    owner: policy.owner,
    inviteOnly: policy.inviteRequired,
    ownerWriteOnly: policy.ownerWriteOnly,
    awaitingWelcome: !isWelcomed(policy, channel.self, channel.welcomed),
    ...counts,
    drops: drops.counts()
  }
}

function channelLines(stats: ChannelStats): string[] {
  const { neighbours, unauthorised, owner, received, sent, relayed, drops } = stats
  const rules = [
    ...(owner === null ? [] : [`owner ${owner}`]),
    ...(stats.inviteOnly ? ['invite-only'] : []),
    ...(stats.ownerWriteOnly ? ['owner writes'] : []),
    ...(stats.awaitingWelcome ? ['awaiting welcome'] : [])
  ]
  const dropped = (Object.keys(DROP_REASONS) as DropReason[])
    .filter((reason) => drops[reason] > 0)
    .map((reason) => `${reason} ${drops[reason]}`)
  const left = unauthorised > 0 ? ` (${unauthorised} not authorised)` : ''
  return [
    `${quoted(stats.channel)}: ${neighbours.length} neighbour${neighbours.length === 1 ? '' : 's'}${left}${rules.map((rule) => `, ${rule}`).join('')}`,
    `  received ${received}, sent ${sent}, relayed ${relayed}, dropped: ${dropped.join(', ') || 'none'}`
  ]
}

function clockLine(offsetMs: number, neighbours: number, ours: boolean): string {
  const tenths = Math.round(offsetMs / 100)
  const seconds = `${tenths < 0 ? '-' : '+'}${(Math.abs(tenths) / 10).toFixed(1)} s`
  const warning = ours ? ': check the time of this machine' : ''
  return `Clock offset: ${seconds} (median of ${neighbours})${warning}`
}
