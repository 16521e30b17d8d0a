import type { Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'
import b4a from 'b4a'
import net from '#net'
import tls from '#tls'
import { IntercomError, messageOf } from '../base/errors.ts'
import { readSmallFile } from '../base/small-file.ts'
import { quoted } from '../base/text.ts'

export interface TlsFiles {
  readonly cert: string | null
  readonly key: string | null
}

export interface TlsFlags {
  readonly tlsCert: string | null
  readonly tlsKey: string | null
}

/** Puts the server's side of TLS over a connection. */
export type SecureSocket = (raw: Socket) => TLSSocket

/** Null without a certificate; an error that names the flag when the pair cannot serve. */
export async function createTls(files: TlsFiles | null, flags: TlsFlags): Promise<SecureSocket | null> {
  const { cert, key } = files ?? { cert: null, key: null }
  if (cert === null && key === null) return null
  const [certFlag, keyFlag] = [flags.tlsCert ?? 'the certificate', flags.tlsKey ?? 'its key']
  if (cert === null || key === null) {
    const [given, missing] = key === null ? [certFlag, keyFlag] : [keyFlag, certFlag]
    throw new IntercomError('bad_flag', `${given} needs ${missing} beside it.`, { next: `Give ${missing}.` })
  }
  const pair = { cert: read(cert, certFlag), key: read(key, keyFlag) }
  try {
    const secure = createSecure(pair)
    await probe(secure)
    return secure
  } catch (error) {
    throw new IntercomError(
      'bad_flag',
      `${certFlag} ${quoted(cert)} and ${keyFlag} ${quoted(key)} do not serve TLS together: ${firstLine(messageOf(error))}.`,
      { next: 'Give a PEM certificate and its own PEM key, without a password.', cause: error }
    )
  }
}

function createSecure({ cert, key }: { cert: Uint8Array; key: Uint8Array }): SecureSocket {
  // Where the runtime can keep what it read, it is not read again for each connection.
  const secureContext = tls.createSecureContext?.({ cert: b4a.from(cert), key: b4a.from(key) })
  const options = secureContext === undefined ? { cert, key } : { secureContext }
  return (raw) => new tls.TLSSocket(raw, { isServer: true, ...options } as tls.TLSSocketOptions)
}

/** Over a socket that goes nowhere: Bare tells what is wrong with the pair only there. */
async function probe(secure: SecureSocket): Promise<void> {
  const raw = new net.Socket()
  const socket = secure(raw) as TLSSocket & { destroying?: boolean }
  const failed = new Promise<unknown>((resolve) => socket.on('error', resolve))
  try {
    if (socket.destroying) throw await failed
  } finally {
    socket.destroy()
    raw.destroy()
  }
}

function read(file: string, flag: string): Uint8Array {
  try {
    return b4a.from(readSmallFile(file))
  } catch (error) {
    throw new IntercomError(
      'bad_flag',
      `${flag}: ${quoted(file)} cannot be read: ${firstLine(messageOf(error))}.`,
      {
        next: 'Check the path and the permissions of the file.',
        cause: error
      }
    )
  }
}

function firstLine(text: string): string {
  return quoted(text.split('\n', 1)[0] ?? '', 160).slice(1, -1)
}
