import { Contract } from 'intercom/app'

interface Submission {
  readonly op: string
  readonly some_key: string
}

interface TimerEntry {
  readonly key: string
  readonly value: unknown
}

/**
 * The sample app: replace it by yours. The same operations must have the same effect on every peer, so a
 * contract reads its operation and its storage and nothing else, and writes last.
 */
export class SampleContract extends Contract {
  constructor(protocol: unknown, config: unknown = {}) {
    super(protocol, config)

    // Callable by transactions, whatever their value is.
    this.addFunction('storeSomething')
    this.addFunction('readSnapshot')
    this.addFunction('readChatLast')
    this.addFunction('readTimer')

    // Callable by transactions whose dispatch fits.
    this.addSchema('submitSomething', {
      value: {
        $$strict: true,
        $$type: 'object',
        op: { type: 'string', min: 1, max: 128 },
        some_key: { type: 'string', min: 1, max: 128 }
      }
    })
    this.addSchema('readKey', {
      value: {
        $$strict: true,
        $$type: 'object',
        op: { type: 'string', min: 1, max: 128 },
        key: { type: 'string', min: 1, max: 256 }
      }
    })
    this.addSchema('feature_entry', {
      key: { type: 'string', min: 1, max: 256 },
      value: { type: 'any' }
    })

    this.addFeature('timer_feature', () => this.keepTime())
    this.messageHandler(() => this.rememberMessage())
  }

  async storeSomething(): Promise<void> {
    if ((await this.get('something')) === null) await this.put('something', 'there is something')
  }

  async submitSomething(): Promise<unknown> {
    const { some_key } = this.value as Submission
    if (some_key === '') return new Error('Cannot be empty')
    const timestamp = await this.get('currentTime')
    this.log('submitted by', this.address, { ...(this.value as Submission), timestamp })
    return this.put(`submitted_by/${this.address}`, some_key)
  }

  async readSnapshot(): Promise<void> {
    this.log('something:', await this.get('something'))
    this.log('currentTime:', await this.get('currentTime'))
  }

  async readChatLast(): Promise<void> {
    this.log('chat_last:', await this.get('chat_last'))
  }

  async readTimer(): Promise<void> {
    this.log('currentTime:', await this.get('currentTime'))
  }

  async readKey(): Promise<void> {
    const { key } = this.value as { readonly key: string }
    this.log(`${key}:`, await this.get(key))
  }

  /** The admin's timer feature tells the time; the contract has no clock of its own. */
  async keepTime(): Promise<void> {
    if (!this.check.validateSchema('feature_entry', this.op)) return
    const { key, value } = this.op as TimerEntry
    if (key !== 'currentTime') return
    if ((await this.get('currentTime')) === null) this.log('timer started at', value)
    await this.put('currentTime', value)
  }

  /** An error returned here would refuse the message. */
  async rememberMessage(): Promise<void> {
    const { msg } = this.op as { readonly msg: string }
    const at = await this.get('currentTime')
    await this.put('chat_last', { msg, address: this.address, at })
  }
}
