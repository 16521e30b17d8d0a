import { RpcServer } from '../../features/rpc/rpc-server.ts'
import { loadApp } from '../../features/subnet/app/load-app.ts'
import { openRpcAccess } from '../../src/access/access.ts'
import type { Config } from '../../src/config/flags.ts'
import { type HttpAnswer, httpAsk } from './scrape.ts'
import { type MemberOptions, type OpenMember, openMember } from './subnet/member.ts'
import { startDht } from './swarm.ts'
import type { Scope } from './tmp.ts'

export const RPC_TOKEN = 'fedcba9876543210fedcba9876543210'

export interface JsonAnswer extends HttpAnswer {
  /** What the body says. */
  readonly json: Readonly<Record<string, unknown>>
}

export interface Served {
  readonly port: number
  /** With the token, unless other headers say otherwise. */
  get(path: string, headers?: Readonly<Record<string, string>>): Promise<JsonAnswer>
  post(path: string, body: unknown, headers?: Readonly<Record<string, string>>): Promise<JsonAnswer>
}

export interface OpenedRpc extends OpenMember, Served {
  /** Another server of the same node, as if it had been started with these. */
  serve(change: Partial<Config>): Promise<Served>
}

/** A whole node with the sample app and its RPC in the test's process, with flags as on the command line. */
export async function openRpc(
  t: Scope,
  flags: readonly string[] = [],
  options: MemberOptions = {}
): Promise<OpenedRpc> {
  const app = options.app ?? (await loadApp(null))
  const member = await openMember(t, await startDht(t), ['--rpc', '1', ...flags], { ...options, app })
  const { node } = member
  const own = node.config
  const serve = async (change: Partial<Config>) => {
    // On a port that is free, which no flag can ask for.
    const config = { ...own, rpcPort: 0, rpcToken: RPC_TOKEN, ...change }
    Object.defineProperty(node, 'config', { value: config })
    try {
      const server = new RpcServer(node, await openRpcAccess(node))
      t.teardown(() => server.close(), { order: 10 })
      await server.ready()
      return served(server.listening.port)
    } finally {
      Object.defineProperty(node, 'config', { value: own })
    }
  }
  return { ...member, ...(await serve({})), serve }
}

function served(port: number): Served {
  const bearer = { Authorization: `Bearer ${RPC_TOKEN}` }
  return {
    port,
    get: async (path, headers = bearer) => jsonOf(await httpAsk(port, path, { headers })),
    post: async (path, body, headers = bearer) => {
      const text = typeof body === 'string' || body instanceof Uint8Array ? body : JSON.stringify(body)
      return jsonOf(await httpAsk(port, path, { method: 'POST', headers, body: text }))
    }
  }
}

/** Whatever it is about, an answer with a body is a JSON object. */
export function jsonOf(answer: HttpAnswer): JsonAnswer {
  const json = answer.body === '' ? {} : JSON.parse(answer.body)
  if (answer.body !== '' && answer.headers['content-type'] !== 'application/json')
    throw new Error(`not said to be JSON: ${answer.body}`)
  return { ...answer, json }
}
