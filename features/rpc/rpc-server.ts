import ReadyResource from 'ready-resource'
import type { RpcAccess } from '../../src/access/access.ts'
import { type Admitted, type Caller, createBearerCheck } from '../../src/access/bearer.ts'
import { Throttle } from '../../src/access/throttle.ts'
import { IntercomError, messageOf } from '../../src/base/errors.ts'
import type { Log } from '../../src/base/log.ts'
import { parametersOf } from '../../src/http/gate.ts'
import { GuardedServer, type RouteRequest } from '../../src/http/guarded-server.ts'
import { emptyReply, type Reply } from '../../src/http/reply.ts'
import type { IntercomNode } from '../../src/node.ts'
import { type Checked, checkInput, parseBody } from '../../src/rpc/check.ts'
import { ENDPOINT_NAMES, ENDPOINTS, type EndpointName, type EndpointRow } from '../../src/rpc/endpoints.ts'
import { openApi } from '../../src/rpc/openapi.ts'
import type { Listening } from '../../src/run-file.ts'
import type { SubnetPlane } from '../../src/subnet-plane.ts'
import { createHandlers, earlyRefusal, type Handlers } from './handlers.ts'
import { createDress, jsonReply, Refused, replyToError } from './replies.ts'

const MIB = 1024 * 1024
const BODY_TIME = 10_000
/** How many bodies of the largest size are read at a time. */
const BODIES = 4
/** Where nobody has a token, all have the time and the room of strangers. */
const PUBLIC = { max: 256, timeMs: 30_000 }

const FLAGS = {
  host: '--rpc-host',
  port: '--rpc-port',
  tlsCert: '--rpc-tls-cert',
  tlsKey: '--rpc-tls-key',
  insecureRemote: '--rpc-insecure-remote',
  allowHost: '--rpc-allow-host',
  allowOrigin: '--rpc-allow-origin'
} as const

/** The HTTP RPC: the state of the subnet, and transactions that were signed elsewhere (spec/subnet 6). */
export class RpcServer extends ReadyResource {
  readonly #node: IntercomNode
  readonly #plane: SubnetPlane
  readonly #log: Log
  readonly #server: GuardedServer
  readonly #handlers: Handlers
  readonly #isPublic: boolean
  readonly #isExposed: boolean
  readonly #check: (caller: Caller) => Promise<Admitted>
  #description: Promise<{ openapi: string }> | null = null

  constructor(node: IntercomNode, { authenticate }: Pick<RpcAccess, 'authenticate'>) {
    super()
    const plane = node.planes.subnet
    if (plane === null) throw new IntercomError('no_subnet', 'The subnet is not open.')
    this.#node = node
    this.#plane = plane
    this.#log = node.log.area('rpc')
    this.#isPublic = authenticate === null
    this.#isExposed = node.config.apiTxExposed
    this.#check = createBearerCheck({
      authenticate: authenticate ?? (() => null),
      throttle: new Throttle(),
      log: this.#log,
      what: 'the RPC',
      onwrong: () => node.metrics.counter('auth_failures_total').add({ server: 'rpc' })
    })
    this.#handlers = createHandlers({ node, plane, describe: () => this.#describe() })
    this.#server = createServer(node, this.#isPublic, this.#log)
  }

  get listening(): Listening {
    const { address, port } = this.#server.address
    return { host: address, port, tls: this.#server.isSecure }
  }

  protected override async _open(): Promise<void> {
    const requests = this.#node.metrics.counter('rpc_requests_total')
    for (const name of ENDPOINT_NAMES) {
      const { method, path } = ENDPOINTS[name]
      const route = async (request: RouteRequest) => {
        const reply = await this.#answer(name, request)
        requests.add({ endpoint: name, status: String(reply.status) as `${number}` })
        return reply
      }
      if (method === 'GET') this.#server.get(path, route)
      else this.#server.post(path, route)
    }
    this.#server.preflight(() => emptyReply(204))
    await this.#server.ready()
  }

  protected override async _close(): Promise<void> {
    await this.#server.close()
  }

  async #answer(name: EndpointName, request: RouteRequest): Promise<Reply> {
    const { isOpen }: EndpointRow = ENDPOINTS[name]
    if (isOpen !== true && !this.#isPublic) {
      const admitted = await this.#check(request)
      if (!admitted.ok) return admitted.refusal
    }
    try {
      const given = await givenBy(name, request)
      if ('status' in given) return given
      const refusal = earlyRefusal(name, accepted(given), this.#isExposed)
      if (refusal !== null) throw refusal
      return jsonReply(await this.#call(name, accepted(given)))
    } catch (error) {
      return replyToError(error, (fault) =>
        this.#log.error('a request failed', { endpoint: name, reason: messageOf(fault) })
      )
    }
  }

  async #call<E extends EndpointName>(name: E, given: object): Promise<object> {
    return this.#handlers[name](accepted(checkInput(name, given)))
  }

  /** The app is the same for as long as the node runs. */
  #describe(): Promise<{ openapi: string }> {
    this.#description ??= this.#makeDescription()
    return this.#description
  }

  async #makeDescription(): Promise<{ openapi: string }> {
    // Who does not ask for it does not wait for it.
    const { toJsonSchema } = await import('@valibot/to-json-schema')
    const { contract } = this.#plane.contractSchema()
    const { host, port, tls } = this.listening
    const url = `${tls ? 'https' : 'http'}://${host.includes(':') ? `[${host}]` : host}:${port}`
    return openApi(toJsonSchema, { app: contract, isPublic: this.#isPublic, url }) as { openapi: string }
  }
}

/** The fields of a request, not checked yet; or the answer of a server that could not read it. */
async function givenBy(name: EndpointName, request: RouteRequest): Promise<Checked<object> | Reply> {
  if (ENDPOINTS[name].method === 'GET') {
    const parameters = parametersOf(request.url)
    if (parameters === null)
      throw new Refused('bad_request', 'Invalid parameters: expected UTF-8, percent-encoded.')
    return { ok: true, value: Object.fromEntries(parameters) }
  }
  if ((request.headers['content-encoding'] ?? 'identity') !== 'identity')
    throw new Refused('bad_request', 'Invalid Content-Encoding: send the body as it is.')
  const body = await request.readBody()
  return body instanceof Uint8Array ? parseBody(body) : body
}

function accepted<T>(checked: Checked<T>): T {
  if (!checked.ok) throw new Refused(checked.code, checked.error)
  return checked.value
}

function createServer(node: IntercomNode, isPublic: boolean, log: Log): GuardedServer {
  const { config } = node
  const { rpcAllowOrigin: origin, rpcMaxBodyBytes: maxBytes } = config
  return new GuardedServer({
    host: config.rpcHost,
    port: config.rpcPort,
    tls: { cert: config.rpcTlsCert, key: config.rpcTlsKey },
    allowHosts: config.rpcAllowHost ?? [],
    allowOrigins: origin === null || origin === '*' ? [] : [origin],
    anyOrigin: origin === '*',
    parameters: ['key'],
    body: { maxBytes, timeMs: BODY_TIME, totalBytes: Math.max(16 * MIB, BODIES * maxBytes) },
    ...(isPublic && { pending: PUBLIC }),
    dress: createDress(origin),
    insecureRemote: config.rpcInsecureRemote,
    flags: FLAGS,
    log
  })
}
