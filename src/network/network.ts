import b4a from 'b4a'
import type DHT from 'hyperdht'
import type { KeyPair } from 'hyperdht'
import Hyperswarm, { type Connection } from 'hyperswarm'
import ReadyResource from 'ready-resource'
import sodium from 'sodium-universal'
import { messageOf } from '../base/errors.ts'
import { type Hex32, hex32 } from '../base/hex.ts'
import type { Log } from '../base/log.ts'
import type { HostPort } from '../config/types.ts'
import { addressesOf, createDht, isOnLoopback, type Nat, natOf } from './dht.ts'
import { LOOPBACK, LocalDht } from './local-dht.ts'
import { type Neighbour, type Protocol, type ProtocolHandlers, Protocols } from './protocols.ts'
import { Reachability } from './reachability.ts'
import { Topics } from './topics.ts'
import { type NetworkTotals, Totals } from './totals.ts'

// HyperDHT's own default, 49737, is where the peers of one machine expect their local DHT.
const FIRST_PORT = 49747

// How long a shutdown waits for a DHT that does not answer.
const GOODBYE_TIME = 2500

const CHECK_INTERVAL = { loopback: 2000, other: 15_000 }

export interface NetworkOptions {
  readonly keyPair: Promise<KeyPair>
  /** `null`: the public DHT. */
  readonly bootstrap: readonly HostPort[] | null
  /** Use, and if nobody else does host, the DHT of this machine. */
  readonly localPort: number | null
  readonly log: Log
  readonly now: () => number
  readonly firewall?: (key: Hex32) => boolean
  readonly checkInterval?: number
  /** Neighbours come and go without a line in an ordinary log: on a public node that is all the time. */
  readonly quiet?: boolean
}

export interface NetworkStatus {
  readonly dht: 'public' | 'private' | 'local'
  readonly hosting: boolean
  readonly reachable: boolean | null
  readonly nat: Nat
  readonly socket: string | null
  readonly connections: number
  readonly topics: number
}

/**
 * The node's one swarm. Planes join topics and register protocols here and never touch a socket.
 * Events: `neighbour` and `neighbour-gone` (Neighbour), `reachable` (boolean).
 */
export class Network extends ReadyResource {
  readonly neighbours = new Map<Hex32, Neighbour>()
  readonly #options: NetworkOptions
  readonly #log: Log
  readonly #protocols: Protocols
  readonly #topics: Topics
  readonly #totals = new Totals()
  readonly #connections = new Set<Connection>()
  readonly #streamHandlers = new Set<(connection: Connection) => void>()
  readonly #localDht: LocalDht | null
  #dht: DHT | null = null
  #swarm: Hyperswarm | null = null
  #reachability: Reachability | null = null
  #mark: Uint8Array | null = null

