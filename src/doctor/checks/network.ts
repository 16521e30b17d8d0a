import type { Nat } from '../../network/dht.ts'
import { isStarting } from '../ask-node.ts'
import { type Finding, fail, ok, unknown, warn } from '../finding.ts'
import type { Visit } from '../visit.ts'

/** The node knows better than a question from beside it. */
export async function dht(visit: Visit): Promise<Finding> {
  const { config } = visit
  const told = await visit.node()
  // Which DHT that is depends on the flags of the node.
  if (told.state === 'told') {
    if (told.samples.get('dht_reachable') === 1) return ok('The DHT answers the node.')
    if (isStarting(told.samples))
      return unknown('The DHT did not answer the node yet, which is just starting.', 'Ask again in a minute.')
    return fail('The DHT does not answer the node.', remedy(visit))
  }
  const { answered, portFree } = await visit.dht()
  const name = dhtName(visit)
  if (answered) return ok(`${name} answers.`)
  if (config.local && portFree) return ok('Nobody hosts the local DHT: the first peer with --local does.')
  return fail(`${name} does not answer.`, remedy(visit))
}

const NATS: Readonly<Record<Exclude<Nat, 'unknown'>, Finding>> = {
  open: ok('open: others reach this machine directly.'),
  consistent: ok('consistent: others reach this machine through its firewall or NAT.'),
  random: warn(
    'random: the NAT takes another port for each peer, and two peers behind such ones do not reach each other.',
    'Let UDP in from outside (port forwarding), or have a peer in the channel that is reached by both: it relays.'
  )
}

export async function nat(visit: Visit): Promise<Finding> {
  if (visit.config.local) return ok('Not asked: with --local everything stays on this machine.')
  const type = await natType(visit)
  if (type !== 'unknown') return NATS[type]
  return unknown(
    'unknown: the DHT did not tell yet.',
    'It is known once the DHT answers: see the line "dht".'
  )
}

async function natType(visit: Visit): Promise<Nat> {
  const told = await visit.node()
  if (told.state !== 'told') return (await visit.dht()).nat
  const types = Object.keys(NATS) as (keyof typeof NATS)[]
  return types.find((each) => told.samples.get(`nat:${each}`) === 1) ?? 'unknown'
}

function dhtName({ config }: Visit): string {
  if (config.local) return `The local DHT (127.0.0.1:${config.localPort})`
  if (config.dhtBootstrap === null) return 'The public DHT'
  return `The DHT at ${config.dhtBootstrap.map(({ host, port }) => `${host}:${port}`).join(', ')}`
}

function remedy({ config }: Visit): string {
  if (config.local)
    return 'Another program, or a stopped peer, has that UDP port: end it, or give every peer another one with --local-port.'
  if (config.dhtBootstrap !== null) return 'See whether one of these nodes runs, and whether UDP gets there.'
  return 'Check the internet connection, and that outgoing UDP is allowed. Without internet: --local.'
}
