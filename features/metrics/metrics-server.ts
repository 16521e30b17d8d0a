import ReadyResource from 'ready-resource'
import type { OpenedAccess } from '../../src/access/access.ts'
import { Throttle } from '../../src/access/throttle.ts'
import type { Authenticate } from '../../src/access/tokens.ts'
import type { Log } from '../../src/base/log.ts'
import { GuardedServer } from '../../src/http/guarded-server.ts'
import { mountMonitoring } from '../../src/metrics/routes.ts'
import type { IntercomNode } from '../../src/node.ts'
import type { Listening } from '../../src/run-file.ts'

const FLAGS = {
  host: '--metrics-host',
  port: '--metrics-port',
  tlsCert: null,
  tlsKey: null,
  insecureRemote: '--sc-bridge-insecure-remote',
  allowHost: '--sc-bridge-allow-host',
  allowOrigin: '--sc-bridge-allow-origin'
} as const

/** The metrics plane: `GET /metrics` and `GET /healthz` on a port of their own, for nodes without the bridge too. */
export class MetricsServer extends ReadyResource {
  readonly #node: IntercomNode
  readonly #authenticate: Authenticate
  readonly #log: Log
  readonly #server: GuardedServer

  constructor(node: IntercomNode, { authenticate }: Pick<OpenedAccess, 'authenticate'>) {
    super()
    const { config } = node
    this.#node = node
    this.#authenticate = authenticate
    this.#log = node.log.area('metrics')
    this.#server = new GuardedServer({
      host: config.metricsHost,
      port: config.metricsPort,
      tls: null,
      allowHosts: config.scBridgeAllowHost ?? [],
      allowOrigins: config.scBridgeAllowOrigin ?? [],
      insecureRemote: config.scBridgeInsecureRemote,
      flags: FLAGS,
      log: this.#log
    })
  }

  get listening(): Listening {
    const { address, port } = this.#server.address
    return { host: address, port, tls: false }
  }

  protected override async _open(): Promise<void> {
    mountMonitoring(this.#server, this.#node, {
      authenticate: this.#authenticate,
      throttle: new Throttle(),
      log: this.#log,
      server: 'metrics'
    })
    await this.#server.ready()
  }

  protected override async _close(): Promise<void> {
    await this.#server.close()
  }
}
