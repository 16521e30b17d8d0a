import DHT from 'hyperdht'
import ReadyResource from 'ready-resource'
import UDX from 'udx-native'
import { IntercomError, systemCode } from '../base/errors.ts'

export const LOOPBACK = '127.0.0.1'

// How long a machine's peers are without a DHT after its host was killed.
const TAKEOVER_INTERVAL = 1000

export interface LocalDhtOptions {
  readonly onhost?: () => void
  /** Trying to take over failed for another reason than that somebody hosts it; it is tried again. */
  readonly onfault?: (error: unknown) => void
  readonly interval?: number
}

/**
 * The DHT of the peers of one machine: a bootstrap node on a loopback port. Whoever can bind the port
 * hosts it, in its own process; the others keep trying, so when the host goes another takes over.
 */
export class LocalDht extends ReadyResource {
  readonly port: number
  readonly #onhost: () => void
  readonly #onfault: (error: unknown) => void
  readonly #interval: number
  #node: DHT | null = null
  #timer: ReturnType<typeof setTimeout> | null = null
  #trying: Promise<void> | null = null

  constructor(port: number, options: LocalDhtOptions = {}) {
    super()
    this.port = port
    this.#onhost = options.onhost ?? (() => {})
    this.#onfault = options.onfault ?? (() => {})
    this.#interval = options.interval ?? TAKEOVER_INTERVAL
  }

  get hosting(): boolean {
    return this.#node !== null
  }

  protected override async _open(): Promise<void> {
    await this.#tryToHost()
    this.#tryLater()
  }

  protected override async _close(): Promise<void> {
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = null
    await this.#trying
    await this.#node?.destroy()
    this.#node = null
  }

  #tryLater(): void {
    if (this.hosting || this.closing) return
    this.#timer = setTimeout(() => {
      this.#trying = this.#tryToHost()
        .catch(this.#onfault)
        .then(() => {
          this.#trying = null
          this.#tryLater()
        })
    }, this.#interval)
  }

  async #tryToHost(): Promise<void> {
    if (!(await isFree(this.port))) return
    const node = DHT.bootstrapper(this.port, LOOPBACK, { host: LOOPBACK })
    try {
      await node.fullyBootstrapped()
    } catch (error) {
      // Another peer was quicker by a hair; destroying what could not bind fails for the same reason.
      await node.destroy().catch((closing: unknown) => rethrowUnlessInUse(closing))
      rethrowUnlessInUse(error)
      return
    }
    this.#node = node
    this.#onhost()
  }
}

/** A DHT node that cannot bind leaves a watcher behind, so ask with a bare socket first. */
export async function isFree(port: number): Promise<boolean> {
  const socket = new UDX().createSocket()
  try {
    socket.bind(port, LOOPBACK)
    return true
  } catch (error) {
    rethrowUnlessInUse(error)
    return false
  } finally {
    await socket.close()
  }
}

function rethrowUnlessInUse(error: unknown): void {
  const code = systemCode(error)
  if (code === 'EADDRINUSE') return
  if (code !== 'EACCES' && code !== 'EPERM') throw error
  throw new IntercomError(
    'port_in_use',
    'The system does not let this user listen on the port of the local DHT.',
    {
      next: 'Pick one above 1023 with --local-port.',
      cause: error
    }
  )
}
