import ReadyResource from 'ready-resource'
import type { Feature, FeatureHost } from '../../../src/app/feature.ts'
import { IntercomError, messageOf } from '../../../src/base/errors.ts'
import type { IntercomNode } from '../../../src/node.ts'
import type { Applied } from '../engine/events.ts'
import { RULESETS } from '../engine/rules.ts'
import { KEYS } from '../engine/state-keys.ts'
import type { Subnet } from '../subnet.ts'
import type { Attempts } from '../writing/attempts.ts'

/** Between two starts of a feature that fails. */
const AGAIN: { readonly first: number; readonly most: number } = { first: 1000, most: 300_000 }

/** Runs the features of an app on the admin's peer, from the moment it is the admin's until it is no longer. */
export class AppFeatures extends ReadyResource {
  readonly #node: IntercomNode
  readonly #subnet: Subnet
  readonly #features: ReadonlyMap<string, Feature>
  readonly #attempts: Attempts
  readonly #sleeps = new Set<() => void>()
  /** Another one for each time they are started; null while they are not. */
  #run: object | null = null
  /** One change at a time. */
  #last: Promise<void> = Promise.resolve()

  constructor(
    node: IntercomNode,
    subnet: Subnet,
    features: Readonly<Record<string, (host: FeatureHost) => Feature>>,
    attempts: Attempts
  ) {
    super()
    this.#attempts = attempts
    this.#node = node
    this.#subnet = subnet
    for (const [name, create] of Object.entries(features)) subnet.protocol.addFeature(name, create(this.host))
    this.#features = subnet.protocol.features
  }

  get running(): boolean {
    return this.#run !== null
  }

  get host(): FeatureHost {
    const subnet = this.#subnet
    return {
      appendFeature: (feature, key, value) => this.#append(feature, key, value),
      get: (key) => subnet.read(key),
      getSigned: (key) => subnet.readConfirmed(key),
      sleep: (milliseconds) => this.#sleep(milliseconds)
    }
  }

  protected override async _open(): Promise<void> {
    this.#subnet.on('applied', this.#handleApplied)
    this.#subnet.on('writable', this.#check)
    this.#check()
    await this.#last
  }

  protected override async _close(): Promise<void> {
    this.#subnet.off('applied', this.#handleApplied)
    this.#subnet.off('writable', this.#check)
    this.#wake()
    await this.#last
    await this.#stop()
  }

  readonly #handleApplied = ({ changed }: Applied): void => {
    if (changed.has(KEYS.admin)) this.#check()
  }

  readonly #check = (): void => {
    this.#last = this.#last.then(() => this.#decide())
  }

  async #decide(): Promise<void> {
    try {
      const { writable } = this.#subnet
      const should = !this.closing && writable && (await this.#subnet.state().admin()) === this.#node.key
      if (should && !this.running) this.#start()
      if (!should && this.running) await this.#stop()
    } catch (error) {
      if (!this.closing)
        this.#subnet.log.error('the features cannot be looked after', { error: messageOf(error) })
    }
  }

  /** A feature may run for as long as it is started: nobody waits for it. */
  #start(): void {
    const run = {}
    this.#run = run
    for (const [name, feature] of this.#features) {
      this.#subnet.log.info('feature started', { feature: name })
      void this.#keepUp(name, feature, run)
    }
  }

  /** What fails for a while, such as an append, must not end it for good. */
  async #keepUp(name: string, feature: Feature, run: object): Promise<void> {
    for (let wait = AGAIN.first; this.#run === run; wait = Math.min(2 * wait, AGAIN.most)) {
      try {
        return await feature.start()
      } catch (error) {
        if (this.#run !== run) return
        this.#subnet.log.error('a feature failed; it is started again', {
          feature: name,
          error: messageOf(error),
          inSeconds: wait / 1000
        })
      }
      await this.#sleep(wait)
    }
  }

  async #stop(): Promise<void> {
    if (!this.running) return
    this.#run = null
    this.#wake()
    for (const [name, feature] of this.#features) {
      try {
        await feature.stop()
      } catch (error) {
        this.#subnet.log.error('a feature did not stop', { feature: name, error: messageOf(error) })
      }
    }
  }

  async #append(feature: string, key: string, value: unknown): Promise<void> {
    const subnet = this.#subnet
    if (!this.running || !subnet.writable)
      throw new IntercomError('not_writable', 'Peer running features not writable.')
    const rules = (await subnet.rules()) ?? RULESETS[2]
    const op = subnet.pen.feature(rules, feature, key, value)
    const { dispatch } = op.value as { readonly dispatch: { readonly type: string; readonly value: unknown } }
    await this.#attempts.feature(dispatch, this.#node.key, rules)
    const applied = await subnet.append(op)
    if (applied?.accepted === false)
      throw new IntercomError('subnet_refused', `The subnet refused an entry of the feature ${feature}.`)
  }

  #sleep(milliseconds: number): Promise<void> {
    if (!this.running) return Promise.resolve()
    return new Promise((resolve) => {
      const wake = () => {
        clearTimeout(timer)
        this.#sleeps.delete(wake)
        resolve()
      }
      const timer = setTimeout(wake, milliseconds)
      this.#sleeps.add(wake)
    })
  }

  #wake(): void {
    for (const wake of [...this.#sleeps]) wake()
  }
}
