/** What a feature needs of the node: it writes as the admin, or not at all. */
export interface FeatureHost {
  /** Appends a `feature` operation signed with the local wallet. Rejects where that cannot have an effect. */
  appendFeature(feature: string, key: string, value: unknown): Promise<void>
  get(key: string): Promise<unknown>
  getSigned(key: string): Promise<unknown>
  sleep(milliseconds: number): Promise<void>
}

/**
 * A part of an app that runs on the admin's node and brings the outside world into the contract, by operations
 * that every peer applies alike.
 */
export class Feature {
  readonly peer: FeatureHost
  readonly options: Readonly<Record<string, unknown>>
  /** The name it has in operations, given when it is added to the protocol. */
  key = ''

  constructor(peer: FeatureHost, options: Readonly<Record<string, unknown>> = {}) {
    this.peer = peer
    this.options = options
  }

  async start(_options: Readonly<Record<string, unknown>> = {}): Promise<void> {
    throw new Error('Not implemented: start(options = {})')
  }

  async stop(_options: Readonly<Record<string, unknown>> = {}): Promise<void> {
    throw new Error('Not implemented: stop(options = {})')
  }

  append(key: string, value: unknown): Promise<void> {
    return this.peer.appendFeature(this.key, key, value)
  }

  get(key: string): Promise<unknown> {
    return this.peer.get(key)
  }

  getSigned(key: string): Promise<unknown> {
    return this.peer.getSigned(key)
  }

  sleep(milliseconds: number): Promise<void> {
    return this.peer.sleep(milliseconds)
  }
}
