import test from 'brittle'
import { Following } from '../../../features/sc-bridge/following.ts'

test('none named: every channel', (t) => {
  const following = new Following()
  t.ok(following.has('a'))
  following.add(['a', 'b', 'a'])
  t.alike(following.named, ['a', 'b'])
  t.alike([following.has('a'), following.has('c')], [true, false])
  following.remove(['a', 'c'])
  t.alike([following.has('a'), following.has('b')], [false, true])
  following.remove(['b'])
  t.ok(following.has('a'), 'every channel again')
})

test('names are bounded, and what is refused changes nothing', (t) => {
  const following = new Following()
  const names = Array.from({ length: 4096 }, (_, i) => String(i))
  following.add(names)
  t.exception(() => following.add(['one more']), /at most 4096/)
  t.exception(() => following.add(['0', 'one more']), /at most 4096/)
  t.is(following.named.length, 4096)
  following.add(['0', '1'])
  following.clear()
  t.alike(following.named, [])
  t.exception(() => following.add([...names, 'one more']), /at most 4096/)
  t.ok(following.has('anything'))
})
