import { blake3 } from '@noble/hashes/blake3.js'
import b4a from 'b4a'
import test from 'brittle'
import {
  channelBuffer,
  newChannel,
  subnetProtocol,
  subnetTopic,
  topicsOf
} from '../../../features/subnet/members/place.ts'
import { hex32, toHex } from '../../../src/base/hex.ts'

const [ONE, OTHER] = [hex32(b4a.alloc(32, 0x11)), hex32(b4a.alloc(32, 0x22))]

test('the names of ruleset 2: the topic is a hash of the bootstrap', (t) => {
  t.is(
    toHex(blake3(b4a.from('hello'))),
    'ea8f163db38682925e4491c5e58d4bb3506ef8c14eb78a86e908c5624a67200f',
    'it is that hash'
  )
  const preimage = b4a.from(`${toHex(b4a.from('intercom-subnet-v2'))}${'11'.repeat(32)}`, 'hex')
  t.is(preimage.byteLength, 50)
  t.is(toHex(subnetTopic(ONE)), toHex(blake3(preimage)))
  t.is(toHex(subnetTopic(ONE)), '26b2bf2a3280562a134a0d96f7c51fb66b9e7655e0d06f9462b2d2407b1074d4')
  t.is(toHex(subnetTopic(OTHER)), '27484ed60f4db0c21d0efd3889e10abf8c63ae67553fb3279f052c90717be41c')
  t.is(subnetProtocol(ONE), `subnet/2/${'11'.repeat(32)}`)
})

test('the names of ruleset 1: the channel over and over, cut to 32 bytes', (t) => {
  const named = (channel: string) => b4a.toString(channelBuffer(channel))
  t.is(named('trac-peer-subnet'), 'trac-peer-subnettrac-peer-subnet')
  t.is(named('my-app-v1'), 'my-app-v1my-app-v1my-app-v1my-ap')
  t.is(named(`${'x'.repeat(32)}y`), 'x'.repeat(32))
  t.is(channelBuffer('ü').byteLength, 32)
  t.is(named('ab'), named('abab'), 'as deployed peers have it')
  t.is(channelBuffer(newChannel()).byteLength, 32)
  t.not(named(newChannel()), named(newChannel()))
  t.exception(() => channelBuffer(''), /is empty/)
})

test('where it can be found whatever its ruleset is', (t) => {
  const names = (bootstrap: typeof ONE | null, channel: string | null) =>
    topicsOf({ bootstrap, channel }, OTHER).map((topic) => toHex(topic))
  const old = toHex(channelBuffer('ab'))
  t.alike(names(ONE, 'ab'), [toHex(subnetTopic(ONE)), old])
  t.alike(names(ONE, null), [toHex(subnetTopic(ONE))])
  t.alike(names(null, 'ab'), [toHex(subnetTopic(OTHER)), old], 'one of its own')
})
