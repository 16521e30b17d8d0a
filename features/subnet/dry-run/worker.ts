import fs from '#fs'
import process from '#process'
import { Worker } from '#worker-threads'
import type { ProtocolBase, ProtocolPeer } from '../../../src/app/protocol.ts'
import { type Deferred, deferred } from '../../../src/base/deferred.ts'
import { messageOf } from '../../../src/base/errors.ts'
import { RULESETS } from '../engine/rules.ts'
import { ContractRunner } from '../engine/runner.ts'
import { loadApp } from '../load-app.ts'
import { encodeFrame, FrameReader } from './frames.ts'
import { Heartbeat } from './heartbeat.ts'
import { type FromWorker, MAX_BYTES, type Opening, PIPES, portable, type ToWorker } from './messages.ts'
import type { WatchdogData } from './watchdog.ts'

const BEAT_MS = 100
const WATCHDOG_START_MS = 10_000
const READ_BYTES = 64 * 1024

type Entry = { readonly value: unknown } | null

// Taken before a contract is in the way.
const later = setImmediate

const heartbeat = new Heartbeat()
const asked = new Map<number, Deferred<Entry>>()
let lastId = 0
/** The run that has begun and is not over. */
let current: number | null = null
let runner: ContractRunner | null = null

// What a run leaves behind can fail after it. That is nobody's any more, and no reason to end.
process.on('unhandledRejection', () => {})

function receive(reader: FrameReader): void {
  const bytes = new Uint8Array(READ_BYTES)
  fs.read(PIPES.in, bytes, 0, bytes.byteLength, null, (error, count) => {
    // The parent is gone.
    if (error || count === 0) return end()
    try {
      for (const message of reader.read(bytes.subarray(0, count))) handle(message as ToWorker)
    } catch (fault) {
      fs.writeSync(2, messageOf(fault))
      return end()
    }
    receive(reader)
  })
}

/** Nothing here is worth an orderly end, and a contract could keep it from happening. */
function end(): void {
  process.kill(process.pid, 'SIGKILL')
}

function handle(message: ToWorker): void {
  if (message.type === 'open') void open(message)
  else if (message.type === 'run') void run(message)
  else if (message.type === 'entry') take(message.id)?.resolve(message.entry)
  else take(message.id)?.reject(new Error('the state cannot be read'))
}

function take(id: number): Deferred<Entry> | undefined {
  const waiting = asked.get(id)
  asked.delete(id)
  return waiting
}

async function open({ app, memoryBytes, stuckMs }: Opening): Promise<void> {
  try {
    const data: WatchdogData = { memory: heartbeat.memory, memoryBytes, stuckMs }
    new Worker(new URL('./watchdog.js', import.meta.url), { workerData: data })
    const loaded = await loadApp(app)
    runner = new ContractRunner(loaded.createContract(loaded.createProtocol(peer, base)))
    if (!heartbeat.waitForWatchdog(WATCHDOG_START_MS)) throw new Error('the watchdog does not start')
    send({ type: 'ready' })
  } catch (error) {
    send({ type: 'broken', message: messageOf(error) })
  }
}

async function run({ run, rules, input }: ToWorker & { type: 'run' }): Promise<void> {
  if (runner === null) throw new Error('a run before the app is there')
  send({ type: 'started', run })
  current = run
  let answer: FromWorker
  try {
    const nothing = async () => {}
    const store = { get: ask, put: nothing, del: nothing }
    const verdict = await runner.run(input, store, RULESETS[rules])
    answer = { type: 'done', run, verdict: portable(verdict) }
  } catch (error) {
    answer = { type: 'failed', run, message: messageOf(error) }
  }
  current = null
  for (const id of [...asked.keys()]) take(id)?.reject(new Error('the run is over'))
  send(answer)
}

function ask(key: string): Promise<Entry> {
  if (current === null) return Promise.reject(new Error('the run is over'))
  const id = ++lastId
  const answer = deferred<Entry>()
  asked.set(id, answer)
  send({ type: 'get', run: current, id, key })
  return answer.promise
}

/** Waits while the parent does not read: what a contract asks for fills the pipe and no memory. */
function send(message: FromWorker): void {
  const frame = encodeFrame(message, MAX_BYTES.out)
  if (frame === null) {
    if (message.type !== 'done') throw new Error('a message is too large')
    send({ type: 'failed', run: message.run, message: 'The contract returned more than can be shown.' })
    return
  }
  for (let at = 0; at < frame.byteLength; ) at += fs.writeSync(PIPES.out, frame, at)
}

/** Nobody is there who could do anything. */
const peer: ProtocolPeer = {
  generateNonce() {
    throw new Error('There is no chance in a contract.')
  },
  transact: () => Promise.reject(new Error('A contract cannot send transactions.'))
}

// What a protocol reads is asked for later, when no contract has control.
const view: ProtocolBase['view'] = {
  core: { signedLength: 0 },
  get: (key) => new Promise((resolve, reject) => later(() => ask(String(key)).then(resolve, reject))),
  checkout: () => view,
  close: async () => {}
}
const base: ProtocolBase = { view }

setInterval(() => heartbeat.beat(), BEAT_MS)
receive(new FrameReader(MAX_BYTES.in))
