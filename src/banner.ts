import { printable } from './base/text.ts'
import { type SubnetJoiner, subnetJoiner } from './config/subnet-joiner.ts'
import { identityLines } from './identity/address.ts'
import type { IntercomNode } from './node.ts'
import type { Listening } from './run-file.ts'

/** What a person wants to copy right after a start, one value a line. */
export function banner(node: IntercomNode, version: string): string[] {
  const { subnet } = node.planes
  const isMaker = subnet !== null && subnet.bootstrap === subnet.writerKey
  return [
    `Intercom ${version}`,
    ...(subnet === null
      ? []
      : [
          `Peer subnet bootstrap: ${subnet.bootstrap}`,
          `Peer subnet channel: ${subnet.channel === null ? 'none' : printable(subnet.channel)}`
        ]),
    ...identityLines(node.wallet.publicKey),
    ...(subnet === null ? [] : [`Peer writer key (hex): ${subnet.writerKey}`]),
    `Peer store: ${node.store.folder}`,
    ...(isMaker ? joinerLines(subnetJoiner(node.config, subnet)) : [])
  ]
}

function joinerLines({ line, note }: SubnetJoiner): string[] {
  return [`Others join this subnet with: ${line}`, ...(note === null ? [] : [note])]
}

/** What a subnet that was just made needs before it is of use. */
export async function firstSteps(node: IntercomNode): Promise<string[]> {
  const { subnet } = node.planes
  if (subnet === null || subnet.bootstrap !== subnet.writerKey) return []
  if ((await subnet.get('admin', false)) !== null) return []
  return [`The subnet has no admin yet: /add_admin --address ${node.key} makes this peer the admin.`]
}

export function bridgeLine({ tls, ...at }: Listening, tokenFile: string | null): string {
  return `SC-Bridge: ${tls ? 'wss' : 'ws'}://${hostPort(at)} (token ${tokenPlace(tokenFile)})`
}

export function metricsLine(at: Listening, tokenFile: string | null): string {
  return `Metrics: http://${hostPort(at)}/metrics (token ${tokenPlace(tokenFile)})`
}

/** `tokenFile`: undefined where nobody is asked for a token. */
export function rpcLine({ tls, ...at }: Listening, tokenFile: string | null | undefined): string {
  const who = tokenFile === undefined ? 'open to everybody' : `token ${tokenPlace(tokenFile)}`
  return `RPC listening at ${tls ? 'https' : 'http'}://${hostPort(at)} (${who})`
}

function hostPort({ host, port }: Pick<Listening, 'host' | 'port'>): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`
}

/** Never the token itself. */
function tokenPlace(file: string | null): string {
  return file === null ? 'as given' : `in ${file}`
}
