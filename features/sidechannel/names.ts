import b4a from 'b4a'
import sodium from 'sodium-universal'
import type { ChannelName } from '../../src/base/channel-name.ts'

export { type ChannelName, channelName, isChannelName, MAX_NAME_BYTES } from '../../src/base/channel-name.ts'

/** Where everybody meets: open to all, never left (spec/sidechannel 1.7). */
export const ENTRY_CHANNEL = '0000intercom' as ChannelName

/** The DHT topic under which a channel's members find each other (spec/sidechannel 1.1). */
export function topicOf(name: ChannelName): Uint8Array {
  const topic = b4a.alloc(32)
  sodium.crypto_hash_sha256(topic, b4a.from(`sidechannel:${name}`))
  return topic
}

/** The Protomux protocol that carries it. */
export function protocolOf(name: ChannelName): string {
  return `sidechannel/${name}`
}
