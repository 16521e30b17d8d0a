import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import b4a from 'b4a'
import ReadyResource from 'ready-resource'
import sodium from 'sodium-universal'
import process from '#process'
import type { OpenedAccess } from '../../src/access/access.ts'
import { Throttle } from '../../src/access/throttle.ts'
import { deferred } from '../../src/base/deferred.ts'
import { IntercomError, messageOf } from '../../src/base/errors.ts'
import { toHex } from '../../src/base/hex.ts'
import { sayLast } from '../../src/base/stream.ts'
import { ENVELOPE_BYTES, PATIENCE, PENDING, STRANGER } from '../../src/bridge/limits.ts'
import type { Lease } from '../../src/http/acceptor.ts'
import { createComplaint } from '../../src/http/complaint.ts'
import { GuardedServer } from '../../src/http/guarded-server.ts'
import { replyBytes, textReply } from '../../src/http/reply.ts'
import { mountMonitoring } from '../../src/metrics/routes.ts'
import type { IntercomNode } from '../../src/node.ts'
import type { PlaneMessage, SidechannelPlane } from '../../src/planes.ts'
import type { Listening } from '../../src/run-file.ts'
import { textFrame } from '../../src/websocket/frames.ts'
import { upgradeResponse } from '../../src/websocket/handshake.ts'
import { WebSocketConnection } from '../../src/websocket/socket.ts'
import { BridgeClient } from './client.ts'
import type { FeedEvent } from './feed.ts'
import { parseFilter } from './filter.ts'
import { History } from './history.ts'
import type { Counts, Hub } from './hub.ts'
import { createRequestHandler } from './requests.ts'
import { SubnetEvents } from './subnet-events.ts'

/** How long clients have to hear that the node is closing. */
const FAREWELL_TIME = 500

/** SC-Bridge: the authenticated WebSocket through which agents use this node (spec/bridge). */
export class ScBridge extends ReadyResource {
  readonly #node: IntercomNode
  readonly #plane: SidechannelPlane
  readonly #server: GuardedServer
  readonly #clients = new Set<BridgeClient>()
  readonly #hub: Hub
  readonly #counts: Counts
  #subnetEvents: SubnetEvents | null = null
  #stopCollecting: () => void = () => {}
  /** The last client is gone. */
  readonly #deserted = deferred<void>()

