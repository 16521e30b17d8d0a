import { type Finding, fail, ok, unknown, warn } from '../finding.ts'
import type { Visit } from '../visit.ts'

/** From here on it is worth a look; messages that differ by --sidechannel-max-skew are dropped. */
const NOTICEABLE_S = 60
/** Of one clock nobody knows whether it is the wrong one. */
const ENOUGH = 3

export async function clock(visit: Visit): Promise<Finding> {
  const told = await visit.node()
  const when = 'A running node knows it once neighbours have sent messages.'
  if (told.state === 'off') return unknown('Nobody to compare with: the node does not run.', when)
  if (told.state === 'silent') return unknown(`The node was not asked: ${told.why}.`, told.remedy)
  const offset = told.samples.get('clock_offset_seconds')
  const neighbours = told.samples.get('clock_offset_neighbours') ?? 0
  if (offset === undefined || neighbours === 0) return unknown('No neighbour has sent a message yet.', when)
  const says = `Neighbours' clocks are ${offset < 0 ? '' : '+'}${offset.toFixed(1)} s from this one (median of ${neighbours}).`
  if (Math.abs(offset) < NOTICEABLE_S) return ok(says)
  const set = 'Set the clock of this machine, and let it be kept (NTP).'
  if (neighbours < ENOUGH) return warn(says, `Either theirs or ours is wrong. ${set}`)
  const most = visit.config.sidechannelMaxSkew
  return most > 0 && Math.abs(offset) > most
    ? fail(`${says} Others drop what this peer sends.`, set)
    : warn(says, set)
}
