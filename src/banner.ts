import type { IntercomNode } from './node.ts'
import type { Listening } from './run-file.ts'

/** What a person wants to copy right after a start, one value a line. */
export function banner(node: IntercomNode, version: string): string[] {
  return [
    `Intercom ${version}`,
    `Peer pubkey (hex): ${node.key}`,
    `Peer trac address (bech32m): ${node.address}`,
    `Peer store: ${node.store.folder}`
  ]
}

export function bridgeLine({ tls, ...at }: Listening, tokenFile: string | null): string {
  return `SC-Bridge: ${tls ? 'wss' : 'ws'}://${hostPort(at)} (token ${tokenPlace(tokenFile)})`
}

export function metricsLine(at: Listening, tokenFile: string | null): string {
  return `Metrics: http://${hostPort(at)}/metrics (token ${tokenPlace(tokenFile)})`
}

function hostPort({ host, port }: Pick<Listening, 'host' | 'port'>): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`
}

/** Never the token itself. */
function tokenPlace(file: string | null): string {
  return file === null ? 'as given' : `in ${file}`
}
