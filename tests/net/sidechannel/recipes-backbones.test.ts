import test from 'brittle'
import { Backbones } from '../../helpers/backbones.ts'

test('five backbones: two peers kept apart talk while two of them are down', {
  timeout: 120_000
}, async (t) => {
  const backbones = await Backbones.open(t, 5)
  await backbones.ready()
  t.alike(await backbones.exchange(), ['ok', 'ok'])
  for (const pair of [
    [0, 1],
    [2, 3]
  ] as const) {
    await backbones.kill(pair)
    t.alike(await backbones.exchange(), ['ok', 'ok'], `without ${pair}`)
    await backbones.restart(pair)
    await backbones.ready()
  }
  // Four of them have been killed by now, and have nothing but what was in their stores.
  t.alike(await backbones.exchange(), ['ok', 'ok'])
  t.ok(
    (await backbones.relayed()).every((count) => count >= 2),
    'all of them pass on'
  )

  await backbones.kill([0, 1, 2, 3, 4])
  await backbones.say(0, 'into the void')
  await backbones.restart([4])
  await backbones.ready()
  t.alike(await backbones.exchange(), ['ok', 'ok'], 'without any nothing arrives; with one it does again')
  t.ok(backbones.neverMet)
  await backbones.close()
})
