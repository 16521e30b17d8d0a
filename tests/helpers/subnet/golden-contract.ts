import { Contract } from '../../../src/app/contract.ts'

interface Ping {
  readonly msg: string
}
interface Entry {
  readonly key: string
  readonly value: unknown
}

/** The app of the golden view (spec/subnet G5), and a few functions that misbehave. */
export class GoldenContract extends Contract {
  constructor(protocol: unknown = null) {
    super(protocol)
    for (const name of [
      'ping',
      'fail',
      'halfway',
      'reserved',
      'chat',
      'crash',
      'hopeless',
      'clock',
      'leak',
      'asserts'
    ]) {
      this.addFunction(name)
    }
    this.addFunction('notThere')
    this.addSchema('strict', { value: { $$strict: true, $$type: 'object', n: { type: 'bigint' } } })
    this.addFeature('timer_feature', async () => {
      const { key, value } = this.op as Entry
      if (key === 'currentTime') await this.put(key, value)
      if (key === 'bad') throw new TypeError('bad feature')
    })
    this.messageHandler(async () => {
      const { msg } = this.op as Ping
      const at = await this.get('currentTime')
      await this.put('chat_last', { msg, address: this.address, at })
      if (msg === 'veto') return new Error('not here')
      if (msg === 'throw') throw new Error('not here either')
      return undefined
    })
  }

  async ping() {
    await this.put(`app/ping/${this.tx}`, { msg: (this.value as Ping).msg, from: this.address })
  }

  fail() {
    return new Error('7 bad')
  }

  async halfway() {
    await this.put('app/halfway', 1)
    return new Error('halfway')
  }

  async asserts() {
    await this.put('app/asserts', 1)
    this.assert(this.value === 'right', 'wrong value')
  }

  async reserved() {
    await this.put('app/before', 1)
    await this.put('admin', 'me')
  }

  async chat() {
    await this.put('msg/0', this.value ?? 'rewritten')
  }

  async crash() {
    await this.put('app/crash', 1)
    this.assert(false, new Error('thrown by assert'))
  }

  async hopeless() {
    await this.put('app/hopeless', 1)
    return (null as unknown as { a: { b: number } }).a.b
  }

  async clock() {
    await this.get('anything')
    await this.put('app/clock', Date.now())
  }

  /** Nobody waits for these. */
  leak() {
    void this.get('x').then(() => this.put('app/leak', 1))
    void this.put('admin', 'me')
  }

  async strict() {
    await this.put('app/strict', (this.value as { n: string }).n)
  }
}
