import test from 'brittle'
import { GoldenContract } from '../../helpers/subnet/golden-contract.ts'
import { BEFORE_TX, GOLDEN, goldenScript, yes } from '../../helpers/subnet/golden-script.ts'
import { openPeer } from '../../helpers/subnet/peer.ts'

test('the view of the golden script is the one deployed peers make', async (t) => {
  const peer = await openPeer(t, { contract: new GoldenContract(), settlements: { msb: yes } })
  let length = 0
  for (const [op, blocks] of goldenScript()) {
    await peer.base.append(op)
    const view = await peer.view()
    t.is(view.length - length, blocks, JSON.stringify(op).slice(0, 60))
    length = view.length
    if (length === BEFORE_TX.length) t.alike(view, BEFORE_TX, 'after addIndexer')
  }
  t.alike(await peer.view(), GOLDEN)
})
