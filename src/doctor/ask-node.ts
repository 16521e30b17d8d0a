import type { IncomingMessage } from 'node:http'
import b4a from 'b4a'
import http from '#http'
import https from '#https'
import { messageOf } from '../base/errors.ts'
import { printable } from '../base/text.ts'
import { readPem, tokenFromFile } from '../cli/secrets.ts'
import type { Config } from '../config/flags.ts'
import { START_MS } from '../metrics/health.ts'
import type { Listening, RunState } from '../run-file.ts'

/** A node that runs says how it is: its metrics, where it serves them. */
export type NodeAnswer =
  | { readonly state: 'off' }
  /** It runs, and cannot be asked. */
  | { readonly state: 'silent'; readonly why: string; readonly remedy: string }
  | { readonly state: 'told'; readonly samples: Samples }

/** By name, with the value of the one label behind a colon: `health:dht`. */
export type Samples = ReadonlyMap<string, number>

const ANSWER_MS = 5000
const MOST_BYTES = 4 * 1024 * 1024
const SAMPLE = /^intercom_(\w+?)(?:\{\w+="([^"\\]*)"\})? (-?[\d.e+-]+)$/gm

/** Of a node that has the lock of its store. */
export async function askNode({ state, info }: RunState, config: Config): Promise<NodeAnswer> {
  if (info === null || state === 'dead')
    return silent('run.json does not say where it is', 'If it is just starting, ask again in a moment.')
  if (state === 'silent') {
    return silent(
      'it gives no sign of life',
      'See whether it hangs, was suspended (Ctrl-Z) or has a full disk.'
    )
  }
  const at = info.metrics ?? info.bridge
  if (at === null) {
    return silent(
      'it serves neither metrics nor SC-Bridge',
      'Start it with --metrics 1 or --sc-bridge 1, then ask again.'
    )
  }
  try {
    const token = tokenOf(config, info.tokenFile)
    if (token === null) {
      return silent(
        'it was given its token at its start, so no file holds it',
        'Give the same token: --sc-bridge-token-file, or SC_BRIDGE_TOKEN in the environment.'
      )
    }
    const ca = at.tls && config.scBridgeTlsCert !== null ? readPem(config.scBridgeTlsCert) : null
    return { state: 'told', samples: samplesOf(await get(at, token, ca)) }
  } catch (error) {
    const why = printable(messageOf(error)).replace(/\.$/, '')
    const isTls = /certificate/i.test(why)
    return silent(
      why,
      isTls
        ? 'Name its certificate: --sc-bridge-tls-cert <file>.'
        : 'See its log; is the token that of this very node?'
    )
  }
}

function silent(why: string, remedy: string): NodeAnswer {
  return { state: 'silent', why, remedy }
}

function tokenOf({ scBridgeToken, scBridgeTokenFile }: Config, written: string | null): string | null {
  if (scBridgeToken !== null) return scBridgeToken
  const file = scBridgeTokenFile ?? written
  return file === null ? null : tokenFromFile(file)
}

/** What is missing of the network may still be to come. */
export function isStarting(samples: Samples): boolean {
  return (samples.get('uptime_seconds') ?? 0) * 1000 < START_MS
}

export function samplesOf(text: string): Samples {
  return new Map(
    [...text.matchAll(SAMPLE)].map(([, name = '', label, value]) => [
      label === undefined ? name : `${name}:${label}`,
      Number(value)
    ])
  )
}

/** The text of `/metrics`. */
function get(at: Listening, token: string, ca: string | null): Promise<string> {
  const host = at.host === '0.0.0.0' ? '127.0.0.1' : at.host === '::' ? '::1' : at.host
  const options = {
    ...{ host, port: at.port, path: '/metrics', method: 'GET', agent: false as const },
    headers: {
      host: `${host.includes(':') ? `[${host}]` : host}:${at.port}`,
      authorization: `Bearer ${token}`,
      connection: 'close'
    },
    ...(ca !== null && { ca: b4a.from(ca) })
  }
  return new Promise((resolve, reject) => {
    const asked = at.tls ? https.request(options) : http.request(options)
    const timer = setTimeout(() => {
      reject(new Error(`it gave no answer within ${ANSWER_MS / 1000} s`))
      asked.destroy()
    }, ANSWER_MS)
    const done = (end: () => void) => {
      clearTimeout(timer)
      end()
    }
    asked.on('error', (error) => done(() => reject(error)))
    asked.on('response', (answer: IncomingMessage) => {
      read(answer).then(
        (text) => done(() => resolve(text)),
        (error: unknown) => done(() => reject(error))
      )
    })
    asked.end()
  })
}

function read(answer: IncomingMessage): Promise<string> {
  const parts: Uint8Array[] = []
  let size = 0
  return new Promise((resolve, reject) => {
    answer.on('error', reject)
    answer.on('data', (part: Uint8Array) => {
      size += part.byteLength
      if (size <= MOST_BYTES) parts.push(part)
      else reject(new Error('its answer is too large'))
    })
    answer.on('end', () => {
      if (answer.statusCode === 200) resolve(b4a.toString(b4a.concat(parts)))
      else reject(new Error(`it refused the question (${answer.statusCode})`))
    })
  })
}
