import test from 'brittle'
import type { Hex32 } from '../../src/base/hex.ts'
import type { Network } from '../../src/network/network.ts'
import { openNode } from '../helpers/node.ts'
import { once, startDht } from '../helpers/swarm.ts'

test('a quiet node says nothing of neighbours that come and go; another one does', async (t) => {
  const bootstrap = await startDht(t)
  const quiet = await openNode(t, bootstrap, ['--subnet', '0', '--sidechannel-quiet', '1'])
  const other = await openNode(t, bootstrap, ['--subnet', '0'])
  const guest = await openNode(t, bootstrap, ['--subnet', '0'])
  const { key } = guest.node
  const watchers = [quiet, other]
  await Promise.all(watchers.map(({ node }) => seen(node.network, key)))
  const gone = watchers.map(({ node }) => once(node.network, 'neighbour-gone'))
  await guest.sidechannels.close()
  await guest.node.close()
  await Promise.all(gone)

  const about = new RegExp(`^\\S+ (.* neighbour \\w+) peer=${key} `)
  const said = watchers.map(({ lines }) => lines.flatMap((line) => about.exec(line)?.[1] ?? []))
  const lines = (level: string) => [
    `${level} network: neighbour connected`,
    `${level} network: neighbour gone`
  ]
  t.alike(said, [lines('debug'), lines('info ')])
})

/** Resolves once that peer is a neighbour. */
async function seen(network: Network, key: Hex32): Promise<void> {
  while (!network.neighbours.has(key)) await once(network, 'neighbour')
}
