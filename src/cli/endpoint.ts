import path from '#path'
import { IntercomError } from '../base/errors.ts'
import { quoted } from '../base/text.ts'
import { environmentNames, FLAGS, type FlagKey } from '../config/flags.ts'
import type { Resolved } from '../config/resolve.ts'
import { isLoopbackHost } from '../http/host.ts'
import { type Listening, type RunState, readRunFile } from '../run-file.ts'
import { notListening, type Store } from './not-listening.ts'
import { readPem, tokenFromFile } from './secrets.ts'

/** Where the bridge is, and what to say there. */
export interface Endpoint {
  readonly url: string
  readonly token: string
  /** How an error names its place. */
  readonly tokenFrom: string
  /** PEM of the certificate to trust; null: what the system trusts. */
  readonly ca: string | null
}

type Token = Pick<Endpoint, 'token' | 'tokenFrom'>

const TOKEN_PLACES: Readonly<Record<string, string>> = {
  flag: '--sc-bridge-token',
  environment: environmentNames('scBridgeToken').join(', ')
}

type Setting = Pick<Resolved, 'config' | 'sources'>

/** Flags and environment win over what the node wrote into its store. Each way to fail has a next step of its own. */
export function findEndpoint(setting: Setting, url: string | undefined, now: number): Endpoint {
  const { config } = setting
  const store = {
    name: config.peerStoreName,
    stores: config.peerStoresDirectory,
    folder: path.join(config.peerStoresDirectory, config.peerStoreName)
  }
  const run = readRunFile(store.folder, now)
  const pem = config.scBridgeTlsCert === null ? null : readPem(config.scBridgeTlsCert)
  const given = url === undefined ? givenAddress(setting, run) : fromUrl(url)
  const at = given ?? run.info?.bridge ?? null
  if (at === null || (given === null && run.state !== 'running')) throw notListening(store, run, now)
  const tls = at.tls || (url === undefined && pem !== null)
  return {
    url: url ?? `${tls ? 'wss' : 'ws'}://${urlHost(at.host)}:${at.port}`,
    ...tokenOf(setting, store, run, at),
    ca: tls ? pem : null
  }
}

/** Null when neither a flag nor the environment says where. */
function givenAddress(setting: Setting, { info }: RunState): Listening | null {
  const { scBridgeHost, scBridgePort } = setting.config
  const bridge = info?.bridge ?? null
  const host = isGiven(setting, 'scBridgeHost') ? scBridgeHost : null
  // Port 0 let the node choose: which one it has, it says itself.
  const port = isGiven(setting, 'scBridgePort') && scBridgePort !== 0 ? scBridgePort : null
  if (port === null && (host === null || host === bridge?.host)) return null
  const at = {
    host: host ?? bridge?.host ?? scBridgeHost,
    port: port ?? (scBridgePort || FLAGS.scBridgePort.default)
  }
  return { ...at, tls: bridge?.tls === true && bridge.port === at.port }
}

function fromUrl(url: string): Listening {
  const { hostname, port, protocol } = new URL(url)
  const tls = protocol === 'wss:'
  return {
    host: hostname.replace(/^\[(.*)\]$/, '$1'),
    port: port === '' ? (tls ? 443 : 80) : Number(port),
    tls
  }
}

/** What is typed now wins over what is set for long. What a store holds is for no other machine than this. */
function tokenOf({ config, sources }: Setting, store: Store, { info }: RunState, at: Listening): Token {
  const isHere = isLoopbackHost(at.host) || at.host === info?.bridge?.host
  for (const source of ['flag', 'environment', ...(isHere ? ['config file'] : [])]) {
    if (config.scBridgeToken !== null && sources.scBridgeToken === source)
      return { token: config.scBridgeToken, tokenFrom: TOKEN_PLACES[source] ?? 'config.json' }
    if (config.scBridgeTokenFile !== null && sources.scBridgeTokenFile === source)
      return fileToken(config.scBridgeTokenFile)
  }
  if (isHere && typeof info?.tokenFile === 'string') return fileToken(info.tokenFile)
  if (!isHere) {
    throw new IntercomError(
      'no_token',
      `No token for ${quoted(at.host)}: that of a store stays on this machine.`
    )
  }
  const message =
    info === null
      ? `No token: no node runs on the store ${quoted(store.folder, 300)}.`
      : `The node of the store ${quoted(store.folder, 300)} was given its token at its start, so no file holds it.`
  throw new IntercomError('no_token', message)
}

function fileToken(file: string): Token {
  return { token: tokenFromFile(file), tokenFrom: quoted(file, 300) }
}

function isGiven({ sources }: Setting, key: FlagKey): boolean {
  return sources[key] === 'flag' || sources[key] === 'environment'
}

/** An address that stands for all of a machine is none to connect to. */
function urlHost(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1'
  if (host === '::') return '[::1]'
  return host.includes(':') ? `[${host.replace(/^\[|\]$/g, '')}]` : host
}
