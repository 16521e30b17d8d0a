import type { IntercomNode } from './node.ts'

/** What a person wants to copy right after a start, one value a line. */
export function banner(node: IntercomNode, version: string): string[] {
  return [
    `Intercom ${version}`,
    `Peer pubkey (hex): ${node.key}`,
    `Peer trac address (bech32m): ${node.address}`,
    `Peer store: ${node.store.folder}`
  ]
}
