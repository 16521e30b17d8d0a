import { IntercomError } from '../base/errors.ts'
import { quoted } from '../base/text.ts'
import { isLoopbackHost, isOrigin, parseHost } from './host.ts'
import type { ListenFlags } from './listen.ts'
import type { TlsFlags } from './tls.ts'

/** As they are typed, with their dashes; null where the server's owner has no such flag. */
export interface ServerFlags extends ListenFlags, TlsFlags {
  readonly insecureRemote: string | null
  readonly allowHost: string | null
  readonly allowOrigin: string | null
}

export interface Lists {
  readonly allowHosts: readonly string[]
  readonly allowOrigins: readonly string[]
}

/** An entry that could never match is a mistake, and better found now. */
export function checkLists({ allowHosts, allowOrigins }: Lists, flags: ServerFlags): void {
  const badHost = allowHosts.find((entry) => parseHost(entry) === null)
  if (badHost !== undefined) {
    throw new IntercomError(
      'bad_flag',
      `${flags.allowHost ?? 'allowed hosts'}: ${quoted(badHost)} is not a host.`,
      {
        next: 'Give a name or an address (IPv6 in brackets), with ":port" or for any port.'
      }
    )
  }
  const badOrigin = allowOrigins.find((entry) => !isOrigin(entry))
  if (badOrigin !== undefined) {
    throw new IntercomError(
      'bad_flag',
      `${flags.allowOrigin ?? 'allowed origins'}: ${quoted(badOrigin)} is not an origin.`,
      { next: 'Give "scheme://host" or "scheme://host:port", without a path.' }
    )
  }
}

/** A name it was told to listen on is one by which it may be called. */
export function ownName(host: string, port: number): string[] {
  return parseHost(host)?.isAddress === false && !isLoopbackHost(host) ? [`${host}:${port}`] : []
}

export function remoteRefused(host: string, flags: ServerFlags): IntercomError {
  const { tlsCert, tlsKey, insecureRemote } = flags
  const remedies = [
    ...(tlsCert !== null && tlsKey !== null ? [`${tlsCert} and ${tlsKey}`] : []),
    ...(insecureRemote !== null ? [`${insecureRemote} 1`] : [])
  ]
  const needs = remedies.length === 0 ? 'is not possible' : `needs ${remedies.join(', or ')}`
  return new IntercomError('bad_flag', `Listening on ${quoted(host)}, beyond this machine, ${needs}.`, {
    next: `Give one of them, or listen on 127.0.0.1 with ${flags.host} and put a proxy in front.`
  })
}
