import b4a from 'b4a'
import fs from '#fs'
import process from '#process'
import { encodeFrame } from '../../../../features/subnet/dry-run/frames.ts'
import { PIPES } from '../../../../features/subnet/dry-run/messages.ts'
import { Contract } from '../../../../src/app/contract.ts'
import type { Protocol } from '../../../../src/app/protocol.ts'

// Where no guard sees it.
let leftBehind = () => {}
setInterval(() => leftBehind(), 20).unref()

let runs = 0
const answers = new Map<string, unknown>()

const keys = (count: number) => Array.from({ length: count }, (_, i) => `key/${i}`)

/** An app with all a contract can do to the process that runs it, and a few things it should. */
export default class HostileContract extends Contract<Protocol> {
  constructor(protocol: Protocol) {
    super(protocol)
    for (const name of [...ORDINARY, ...HOSTILE]) this.addFunction(name)
  }

  async remember() {
    const before = await this.get('key/1')
    await this.put('app/remembered', { value: this.value, before, by: this.address, tx: this.tx })
    await this.del('key/2')
    this.log('remembered', this.value)
    return { remembered: await this.get('app/remembered'), gone: await this.get('key/2') }
  }

  async sum() {
    const values = await Promise.all(keys(50).map((key) => this.get(key)))
    return values.reduce((sum: number, value) => sum + (value as number), 0)
  }

  async throughProtocol() {
    return this.protocol.get('key/3')
  }

  /** Past the engine, which lets one of them through at a time. */
  async readAll() {
    return (await Promise.all(keys(2000).map((key) => this.get(key)))).length
  }

  async refuse() {
    await this.put('app/refused', 1)
    return new Error('not like this')
  }

  assertion() {
    this.assert(this.value === 'right', 'wrong value')
  }

  reserved() {
    return this.put('admin', 'me')
  }

  clock() {
    return Date.now()
  }

  broken() {
    return (null as unknown as { a: number }).a
  }

  big() {
    return 1n
  }

  echo() {
    return this.value
  }

  /** Fails where nobody waits for it. */
  unheard() {
    void (async () => {
      await this.get('key/1')
      throw new Error('unheard')
    })()
    return 'returned'
  }

  print() {
    fs.writeSync(1, 'to standard output\n')
    fs.writeSync(2, 'to standard error\n')
    return 'printed'
  }

  environment() {
    return Object.keys(process.env)
  }

  loop() {
    for (;;);
  }

  async loopOfReads() {
    for (;;) await this.get('key/1')
  }

  /** Says that it is there, past the engine, and stays. */
  loopBehindParent() {
    const frame = encodeFrame({ type: 'get', run: this.value, id: 0, key: 'waiting' }, 1000)
    if (frame !== null) fs.writeSync(PIPES.out, frame)
    for (;;);
  }

  regex() {
    return /^(a+)+$/.test(`${'a'.repeat(60)}!`)
  }

  async never() {
    await this.get('waiting')
    await new Promise(() => {})
  }

  memory() {
    const all: number[][] = []
    for (;;) all.push(new Array(100_000).fill(1.5))
  }

  buffers() {
    const all: Uint8Array[] = []
    for (;;) all.push(b4a.alloc(1024 * 1024, 1))
  }

  garbage() {
    fs.writeSync(PIPES.out, b4a.from('\0\0\0\0this is no message'))
  }

  /** The guard of a run does not see what comes after this. */
  async clockBehindOwnAwait() {
    await (async () => {
      await null
      await null
    })()
    await this.put('app/at', Date.now())
  }

  async chanceBehindOwnAwait() {
    const roll = async () => {
      for (let i = 0; i < 5; i++) await null
      return Math.random()
    }
    try {
      await this.put('app/roll', await roll())
    } catch {
      // Nor does it help to hide it.
      await this.put('app/roll', 1)
    }
  }

  /** What a peer that was started in between does not have. */
  async countRuns() {
    runs++
    await this.put('app/runs', runs)
  }

  async refuseNow() {
    runs++
    return runs % 2 === 0 ? undefined : new Error('an odd one')
  }

  /** How deep it gets differs between two processes, or between now and later. */
  async sumsDeep() {
    const deep = (n: number): number => (n === 0 ? 0 : 1 + deep(n - 1))
    await this.put('app/sum', deep(this.value as number))
  }

  /** The same, but nothing depends on it. */
  async remembersAnswers() {
    const key = 'key/7'
    const known = answers.get(key) ?? (await this.get(key))
    answers.set(key, known)
    await this.put('app/answer', known)
    return known
  }

  /** The run is over when it begins. */
  leaveLoop() {
    let calls = 0
    leftBehind = () => {
      while (++calls > 2);
    }
    return 'returned'
  }
}

/** What comes to the same wherever it runs. */
export const ORDINARY = [
  ...['remember', 'sum', 'throughProtocol', 'refuse', 'assertion', 'reserved', 'clock', 'broken'],
  ...['big', 'echo', 'unheard']
]
const HOSTILE = [
  ...['print', 'environment', 'loop', 'loopOfReads', 'loopBehindParent', 'regex', 'never'],
  ...['memory', 'buffers', 'garbage', 'leaveLoop', 'readAll', 'remembersAnswers'],
  ...['clockBehindOwnAwait', 'chanceBehindOwnAwait', 'countRuns', 'refuseNow', 'sumsDeep']
]
