// CPU time per delivered message: one send to 15 neighbours, against 15 sends to one each. All ends are in
// this process, so what receiving costs is in both. Nobody passes on.

import type { OpenedNode } from '../tests/helpers/node.ts'
import { startDht } from '../tests/helpers/swarm.ts'
import { inTurns, payload } from './helpers/drive.ts'
import { cpuMilliseconds, report } from './helpers/figures.ts'
import { CHANNEL, neighboursOf, openMember } from './helpers/pairs.ts'
import { BenchScope } from './helpers/scope.ts'

const RECEIVERS = 15
const MESSAGES = 200
const COMMON = ['--sidechannel-relay', '0', '--sidechannel-rate-bytes', '0']

/** Microseconds of CPU per delivery. */
async function measure(from: OpenedNode, receivers: readonly OpenedNode[], sends: number): Promise<number> {
  const before = cpuMilliseconds()
  await new Promise<void>((resolve, reject) => {
    let left = sends * receivers.length
    const onmessage = () => {
      if (--left === 0) resolve()
    }
    for (const { sidechannels } of receivers) {
      sidechannels.removeAllListeners('message')
      sidechannels.on('message', onmessage)
    }
    const message = payload(100)
    for (let i = 0; i < sends; i++) from.sidechannels.send(CHANNEL, message).catch(reject)
  })
  return ((cpuMilliseconds() - before) * 1000) / (sends * receivers.length)
}

/** A sender whose receivers know it alone. */
async function openStar(scope: BenchScope, count: number, flags: readonly string[]) {
  const bootstrap = await startDht(scope)
  const from = await openMember(scope, bootstrap, flags)
  const receivers: OpenedNode[] = []
  for (let i = 0; i < count; i++) {
    const options = { firewall: (key: string) => key !== from.node.key }
    receivers.push(await openMember(scope, bootstrap, flags, options))
  }
  await neighboursOf(from.sidechannels, count)
  for (const { sidechannels } of receivers) await neighboursOf(sidechannels, 1)
  return { from, receivers }
}

for (const [name, flags, limit] of [
  ['work of 12 bits, the default', [], { atMost: 0.3 }],
  ['without work', ['--sidechannel-pow', '0'], null]
] as const) {
  const scope = new BenchScope()
  const star = await openStar(scope, RECEIVERS, [...COMMON, ...flags])
  const pair = await openStar(scope, 1, [...COMMON, ...flags])
  const { ours, ceiling, ratio } = await inTurns(
    5,
    () => measure(star.from, star.receivers, MESSAGES),
    () => measure(pair.from, pair.receivers, MESSAGES * RECEIVERS)
  )
  report({
    ...{ what: `CPU per delivered message, ${name}`, unit: 'us', value: ours, ceiling, ratio },
    limit
  })
  await scope.close()
}
