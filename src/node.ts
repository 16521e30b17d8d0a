import b4a from 'b4a'
import ReadyResource from 'ready-resource'
import path from '#path'
import { deferred } from './base/deferred.ts'
import { IntercomError, messageOf } from './base/errors.ts'
import { type Hex32, hex32, toHex } from './base/hex.ts'
import type { Log } from './base/log.ts'
import { createSigner, type Signer } from './base/signature.ts'
import { CommandRegistry } from './commands/registry.ts'
import type { Config } from './config/flags.ts'
import { encodeAddress } from './identity/address.ts'
import type { Wallet } from './identity/key-file.ts'
import { readPassword } from './identity/password.ts'
import { ensurePrivate, openWallet } from './identity/wallet.ts'
import { type Health, healthInShort, healthOf } from './metrics/health.ts'
import { collectNode } from './metrics/node-metrics.ts'
import { Metrics } from './metrics/registry.ts'
import { Vitals } from './metrics/vitals.ts'
import { Network } from './network/network.ts'
import type { Planes } from './planes.ts'
import { PeerStore } from './store/peer-store.ts'

export interface NodeOptions {
  readonly config: Config
  readonly log: Log
  readonly now?: () => number
  /** Whom this peer will not be connected to. */
  readonly firewall?: (key: Hex32) => boolean
}

/**
 * One peer: its store, its identity, its place in the network and the commands it answers to. Planes get
 * this object and nothing else.
 */
export class IntercomNode extends ReadyResource {
  readonly config: Config
  readonly log: Log
  readonly now: () => number
  readonly store: PeerStore
  readonly network: Network
  readonly commands = new CommandRegistry()
  readonly metrics: Metrics
  readonly vitals: Vitals
  /** What the planes that are open offer each other. */
  readonly planes: Planes = { sidechannel: null, subnet: null }
  readonly #keyPair = deferred<Wallet>()
  #wallet: Wallet | null = null
  #signer: Signer | null = null
  #openedAt = 0

  constructor(options: NodeOptions) {
    super()
    const { config, firewall } = options
    this.config = config
    this.log = options.log
    this.now = options.now ?? Date.now
    this.store = new PeerStore(path.join(config.peerStoresDirectory, config.peerStoreName), {
      now: this.now,
      log: this.log,
      health: () => healthInShort(this.health())
    })
    this.network = new Network({
      keyPair: this.#keyPair.promise,
      bootstrap: config.dhtBootstrap,
      localPort: config.local ? config.localPort : null,
      log: this.log.area('network'),
      now: this.now,
      quiet: config.sidechannelQuiet,
      ...(firewall && { firewall })
    })
    this.metrics = new Metrics((error) => {
      this.log.error('a part of the metrics is missing', { error: messageOf(error) })
    })
    this.vitals = new Vitals({ metrics: this.metrics, folder: this.store.folder, log: this.log })
    collectNode(this)
    // Whoever asks for the health from outside need not wait for a heartbeat.
    this.network.on('reachable', () => void this.store.runFile.update())
  }

  get wallet(): Wallet {
    if (this.#wallet === null) throw new IntercomError('closed', 'The node is not open.')
    return this.#wallet
  }

  /** The peer's public key: its name on every wire. */
  get key(): Hex32 {
    return hex32(this.wallet.publicKey)
  }

  /** Signs with that key. */
  get signer(): Signer {
    this.#signer ??= createSigner(this.wallet)
    return this.#signer
  }

  /** The same key as a `trac1…` address. */
  get address(): string {
    return encodeAddress(this.wallet.publicKey)
  }

  uptime(): number {
    return this.now() - this.#openedAt
  }

  health(): Health {
    const use = this.vitals.disk.use()
    const { sidechannel, subnet } = this.planes
    return healthOf({
      uptimeMs: this.uptime(),
      dhtReachable: this.network.status().reachable,
      lostShare: this.vitals.lag.lostShare(),
      storeWritable: this.store.runFile.writable,
      freeBytes: use?.freeBytes ?? null,
      announced: sidechannel?.started ?? null,
      subnetRuns: subnet === null ? null : subnet.interrupted === null,
      subnetSplit: subnet?.split ?? null
    })
  }

  protected override async _open(): Promise<void> {
    this.#openedAt = this.now()
    await this.store.ready()
    try {
      // The DHT is asked for a way in while the key file is being decrypted.
      const parts = await Promise.allSettled([this.network.ready(), this.#openWallet()])
      for (const part of parts) if (part.status === 'rejected') throw part.reason
    } catch (error) {
      await this._close()
      throw error
    }
  }

  protected override async _close(): Promise<void> {
    // In reverse, and each step even when the one before it failed.
    this.vitals.close()
    await this.#step('network', () => this.network.close())
    await this.#step('store', () => this.store.close())
  }

  async #step(name: string, close: () => Promise<void>): Promise<void> {
    try {
      await close()
    } catch (error) {
      this.log.error('closing failed', { part: name, error: messageOf(error) })
    }
  }

  async #openWallet(): Promise<void> {
    try {
      const { keyFile } = this.store
      const password = readPassword(this.config.walletPasswordFile)
      if (password.byteLength > 0) this.log.secret(b4a.toString(password))
      const { wallet, isNew } = await openWallet(keyFile, password)
      if (isNew) {
        const say = this.store.isNew ? this.log.info : this.log.warn
        say(
          this.store.isNew ? 'made a new identity' : 'this store had lost its key file: made a new identity',
          {
            file: keyFile
          }
        )
      } else if (await ensurePrivate(keyFile)) {
        this.log.warn('the key file was readable by others; now it is not', { file: keyFile })
      }
      this.log.secret(toHex(wallet.secretKey))
      this.log.secret(toHex(wallet.secretKey.subarray(0, 32)))
      if (wallet.mnemonic !== null) this.log.secret(wallet.mnemonic)
      this.#wallet = wallet
      this.#keyPair.resolve(wallet)
    } catch (error) {
      this.#keyPair.reject(error)
      throw error
    }
  }
}
