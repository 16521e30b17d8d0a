import b4a from 'b4a'
import test from 'brittle'
import { connect, type Gap } from '#client'
import path from '#path'
import process from '#process'
import { spawn } from '#subprocess'
import { neighbours } from '../../helpers/heard.ts'
import { openNode } from '../../helpers/node.ts'
import { Peer, PROJECT } from '../../helpers/peer.ts'
import { startDht } from '../../helpers/swarm.ts'
import { temporaryFolder } from '../../helpers/tmp.ts'
import { ENTRY, FAST, TOKEN, take } from './helpers.ts'

const VISITOR = path.join(PROJECT, 'dist', 'tests', 'net', 'client', 'visitor.js')

/** What the program printed, and its exit code; `printed` sees it on the way. */
function visit(
  what: string,
  url: string,
  printed: (text: string) => void = () => {}
): Promise<{ output: string; code: number | null }> {
  const child = spawn(process.execPath, [VISITOR, what, url, TOKEN], { stdio: ['ignore', 'pipe', 'inherit'] })
  let output = ''
  child.stdout?.on('data', (bytes: Uint8Array) => {
    output += b4a.toString(bytes)
    printed(output)
  })
  return new Promise((resolve) => child.on('exit', (code) => resolve({ output, code })))
}

test('a node that is killed and started again; programs that end when they close the client', {
  timeout: 50_000
}, async (t) => {
  const bootstrap = await startDht(t)
  const dht = bootstrap.map(({ host, port }) => `${host}:${port}`).join(',')
  const before = await openNode(t, bootstrap, FAST)
  const cwd = temporaryFolder(t)
  const start = async (port: number): Promise<{ peer: Peer; url: string }> => {
    const args = ['--dht-bootstrap', dht, '--sc-bridge', '1', '--sc-bridge-port', String(port), ...FAST]
    const peer = new Peer(t, { cwd, args, env: { SC_BRIDGE_TOKEN: TOKEN } })
    const [, url = ''] = await peer.saw(/SC-Bridge: (ws:\S+)/)
    return { peer, url }
  }
  const { peer: first, url } = await start(0)
  const client = await connect({ url, token: TOKEN })
  t.teardown(() => client.close())
  const gaps: Gap[] = []
  const messages = client.messages({ channel: ENTRY, onGap: (gap) => gaps.push(gap) })
  await messages.ready
  const { epoch } = client
  await neighbours(before.sidechannels, ENTRY, 1)
  await before.sidechannels.send(ENTRY, 'before')
  t.is((await take(messages, 1))[0]?.message, 'before')

  t.alike(await visit('once', url), { output: 'connected\nclosed\n', code: 0 })
  const retrying = visit('retrying', url, (output) => {
    if (output === 'connected\n') void first.kill()
  })
  t.alike(await retrying, { output: 'connected\nclosed\n', code: 0 })
  t.alike(await visit('refused', url), { output: 'cannot_connect\n', code: 0 })

  const back = new Promise((resolve) => client.on('reconnected', resolve))
  // To its neighbours a peer that was killed is there for half a minute yet: others write what comes now.
  await before.sidechannels.close()
  await before.node.close()
  const { peer: second } = await start(Number(new URL(url).port))
  const later = await openNode(t, bootstrap, FAST)
  await neighbours(later.sidechannels, ENTRY, 1)
  await later.sidechannels.send(ENTRY, 'after')
  await back
  const [after] = await take(messages, 1)
  t.alike([after?.message, after?.seq], ['after', 1])
  t.not(client.epoch, epoch)
  t.alike(gaps, [{ channel: ENTRY, from: 2, to: null, reason: 'restart' }])
  await client.close()
  await second.stop()
})
