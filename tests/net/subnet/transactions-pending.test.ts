import test from 'brittle'
import fs from '#fs'
import path from '#path'
import { Peer } from '../../helpers/peer.ts'
import { COUNTER_APP, hasState, joinCounter, met, openCounter, tx } from '../../helpers/subnet/counter.ts'
import { type OpenMember, openMember, until } from '../../helpers/subnet/member.ts'
import { startDht } from '../../helpers/swarm.ts'
import { temporaryFolder } from '../../helpers/tmp.ts'

/** Hashes of what is kept in a store. */
function kept(storesFolder: string): string[] {
  const file = path.join(storesFolder, 'peer', 'subnet-pending.json')
  if (!fs.existsSync(file)) return []
  const { transactions } = JSON.parse(fs.readFileSync(file, 'utf-8')) as { transactions: { tx: string }[] }
  return transactions.map(({ tx }) => tx)
}

const isIn = (member: OpenMember, hash: string) => async () =>
  (await member.desk.get(`tx/${hash}`, false)) !== null

test('what no writer has taken is kept over a restart, and sent when there is one', async (t) => {
  const dht = await startDht(t)
  const admin = await openCounter(t, dht)
  const { bootstrap } = admin.desk
  const reader = await joinCounter(t, dht, bootstrap)
  await hasState(reader)
  await admin.close()

  const result = await tx(reader, 'add kept')
  t.alike([result.appended, result.n, result.error], [false, null, null])
  t.alike(kept(reader.folder), [result.tx])
  await t.exception(tx(reader, 'loop'), /takes longer than/)
  t.alike(kept(reader.folder), [result.tx], 'what would never be taken is not kept')
  await reader.close()

  const again = await joinCounter(t, dht, bootstrap, { folder: reader.folder })
  const second = await tx(again, 'add kept')
  t.alike(kept(reader.folder), [result.tx, second.tx])
  const back = await openMember(t, dht, ['--app', COUNTER_APP], { folder: admin.folder })
  await until(back, isIn(back, second.tx))
  await until(again, isIn(again, second.tx))
  t.is(await back.desk.get('app/count/kept', false), 2)
  t.is(await back.desk.get('txl', false), 2)
  await again.close()
  t.alike(kept(reader.folder), [], 'and is forgotten then')
})

test('what a process said it keeps is there after it was killed', async (t) => {
  const dht = await startDht(t)
  const admin = await openCounter(t, dht)
  const { bootstrap } = admin.desk
  const cwd = temporaryFolder(t)
  const nodes = dht.map(({ host, port }) => `${host}:${port}`).join(',')
  const args = [
    '--dht-bootstrap',
    nodes,
    '--subnet-bootstrap',
    bootstrap,
    '--app',
    COUNTER_APP,
    '--timer',
    '0'
  ]
  const peer = new Peer(t, { cwd, args })
  await peer.saw('Peer pubkey')
  await met(admin)
  await peer.answer('/get --key admin --unconfirmed', admin.node.key)
  await admin.close()
  const [, hash] = await peer.answer('/tx --command "add killed"', /TX ([0-9a-f]{64}) waits for a writer/)
  await peer.kill()

  const back = await openMember(t, dht, ['--app', COUNTER_APP], { folder: admin.folder })
  t.is(await back.desk.get('txl', false), null)
  const next = new Peer(t, { cwd, args })
  await next.saw('killed is 1')
  t.is(await back.desk.get(`tx/${hash}`, false), 0)
  t.is(await back.desk.get('app/count/killed', false), 1)
  t.is((await next.stop()).code, 0)
  t.alike(kept(path.join(cwd, 'stores')), [])
})
