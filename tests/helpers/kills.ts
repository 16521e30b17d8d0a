import type { Assertions } from 'brittle'
import { Peer } from './peer.ts'
import { freePort } from './ports.ts'
import { temporaryFolder } from './tmp.ts'

// From before the store is there to after the network is up.
const LONGEST_LIFE = 1200

/** Kills a peer at random moments of its life; whatever it confirmed must be there in the next one. */
export async function killAtRandom(t: Assertions, kills: number): Promise<void> {
  const cwd = temporaryFolder(t)
  const args = ['--local', '--local-port', String(await freePort())]
  let known: string | null = null
  const check = (peer: Peer, moment: string) => {
    const key = /Peer pubkey \(hex\): ([0-9a-f]{64})\n/.exec(peer.output)?.[1] ?? null
    if (known !== null && key !== null) t.is(key, known, `the identity survived (${moment})`)
    known ??= key
    t.absent(/intercom: /.test(peer.errors), `started (${moment}) ${peer.errors}`)
  }
  for (let i = 0; i < kills; i++) {
    const peer = new Peer(t, { cwd, args })
    const life = Math.floor(Math.random() * LONGEST_LIFE)
    const ended = new Promise<void>((resolve) => setTimeout(resolve, life))
    await Promise.race([ended, peer.exited])
    await peer.kill()
    check(peer, `killed after ${life} ms`)
  }
  const last = new Peer(t, { cwd, args })
  await last.saw('the DHT answers')
  check(last, 'in the end')
  t.is((await last.stop()).code, 0)
}