  constructor(node: IntercomNode, access: OpenedAccess) {
    super()
    const { config } = node
    const plane = node.planes.sidechannel
    if (plane === null) throw new IntercomError('closed', 'The sidechannels are not open.')
    // One that no client could have is a mistake of whoever starts the node.
    parseFilter(config.scBridgeFilter ?? '')
    this.#node = node
    this.#plane = plane
    this.#server = createServer(node, (...upgrade) => this.#handleUpgrade(...upgrade))
    this.#counts = createCounts(node)
    const log = node.log.area('bridge')
    const handle = createRequestHandler(node, plane)
    this.#hub = {
      // What clients do is for --sc-bridge-debug; the rest of the log is as it is everywhere.
      log: config.scBridgeDebug ? { ...log, debug: log.info } : log,
      now: monotonic,
      history: new History(config.sidechannelHistory),
      throttle: new Throttle(),
      complainOfToken: createComplaint(log, 'a client presented a wrong token', monotonic),
      counts: this.#counts,
      epoch: randomEpoch(),
      entryChannel: plane.entryChannel,
      defaultFilter: config.scBridgeFilter ?? '',
      filterChannels: config.scBridgeFilterChannel === null ? null : new Set(config.scBridgeFilterChannel),
      allowsCli: config.scBridgeCli,
      maxFrameBytes: config.sidechannelMaxBytes + ENVELOPE_BYTES,
      hello: () => ({
        type: 'hello',
        peer: node.key,
        address: node.address,
        entryChannel: plane.entryChannel,
        filter: config.scBridgeFilter ?? '',
        requiresAuth: true
      }),
      authenticate: access.authenticate,
      handle
    }
  }

  /** Where it listens. */
  get listening(): Listening {
    const { address, port } = this.#server.address
    return { host: address, port, tls: this.#server.isSecure }
  }

  /** What waits for the client for which most does. */
  get waitingBytes(): number {
    return Math.max(0, ...[...this.#clients].map((client) => client.waitingBytes))
  }

  protected override async _open(): Promise<void> {
    mountMonitoring(this.#server, this.#node, {
      authenticate: this.#hub.authenticate,
      throttle: this.#hub.throttle,
      log: this.#hub.log,
      server: 'bridge'
    })
    await this.#server.ready()
    this.#plane.on('message', this.#handleMessage)
    this.#plane.on('request', this.#handleRequest)
    this.#plane.on('left', this.#handleLeft)
    const { subnet } = this.#node.planes
    if (subnet !== null) this.#subnetEvents = new SubnetEvents(subnet, this.#clients, this.#hub.log)
    this.#stopCollecting = this.#node.metrics.collect(() => {
      const authenticated = [...this.#clients].filter((client) => client.authenticated).length
      return {
        bridge_clients: [
          [{ state: 'authenticated' }, authenticated],
          [{ state: 'pending' }, this.#server.connections.pending]
        ],
        bridge_history_messages: this.#hub.history.messages,
        bridge_history_bytes: this.#hub.history.bytes
      }
    })
  }

  protected override async _close(): Promise<void> {
    this.#stopCollecting()
    this.#plane.off('message', this.#handleMessage)
    this.#plane.off('request', this.#handleRequest)
    this.#plane.off('left', this.#handleLeft)
    await this.#subnetEvents?.close()
    await this.#sayFarewell()
    await this.#server.close()
  }

  /** What is said last has to be on its way before the connections are ended. */
  async #sayFarewell(): Promise<void> {
    if (this.#clients.size === 0) return
    for (const client of this.#clients) client.close(1001, 'The node is closing.')
    const deadline = setTimeout(this.#deserted.resolve, FAREWELL_TIME)
    await this.#deserted.promise
    clearTimeout(deadline)
  }

  #handleMessage = ({ channel, message: received, verified }: PlaneMessage): void => {
    const { id, from, origin, sig = null, relayedBy = null, ttl, ts, message } = received
    const kept = this.#hub.history.add(channel, (seq) =>
      textFrame(
        JSON.stringify({
          ...{
            type: 'sidechannel_message',
            channel,
            seq,
            id,
            from,
            origin,
            sig,
            relayedBy,
            ttl,
            ts,
            message
          },
          verified
        })
      )
    )
    this.#deliver({ channel, ...kept }, message)
  }

  #handleRequest = ({ channel, from }: { channel: string; from: string }): void => {
    const frame = textFrame(JSON.stringify({ type: 'open_request', channel, from }))
    this.#deliver({ channel: null, seq: 0, frame }, null, channel)
  }

  #handleLeft = (channel: string): void => this.#hub.history.forget(channel)

  #deliver(event: FeedEvent, message: unknown, about: string | null = null): void {
    for (const client of this.#clients) {
      if (about === null || client.mayUse(about)) client.deliver(event, message)
    }
  }

  #handleUpgrade(request: IncomingMessage, socket: Duplex, head: Uint8Array, lease: Lease): void {
    if (this.closing) {
      sayLast(socket, replyBytes(textReply(503, 'The node is closing.')))
      return
    }
    // The gate lets nobody through without a key.
    socket.write(upgradeResponse(request.headers['sec-websocket-key'] ?? ''))
    let client: BridgeClient | null = null
    const connection = new WebSocketConnection(
      socket,
      head,
      {
        onmessage: (text) => client?.handleText(text),
        ondrain: () => client?.handleDrain(),
        onclose: () => {
          if (client === null) return
          client.handleClose()
          this.#clients.delete(client)
          if (this.closing && this.#clients.size === 0) this.#deserted.resolve()
        },
        onfault: (error) => this.#hub.log.error('a client was disconnected', { error: messageOf(error) })
      },
      {
        limit: STRANGER.frameBytes,
        budget: { ...STRANGER, reason: 'Authenticate first.' },
        patience: PATIENCE
      }
    )
    client = new BridgeClient(this.#hub, connection, lease)
    this.#clients.add(client)
  }
}

/** Milliseconds, in a clock that setting the time does not move. */
function monotonic(): number {
  return process.uptime() * 1000
}

type Upgrade = NonNullable<ConstructorParameters<typeof GuardedServer>[0]['onupgrade']>

function createServer(node: IntercomNode, onupgrade: Upgrade): GuardedServer {
  const { config } = node
  const { scBridgeHost: host, scBridgePort: port, scBridgeTlsCert: cert, scBridgeTlsKey: key } = config
  return new GuardedServer({
    host,
    port,
    tls: { cert, key },
    pending: PENDING,
    allowHosts: config.scBridgeAllowHost ?? [],
    allowOrigins: config.scBridgeAllowOrigin ?? [],
    insecureRemote: config.scBridgeInsecureRemote,
    flags: {
      host: '--sc-bridge-host',
      port: '--sc-bridge-port',
      tlsCert: '--sc-bridge-tls-cert',
      tlsKey: '--sc-bridge-tls-key',
      insecureRemote: '--sc-bridge-insecure-remote',
      allowHost: '--sc-bridge-allow-host',
      allowOrigin: '--sc-bridge-allow-origin'
    },
    log: node.log.area('bridge'),
    onupgrade
  })
}

function createCounts({ metrics }: IntercomNode): Counts {
  const requests = metrics.counter('bridge_requests_total')
  const events = metrics.counter('bridge_events_total')
  const [sent, dropped] = [events.at({ outcome: 'sent' }), events.at({ outcome: 'dropped' })]
  const failed = metrics.counter('auth_failures_total').at({ server: 'bridge' })
  return { request: (type, code) => requests.add({ type, code }), sent, dropped, wrongToken: failed }
}

function randomEpoch(): string {
  const bytes = b4a.alloc(16)
  sodium.randombytes_buf(bytes)
  return toHex(bytes)
}
