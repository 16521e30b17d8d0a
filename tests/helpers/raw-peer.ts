import b4a from 'b4a'
import { raw } from 'compact-encoding'
import DHT from 'hyperdht'
import type { Connection } from 'hyperswarm'
import Protomux from 'protomux'
import { type SidechannelMessage, signMessage } from '../../features/sidechannel/wire.ts'
import { createSigner, type Signer } from '../../src/base/signature.ts'
import type { HostPort } from '../../src/config/types.ts'
import { LOOPBACK } from '../../src/network/local-dht.ts'
import { Heard } from './heard.ts'
import { seedKeyPair } from './swarm.ts'
import type { Scope } from './tmp.ts'

/** A way for raw peers into a DHT of the test's own. */
export function openRawDht(t: Scope, bootstrap: readonly HostPort[]): DHT {
  const dht = new DHT({
    bootstrap: bootstrap.map(({ host, port }) => `${host}:${port}`),
    host: LOOPBACK,
    firewalled: false
  })
  t.teardown(() => dht.destroy(), { order: 10 })
  return dht
}

/** A neighbour without any of our code on its wire: Protomux over a connection, keys from a seed. */
export class RawPeer {
  readonly signer: Signer
  readonly connection: Connection
  readonly mux: Protomux
  readonly closed: Promise<void>

  constructor(dht: DHT, target: { readonly key: string }, fill: number) {
    const keyPair = seedKeyPair(fill)
    this.signer = createSigner(keyPair)
    this.connection = dht.connect(b4a.from(target.key, 'hex'), { keyPair }) as Connection
    // It may be ended by the other side at any time.
    this.connection.on('error', () => {})
    this.closed = new Promise((resolve) => this.connection.on('close', () => resolve()))
    this.mux = Protomux.from(this.connection)
  }

  /** Resolves once the other side takes part too; null when it does not. */
  open(channel: string): Promise<RawChannel | null> {
    return RawChannel.open(this, channel)
  }

  /** Resolves with the channel, which has to open. */
  async join(channel: string): Promise<RawChannel> {
    const opened = await this.open(channel)
    if (opened === null) throw new Error(`${channel} was not opened`)
    return opened
  }

  async end(): Promise<void> {
    this.connection.destroy()
    await this.closed
  }
}

export class RawChannel {
  /** The frames that came. */
  readonly frames = new Heard<Uint8Array>()
  readonly name: string
  readonly #peer: RawPeer
  readonly #send: (frame: Uint8Array) => boolean
  readonly #close: () => void

  static open(peer: RawPeer, name: string, protocol = `sidechannel/${name}`): Promise<RawChannel | null> {
    return new Promise((resolve) => {
      const channel = peer.mux.createChannel({
        protocol,
        onopen: () => resolve(opened),
        onclose: () => resolve(null)
      })
      if (channel === null) throw new Error(`${name} is open already`)
      const message = channel.addMessage<Uint8Array>({
        encoding: raw,
        onmessage: (frame) => opened.frames.add(b4a.from(frame))
      })
      const opened = new RawChannel(
        peer,
        name,
        (frame) => message.send(frame),
        () => channel.close()
      )
      channel.open()
    })
  }

  constructor(peer: RawPeer, name: string, send: (frame: Uint8Array) => boolean, close: () => void) {
    this.#peer = peer
    this.name = name
    this.#send = send
    this.#close = close
  }

  close(): void {
    this.#close()
  }

  /** The messages that came, decoded by other code than ours. */
  get messages(): SidechannelMessage[] {
    return this.frames.all.map((frame) => JSON.parse(jsonOf(frame)))
  }

  sendFrame(frame: Uint8Array): boolean {
    return this.#send(frame)
  }

  sendJson(text: string): boolean {
    return this.#send(frameOf(text))
  }

  send(message: unknown): boolean {
    return this.sendJson(JSON.stringify(message))
  }

  /** A message of this peer's own, signed and sent. */
  say(message: unknown, fields: Partial<SidechannelMessage> = {}): SidechannelMessage {
    const made = this.message(message, fields)
    this.send(made)
    return made
  }

  message(message: unknown, fields: Partial<SidechannelMessage> = {}): SidechannelMessage {
    const draft = { channel: this.name, message, ts: fields.ts ?? Date.now(), ttl: 3 }
    return { ...signMessage(draft, this.#peer.signer), ...fields }
  }
}

/** JSON as compact-encoding's `json` frames it. */
export function frameOf(json: string): Uint8Array {
  const bytes = b4a.from(json)
  const { length } = bytes
  if (length < 0xfd) return b4a.concat([b4a.from([length]), bytes])
  if (length <= 0xffff) return b4a.concat([b4a.from([0xfd, length & 0xff, length >> 8]), bytes])
  const size = [length & 0xff, (length >> 8) & 0xff, (length >> 16) & 0xff, length >>> 24]
  return b4a.concat([b4a.from([0xfe, ...size]), bytes])
}

export function jsonOf(frame: Uint8Array): string {
  const marker = frame[0] ?? 0
  return b4a.toString(frame.subarray(marker < 0xfd ? 1 : marker === 0xfd ? 3 : 5))
}
