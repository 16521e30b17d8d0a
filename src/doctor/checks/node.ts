import { CHECKS, type CheckName } from '../../metrics/health.ts'
import { isStarting } from '../ask-node.ts'
import { type Finding, fail, ok, unknown, warn } from '../finding.ts'
import type { Visit } from '../visit.ts'

const REMEDIES: Readonly<Record<CheckName, string>> = {
  dht: 'See the line "dht" below.',
  event_loop: 'Give the machine less to do, or look for a flood in the drops of /sc_stats.',
  store: 'Check the disk of the store (space, permissions).',
  disk: 'Make room on the disk of the store.',
  sidechannels: 'Channels are announced once the DHT answers: see the line "dht" below.',
  subnet: 'The log of the node, and /stats, say why the subnet has stopped; then start the node again.'
}

export async function node(visit: Visit): Promise<Finding> {
  const answer = await visit.node()
  if (answer.state === 'off') return ok('It does not run.')
  if (answer.state === 'silent') return unknown(`It was not asked: ${answer.why}.`, answer.remedy)
  const { samples } = answer
  const faults = CHECKS.filter((name) => samples.get(`health:${name}`) === 0)
  const isNetwork = faults.every((name) => name === 'dht' || name === 'sidechannels')
  if (faults.length > 0 && isNetwork && isStarting(samples))
    return warn('It is still starting.', 'Ask again in a minute.')
  if (faults.length > 0) {
    return fail(`It is not well: ${faults.join(', ')}.`, faults.map((name) => REMEDIES[name]).join(' '))
  }
  const connections = samples.get('connections')
  const minutes = Math.floor((samples.get('uptime_seconds') ?? 0) / 60)
  if (connections === undefined) throw new Error('the node told nothing of its connections')
  return ok(
    `It is well, and has run for ${minutes} min, with ${connections} connection${connections === 1 ? '' : 's'}.`
  )
}