  constructor(options: NetworkOptions) {
    super()
    this.#options = options
    this.#log = options.log
    this.#topics = new Topics(options.log)
    this.#protocols = new Protocols((protocol, error) => {
      this.#log.error('a handler failed; its session was closed', { protocol, error: messageOf(error) })
    })
    const { localPort } = options
    this.#localDht =
      localPort === null
        ? null
        : new LocalDht(localPort, {
            onhost: () => this.#handleHosting(),
            onfault: (error) => this.#log.warn('cannot host the local DHT', { error: messageOf(error) })
          })
  }

  /** Speaks a protocol with every neighbour, present and future. */
  protocol(name: string, handlers: ProtocolHandlers): Protocol {
    return this.#protocols.register(name, handlers)
  }

  /**
   * Hands over every connection, present and future, for libraries that replicate over it beside the protocols.
   * Returns what ends that.
   */
  streams(handler: (connection: Connection) => void): () => void {
    this.#streamHandlers.add(handler)
    for (const connection of this.#connections) handler(connection)
    return () => void this.#streamHandlers.delete(handler)
  }

  /**
   * Finds and is found by the peers of a topic; it may be joined several times and before there is a DHT.
   * Resolves once it is announced, or left.
   */
  join(topic: Uint8Array): Promise<void> {
    return this.#topics.join(topic)
  }

  leave(topic: Uint8Array): Promise<void> {
    return this.#topics.leave(topic)
  }

  status(): NetworkStatus {
    const address = this.#dht?.address() ?? null
    return {
      dht: this.#localDht ? 'local' : this.#options.bootstrap ? 'private' : 'public',
      hosting: this.#localDht?.hosting ?? false,
      reachable: this.#reachability?.reachable ?? null,
      nat: natOf(this.#dht),
      socket: address && `${address.host}:${address.port}`,
      connections: this.neighbours.size,
      topics: this.#topics.size - (this.#mark === null ? 0 : 1)
    }
  }

  /** What was counted since the start; never less than before. */
  totals(): NetworkTotals {
    return this.#totals.read()
  }

  /** Leaves everything as before a sleep; `resume` brings it back. */
  async suspend(): Promise<void> {
    this.#reachability?.pause()
    await this.#swarm?.suspend()
  }

  async resume(): Promise<void> {
    await this.#swarm?.resume()
    this.#reachability?.resume()
  }

  protected override async _open(): Promise<void> {
    await this.#localDht?.ready()
    try {
      await this.#openSwarm()
    } catch (error) {
      await this._close()
      throw error
    }
  }

  protected override async _close(): Promise<void> {
    this.#protocols.close()
    this.#topics.close()
    // A check under way ends when the DHT under it does.
    const checked = this.#reachability?.close()
    await this.#destroySwarm()
    await checked
    await this.#localDht?.close()
  }

  /** Leaves the topics and withdraws the announcements. */
  async #destroySwarm(): Promise<void> {
    const swarm = this.#swarm ?? this.#dht
    if (swarm === null) return
    let timer: ReturnType<typeof setTimeout> | null = null
    const late = new Promise<'late'>((resolve) => {
      timer = setTimeout(() => resolve('late'), GOODBYE_TIME)
    })
    const orderly = swarm.destroy().then(() => 'done' as const)
    const ended = await Promise.race([orderly, late])
    if (timer !== null) clearTimeout(timer)
    if (ended === 'done') return
    this.#log.warn('the DHT did not answer the goodbye; leaving without')
    // With its sockets gone every request fails at once, and so the orderly end comes to its own.
    await this.#dht?.destroy({ force: true })
    await orderly
  }

  async #openSwarm(): Promise<void> {
    const bootstrap = this.#bootstrapNodes()
    const loopback = isOnLoopback(bootstrap)
    // Bootstraps while the key is still being derived.
    const dht = createDht(bootstrap, { port: FIRST_PORT })
    this.#dht = dht
    const keyPair = await this.#options.keyPair
    const { firewall } = this.#options
    const swarm = new Hyperswarm({
      dht,
      keyPair,
      ...(firewall && { firewall: (key) => firewall(hex32(key)) })
    })
    swarm.on('connection', (connection: Connection) => this.#handleConnection(connection))
    this.#swarm = swarm

    const mark = markTopic(keyPair.publicKey)
    if (bootstrap !== null) {
      this.#mark = mark
      void this.join(mark)
    }
    this.#reachability = new Reachability({
      dht,
      bootstrap: addressesOf(bootstrap),
      announced: bootstrap === null ? null : () => isAnnounced(dht, mark, keyPair.publicKey),
      onchange: (reachable) => this.#handleReachable(reachable),
      onforgotten: () => this.#topics.announceAgain('the DHT forgot this peer; announcing again'),
      onfault: (error) => this.#log.warn('the check of the DHT failed', { error: messageOf(error) }),
      interval: this.#options.checkInterval ?? (loopback ? CHECK_INTERVAL.loopback : CHECK_INTERVAL.other)
    })
    this.#reachability.start()
  }

  #bootstrapNodes(): readonly HostPort[] | null {
    if (this.#localDht) return [{ host: LOOPBACK, port: this.#localDht.port }]
    return this.#options.bootstrap
  }

  #handleConnection(connection: Connection): void {
    const neighbour = this.#protocols.connected(connection, this.#options.now())
    this.neighbours.set(neighbour.key, neighbour)
    this.#totals.opened(neighbour)
    this.#connections.add(connection)
    for (const handler of this.#streamHandlers) handler(connection)
    connection.on('error', (error) => {
      this.#log.debug('connection failed', { peer: neighbour.key, error: messageOf(error) })
    })
    connection.on('close', () => {
      this.#protocols.disconnected(connection)
      this.#connections.delete(connection)
      this.#totals.closed(neighbour)
      // Another connection of the same peer may have taken its place.
      if (this.neighbours.get(neighbour.key) !== neighbour) return
      this.neighbours.delete(neighbour.key)
      if (!this.closing) this.#logNeighbour('neighbour gone', neighbour)
      this.emit('neighbour-gone', neighbour)
    })
    this.#logNeighbour('neighbour connected', neighbour)
    this.emit('neighbour', neighbour)
  }

  #logNeighbour(message: string, { key }: Neighbour): void {
    const level = this.#options.quiet === true ? 'debug' : 'info'
    this.#log[level](message, { peer: key, connections: this.neighbours.size })
  }

  #handleReachable(reachable: boolean): void {
    if (reachable) {
      this.#log.info('the DHT answers', { dht: this.#dhtName() })
      if (this.#swarm !== null) this.#topics.handleReachable(this.#swarm)
    } else {
      const remedy = this.#localDht
        ? ' (is another program, or a stopped peer, on that port? --local-port picks another)'
        : ''
      this.#log.warn(`cannot reach the DHT at ${this.#dhtName()}${remedy}; working locally until it answers`)
    }
    this.emit('reachable', reachable)
  }

  #handleHosting(): void {
    this.#log.info('hosting the local DHT', { address: `${LOOPBACK}:${this.#options.localPort}` })
  }

  #dhtName(): string {
    const nodes = this.#bootstrapNodes()
    return nodes === null
      ? 'the public bootstrap nodes'
      : nodes.map(({ host, port }) => `${host}:${port}`).join(', ')
  }
}

/** A topic only this peer announces: looking it up shows whether a DHT still holds our records. */
function markTopic(publicKey: Uint8Array): Uint8Array {
  const topic = b4a.alloc(32)
  sodium.crypto_hash_sha256(topic, b4a.concat([b4a.from('intercom:mark:'), publicKey]))
  return topic
}

async function isAnnounced(dht: DHT, topic: Uint8Array, publicKey: Uint8Array): Promise<boolean> {
  for await (const reply of dht.lookup(topic)) {
    if (reply.peers.some((peer) => b4a.equals(peer.publicKey, publicKey))) return true
  }
  return false
}
