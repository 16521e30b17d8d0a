import test from 'brittle'
import { Backbones } from '../../helpers/backbones.ts'

test('five backbones: two peers kept apart talk while two of them are down', {
  timeout: 120_000
}, async (t) => {
  const backbones = await Backbones.open(t, 5)
  await backbones.ready()
  await backbones.kill([0, 1])
  t.alike(await backbones.exchange(), ['ok', 'ok'], 'without the first two')
  await backbones.restart([0, 1])
  await backbones.ready()
  await backbones.kill([2, 3])
  t.alike(await backbones.exchange(), ['ok', 'ok'], 'without the next two')
  await backbones.relayed(2)
  t.pass('those that were killed, too, pass on, with nothing but what is in their stores')

  await backbones.kill([0, 1, 4])
  await backbones.say(0, 'into the void')
  await backbones.restart([2, 3])
  await backbones.ready()
  t.alike(await backbones.exchange(), ['ok', 'ok'], 'without any nothing arrives; with two it does again')
  t.ok(backbones.neverMet)
  await backbones.close()
})
