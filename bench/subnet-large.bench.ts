// Restart and memory of a peer whose subnet has a million operations, against one with ten thousand. Making the
// large store takes some minutes.

import fs from '#fs'
import os from '#os'
import path from '#path'
import { PROJECT } from '../tests/helpers/peer.ts'
import { openMember } from '../tests/helpers/subnet/member.ts'
import { startDht } from '../tests/helpers/swarm.ts'
import { median, report } from './helpers/figures.ts'
import { run } from './helpers/run.ts'
import { BenchScope } from './helpers/scope.ts'
import { chatOp, rules } from './helpers/subnet.ts'

const SIZES = { small: 10_000, large: 1_000_000 } as const
const AT_ONCE = 500
const RUNS = 5
const IDLE = 3000

const root = fs.mkdtempSync(path.join(os.tmpdir(), 'intercom-bench-'))
const scope = new BenchScope()
const [at] = await startDht(scope)
const bootstrap = at === undefined ? '' : `${at.host}:${at.port}`

async function fill(folder: string, count: number): Promise<void> {
  const own = new BenchScope()
  const member = await openMember(own, at === undefined ? [] : [at], [], { folder })
  const { subnet } = member.desk
  await subnet.append({ type: 'addAdmin', key: member.node.key, rules: 2, settlement: 'local' })
  await subnet.append(subnet.pen.a(rules, 'setChatStatus', 'on'))
  for (let n = 0; n < count; n += AT_ONCE) {
    await Promise.all(
      Array.from({ length: AT_ONCE }, (_, i) => subnet.append(chatOp(member, `message ${n + i}`)))
    )
  }
  await own.close()
}

const command = (folder: string) => [
  path.join(PROJECT, 'index.js'),
  ...['--dht-bootstrap', bootstrap, '--peer-stores-directory', folder]
]
const folders = { small: path.join(root, 'small'), large: path.join(root, 'large') }
for (const [name, count] of Object.entries(SIZES)) await fill(folders[name as keyof typeof SIZES], count)

const times = { small: [] as number[], large: [] as number[] }
for (let i = 0; i < RUNS; i++) {
  for (const name of ['small', 'large'] as const)
    times[name].push((await run(command(folders[name]), 'Peer store:', 0)).ms)
}
const limit = { atMost: 2 }
report({
  what: 'restart, 1 000 000 operations against 10 000',
  unit: 'ms',
  value: median(times.large),
  ceiling: median(times.small),
  limit
})
const [large, small] = [
  (await run(command(folders.large), 'Peer store:', IDLE)).rss,
  (await run(command(folders.small), 'Peer store:', IDLE)).rss
]
report({ what: 'memory, the same', unit: 'MB', value: large / 2 ** 20, ceiling: small / 2 ** 20, limit })
await scope.close()
fs.rmSync(root, { recursive: true })
