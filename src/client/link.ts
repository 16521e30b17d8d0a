import type { BridgeEvent } from '../bridge/types.ts'
import type { Clock } from './clock.ts'
import { BridgeError, refusalOf } from './errors.ts'
import type { Frame } from './requests.ts'
import type { SocketEvent, WebSocketClass, WebSocketLike } from './socket.ts'

export type Hello = BridgeEvent<'hello'>

/** One connection. */
export interface Link {
  send(text: string): void
  /** It is of no use any more. */
  drop(error: BridgeError): void
  /** Resolves once the socket is closed. */
  close(): Promise<void>
}

export interface LinkOptions {
  readonly url: string
  readonly token: string
  readonly WebSocket: WebSocketClass
  readonly timeoutMs: number
  /** After how long without a word the node is asked whether it is there; 0: never. */
  readonly heartbeatMs: number
  readonly clock: Clock
  /** It is authenticated. */
  readonly handleOpen: (hello: Hello) => void
  /** `size`: characters of its JSON. */
  readonly handleFrame: (frame: Frame, size: number) => void
  /** Once, whether it was open or not. */
  readonly handleEnd: (error: BridgeError) => void
}

/** How long the other side has to answer that the connection closes. */
const CLOSE_TIME = 2000
/** With what a node ends a connection on which more came than it takes as a message. */
const TOO_LARGE = 1009
/** No request has it. */
const HEARTBEAT = JSON.stringify({ type: 'ping', id: 0 })

/** Connects and authenticates. The token goes only to what said hello as a bridge does. */
export function openLink(options: LinkOptions): Link {
  const { url, token, clock } = options
  const socket = openSocket(options)
  const gone = Promise.withResolvers<void>()
  let stage: 'hello' | 'auth' | 'open' | 'ended' = 'hello'
  let hello: Hello | null = null
  let heard = true
  let timer: unknown = clock.setTimeout(
    () => end(new BridgeError('timeout', `No bridge answered at ${url} in time.`)),
    options.timeoutMs
  )

  const end = (error: BridgeError) => {
    if (stage === 'ended') return
    stage = 'ended'
    clock.clearTimeout(timer)
    socket.close()
    options.handleEnd(error)
  }
  const beat = () => {
    timer = clock.setTimeout(() => {
      if (!heard) end(new BridgeError('timeout', 'The node does not answer any more.'))
      else {
        heard = false
        socket.send(HEARTBEAT)
        beat()
      }
    }, options.heartbeatMs)
  }
  const lost = (detail?: string) =>
    stage === 'open'
      ? new BridgeError('closed', 'The connection to the node was lost.', { detail })
      : new BridgeError('cannot_connect', `Cannot connect to ${url}.`, { detail })
  const handleHandshake = (frame: Frame) => {
    if (frame.type === 'error') end(refusalOf(frame, 'unauthorized'))
    else if (hello === null && frame.type === 'hello') {
      hello = frame as Hello
      stage = 'auth'
      socket.send(JSON.stringify({ type: 'auth', token }))
    } else if (hello !== null && frame.type === 'auth_ok') {
      stage = 'open'
      clock.clearTimeout(timer)
      if (options.heartbeatMs > 0) beat()
      options.handleOpen(hello)
    } else end(notBridge(url))
  }

  listen('message', ({ data }) => {
    if (stage === 'ended') return
    heard = true
    try {
      const frame = parseFrame(data)
      if (stage === 'open') options.handleFrame(frame, (data as string).length)
      else handleHandshake(frame)
    } catch (cause) {
      end(notBridge(url, cause))
    }
  })
  // Node 22 says no more than this when a connection cannot be made.
  listen('error', ({ message }) => end(lost(message)))
  listen('close', ({ code, reason }) => {
    gone.resolve()
    const detail = `${reason ?? ''} ${code === undefined ? '' : `Close code ${code}.`}`.trim()
    end(stage === 'open' && code === TOO_LARGE ? tooLarge(reason ?? '') : lost(detail))
  })

  return {
    send: (text) => socket.send(text),
    drop: end,
    close() {
      end(new BridgeError('closed', 'The client was closed.'))
      const late = clock.setTimeout(gone.resolve, CLOSE_TIME)
      return gone.promise.finally(() => clock.clearTimeout(late))
    }
  }

  function listen(type: 'message' | 'error' | 'close', handle: (event: SocketEvent) => void): void {
    socket.addEventListener(type, (event) => handle((event ?? {}) as SocketEvent))
  }
}

function openSocket({ WebSocket, url }: LinkOptions): WebSocketLike {
  try {
    return new WebSocket(url)
  } catch (cause) {
    const detail = cause instanceof Error ? cause.message : String(cause)
    const next = 'Mend the url: it looks like ws://127.0.0.1:49222.'
    throw new BridgeError('cannot_connect', `Cannot connect to ${url}.`, { detail, next, cause })
  }
}

function tooLarge(reason: string): BridgeError {
  const message = `The node does not take a message of this size${reason === '' ? '' : `: ${reason}`}.`
  return new BridgeError('too_large', message, {
    detail: `Close code ${TOO_LARGE}.`,
    next: 'Shorten or split the message.'
  })
}

function notBridge(url: string, cause?: unknown): BridgeError {
  return new BridgeError('protocol', `What answers at ${url} does not speak as an SC-Bridge.`, { cause })
}

function parseFrame(data: unknown): Frame {
  const frame: unknown = JSON.parse(data as string)
  if (typeof frame === 'object' && frame !== null) return frame as Frame
  throw new TypeError('A frame is an object.')
}
