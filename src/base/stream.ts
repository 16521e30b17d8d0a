import type { Duplex } from 'node:stream'

interface Socket extends Duplex {
  setNoDelay?(on: boolean): unknown
}

/** A TCP or TLS socket, of either runtime. */
export interface ByteStream extends Socket {
  /** There and true from the first `destroy` on, where `destroyed` waits for the end of it. */
  readonly destroying?: boolean
  /** The TCP socket below, where TLS is a stream on top of one. */
  readonly socket?: Socket
}

/** What is read and forgotten of a client that goes on after the last word. */
const MAX_FORGOTTEN_BYTES = 1024 * 1024

export function isGone(socket: ByteStream): boolean {
  return socket.destroyed || socket.destroying === true
}

/** A frame is whole: waiting for more to send along would only delay it. */
export function sendAtOnce(socket: ByteStream): void {
  if (socket.setNoDelay !== undefined) socket.setNoDelay(true)
  else socket.socket?.setNoDelay?.(true)
}

/**
 * A TLS stream on top of a socket says nothing when that one is gone while it waits to write, and goes on
 * reading when it is paused itself: so whatever is done to it is done to the one below too.
 */
export function onGone(socket: ByteStream, gone: () => void): void {
  socket.on('error', gone).on('close', gone)
  socket.socket?.on('close', gone)
}

export function pauseStream(socket: ByteStream): void {
  socket.pause()
  socket.socket?.pause()
}

export function resumeStream(socket: ByteStream): void {
  socket.socket?.resume()
  socket.resume()
}

/**
 * Ends our side, then reads and forgets what still comes, until the other side ends too or the time is up. A
 * socket closed with bytes unread resets the connection, and takes our last words with it.
 */
export function hangUp(
  socket: ByteStream,
  milliseconds: number,
  destroy: () => void,
  mostBytes: number = MAX_FORGOTTEN_BYTES
): NodeJS.Timeout {
  let forgotten = 0
  socket.on('data', (bytes: Uint8Array) => {
    forgotten += bytes.byteLength
    if (forgotten > mostBytes) destroy()
  })
  socket.end()
  resumeStream(socket)
  return setTimeout(destroy, milliseconds)
}

/** These bytes are all that the socket will ever carry from here on. */
export function sayLast(
  socket: ByteStream,
  bytes: Uint8Array,
  milliseconds = 5000,
  mostBytes: number = MAX_FORGOTTEN_BYTES
): void {
  if (isGone(socket)) return
  const destroy = () => {
    clearTimeout(deadline)
    socket.destroy()
  }
  onGone(socket, destroy)
  socket.write(bytes)
  const deadline = hangUp(socket, milliseconds, destroy, mostBytes)
}
