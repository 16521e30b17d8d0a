import b4a from 'b4a'
import test from 'brittle'
import fc from 'fast-check'
import {
  channelName,
  ENTRY_CHANNEL,
  isChannelName,
  MAX_NAME_BYTES,
  protocolOf,
  topicOf
} from '../../../features/sidechannel/names.ts'
import { channel } from '../../../src/config/types.ts'
import { name, vectors } from './helpers.ts'

test('topics and protocols are those of the wire', (t) => {
  for (const vector of vectors().topics) {
    const channel = channelName(vector.name)
    // One of them is longer than a name may be.
    if (channel === null) t.ok(b4a.byteLength(vector.name) > MAX_NAME_BYTES)
    else {
      t.is(b4a.toString(topicOf(channel), 'hex'), vector.topic, vector.name)
      t.is(protocolOf(channel), vector.protocol)
    }
  }
  t.is(channelName(ENTRY_CHANNEL), ENTRY_CHANNEL)
})

test('what is a name and what is not', (t) => {
  t.is(channelName(' a\t'), 'a')
  t.is(channelName('a b, c:d/é'), 'a b, c:d/é')
  t.is(channelName('é'.repeat(64)), 'é'.repeat(64))
  for (const bad of [
    '',
    '  ',
    'é'.repeat(65),
    'a\nb',
    'a\u0000',
    'a\u007fb',
    'a\u0085b',
    '\ud800',
    'x'.repeat(129)
  ])
    t.is(channelName(bad), null, JSON.stringify(bad))
  for (const bad of [null, undefined, 1, {}, [], true, 'x'.repeat(1_000_000)]) t.is(channelName(bad), null)
  t.ok(isChannelName('a'))
  t.absent(isChannelName(' a'))
})

test('a flag takes the same names, but for commas', (t) => {
  const unit = fc.constantFrom('a', ' ', ',', ':', '\t', '\u0000', '\u0085', 'é', '\ud800', '😀')
  fc.assert(
    fc.property(fc.string({ unit, maxLength: 140 }), (text) => {
      const flag = channel.parse(text, () => '') ?? null
      return flag === (channelName(text)?.includes(',') ? null : channelName(text))
    })
  )
  t.pass()
})

test('whatever text comes, a name is trimmed, short and visible', (t) => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
      const channel = channelName(text)
      if (channel === null) return true
      return channel === text.trim() && b4a.byteLength(channel) <= 128 && name(channel) === channel
    })
  )
  t.pass()
})
