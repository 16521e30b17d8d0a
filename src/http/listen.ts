import type { AddressInfo, Server } from 'node:net'
import { IntercomError, messageOf, systemCode } from '../base/errors.ts'
import { quoted } from '../base/text.ts'

export interface ListenFlags {
  readonly host: string
  readonly port: string
}

/** Resolves with where it listens; what it rejects with says which flag to change. */
export function listen(
  server: Server,
  where: { readonly host: string; readonly port: number },
  flags: ListenFlags
): Promise<AddressInfo> {
  return new Promise((resolve, reject) => {
    const handleError = (error: unknown) => {
      server.off('listening', handleListening)
      reject(listenError(error, where, flags))
    }
    const handleListening = () => {
      server.off('error', handleError)
      resolve(server.address() as AddressInfo)
    }
    server.once('error', handleError)
    server.once('listening', handleListening)
    try {
      server.listen(where.port, where.host)
    } catch (error) {
      server.off('error', handleError)
      handleError(error)
    }
  })
}

export function listenError(
  error: unknown,
  { host, port }: { readonly host: string; readonly port: number },
  flags: ListenFlags
): IntercomError {
  const code = systemCode(error) ?? ''
  const at = quoted(host)
  if (code === 'EADDRINUSE') {
    return new IntercomError('port_in_use', `Port ${port} of ${at} is in use (${flags.port}).`, {
      next: `Stop the process that holds the port, or pick another one with ${flags.port} (0: any free one).`,
      cause: error
    })
  }
  if (code === 'EACCES' || code === 'EPERM') {
    return new IntercomError(
      'port_in_use',
      `The system does not let this user listen on port ${port} (${flags.port}).`,
      {
        next: `Pick one above 1023 with ${flags.port} (0: any free one).`,
        cause: error
      }
    )
  }
  const sentence =
    code === 'EADDRNOTAVAIL'
      ? `${at} is not an address of this machine (${flags.host}).`
      : code === 'ENOTFOUND' || code.startsWith('EAI_')
        ? `${at} does not resolve to an address (${flags.host}).`
        : `Cannot listen on ${at} (${flags.host}): ${quoted(messageOf(error), 160)}.`
  return new IntercomError('bad_flag', sentence, {
    next: `Use 127.0.0.1, or an address of this machine, with ${flags.host}.`,
    cause: error
  })
}
