import test from 'brittle'
import { Backbones, pairsOf } from '../helpers/backbones.ts'

test('five backbones carry an invite-only channel without any two of them', {
  timeout: 300_000
}, async (t) => {
  const pairs = pairsOf(5)
  t.is(pairs.length, 10)
  const backbones = await Backbones.open(t, 5)
  await backbones.ready()
  for (const pair of pairs) {
    await backbones.kill(pair)
    for (let word = 0; word < 3; word++) t.alike(await backbones.exchange(), ['ok', 'ok'], `without ${pair}`)
    await backbones.restart(pair)
    await backbones.ready()
    t.alike(await backbones.exchange(), ['ok', 'ok'], `${pair} again`)
  }
  t.ok(backbones.neverMet)
  await backbones.close()
})
