import test from 'brittle'
import fs from '#fs'
import path from '#path'
import { Peer } from '../../helpers/peer.ts'
import { COUNTER_APP, met, openCounter } from '../../helpers/subnet/counter.ts'
import { openMember } from '../../helpers/subnet/member.ts'
import { startDht } from '../../helpers/swarm.ts'
import { temporaryFolder } from '../../helpers/tmp.ts'

/** Hashes of what the peer of this folder keeps. */
function kept(cwd: string): string[] {
  const file = path.join(cwd, 'stores', 'peer', 'subnet-pending.json')
  const { transactions } = JSON.parse(fs.readFileSync(file, 'utf-8')) as { transactions: { tx: string }[] }
  return transactions.map(({ tx }) => tx)
}

test('what no writer has taken outlives the process however it ends, and is sent when there is one', async (t) => {
  const dht = await startDht(t)
  const admin = await openCounter(t, dht)
  const cwd = temporaryFolder(t)
  const nodes = dht.map(({ host, port }) => `${host}:${port}`).join(',')
  const args = ['--dht-bootstrap', nodes, '--subnet-bootstrap', admin.desk.bootstrap, '--app', COUNTER_APP]
  const waits = async (peer: Peer) => {
    const [, hash] = await peer.answer('/tx --command "add kept"', /TX ([0-9a-f]{64}) waits for a writer/)
    return hash as string
  }

  const first = new Peer(t, { cwd, args })
  await first.saw('Peer pubkey')
  await met(admin)
  await first.answer('/get --key admin --unconfirmed', admin.node.key)
  await admin.close()
  const one = await waits(first)
  await first.kill()
  t.alike(kept(cwd), [one])

  const second = new Peer(t, { cwd, args })
  await second.saw('Peer pubkey')
  const two = await waits(second)
  t.alike(kept(cwd), [one, two])
  const back = await openMember(t, dht, ['--app', COUNTER_APP], { folder: admin.folder })
  t.is(await back.desk.get('txl', false), null)
  await second.saw('kept is 2')
  t.alike([await back.desk.get(`tx/${one}`, false), await back.desk.get(`tx/${two}`, false)], [0, 1])
  t.is(await back.desk.get('txl', false), 2)
  t.is((await second.stop()).code, 0)
  t.alike(kept(cwd), [], 'and is forgotten then')
})
