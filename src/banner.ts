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

export function bridgeLine({ host, port, tls }: Listening, tokenFile: string | null): string {
  const at = `${tls ? 'wss' : 'ws'}://${host.includes(':') ? `[${host}]` : host}:${port}`
  return `SC-Bridge: ${at} (token ${tokenFile === null ? 'as given' : `in ${tokenFile}`})`
}
