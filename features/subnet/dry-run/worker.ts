import b4a from 'b4a'
import fs from '#fs'
import process from '#process'
import { Worker } from '#worker-threads'
import type { ProtocolBase, ProtocolPeer } from '../../../src/app/protocol.ts'
import { messageOf } from '../../../src/base/errors.ts'
import { loadApp } from '../app/load-app.ts'
import { RULESETS } from '../engine/rules.ts'
import { ContractRunner } from '../engine/runner.ts'
import { encodeFrame, FrameReader } from './frames.ts'
import { Heartbeat } from './heartbeat.ts'
import { type FromWorker, MAX_BYTES, type Opening, PIPES, portable, type ToWorker } from './messages.ts'
import { runTwice } from './twice.ts'
import type { WatchdogData } from './watchdog.ts'

const BEAT_MS = 100
const WATCHDOG_START_MS = 10_000
const READ_BYTES = 64 * 1024

type Entry = { readonly value: unknown } | null

// Taken before a contract is in the way.
const later = setImmediate

const heartbeat = new Heartbeat()
const reader = new FrameReader(MAX_BYTES.in)
const bytes = new Uint8Array(READ_BYTES)
type Answer = Extract<ToWorker, { readonly id: number }>

/** What is to be done, one after the other. */
const orders: Exclude<ToWorker, Answer>[] = []
const answers: Answer[] = []
/** What can be said together with what comes next. */
let held: Uint8Array | null = null
let lastId = 0
/** The run that has begun and is not over. */
let current: number | null = null
let runner: ContractRunner | null = null

// What a run leaves behind can fail after it. That is nobody's any more, and no reason to end.
process.on('unhandledRejection', () => {})

/** Waits for the next run; while there is one, `ask` reads. */
function receive(): void {
  fs.read(PIPES.in, bytes, 0, bytes.byteLength, -1, (error, count) => {
    handleArrived(error ? 0 : count).then(receive, end)
  })
}

async function handleArrived(count: number): Promise<void> {
  take(count)
  for (let order = orders.shift(); order !== undefined; order = orders.shift()) {
    if (order.type === 'open') await open(order)
    else await run(order)
  }
}

function take(count: number): void {
  // The parent is gone.
  if (count === 0) end()
  for (const message of reader.read(bytes.slice(0, count)) as Generator<ToWorker>) {
    if (message.type === 'entry' || message.type === 'unread') answers.push(message)
    else orders.push(message)
  }
}

/** Nothing here is worth an orderly end, and a contract could keep it from happening. */
function end(): void {
  process.kill(process.pid, 'SIGKILL')
}

async function open({ app, memoryBytes, stuckMs }: Opening): Promise<void> {
  try {
    const data: WatchdogData = { memory: heartbeat.memory, memoryBytes, stuckMs }
    new Worker(new URL('./watchdog.js', import.meta.url), { workerData: data })
    send({ type: 'loading' })
    const loaded = await loadApp(app)
    const protocol = loaded.createProtocol(peer, base)
    runner = new ContractRunner(() => loaded.createContract(protocol))
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
    const read = async (key: string) => ask(key)
    const { verdict, differs } = await runTwice(runner, input, RULESETS[rules], read)
    answer = { type: 'done', run, verdict: portable(verdict), differs }
  } catch (error) {
    answer = { type: 'failed', run, message: messageOf(error) }
  }
  current = null
  // The beginning of the next one follows at once.
  send(answer, orders.length > 0)
}

/** Stops this thread until the parent has answered: nothing is quicker, and who runs has to wait for it anyway. */
function ask(key: string): Entry {
  if (current === null) throw new Error('the run is over')
  const id = ++lastId
  send({ type: 'get', run: current, id, key })
  for (;;) {
    const message = answers.shift() ?? nextAnswer()
    if (message.id !== id) continue
    if (message.type === 'unread') throw new Error('the state cannot be read')
    return message.entry
  }
}

function nextAnswer(): Answer {
  heartbeat.waiting = true
  while (answers.length === 0) take(fs.readSync(PIPES.in, bytes, 0, bytes.byteLength, -1))
  heartbeat.waiting = false
  return answers.shift() as Answer
}

/** Waits while the parent does not read. */
function send(message: FromWorker, hold = false): void {
  const made = encodeFrame(message, MAX_BYTES.out)
  if (made === null) {
    if (message.type !== 'done') throw new Error('a message is too large')
    send({ type: 'failed', run: message.run, message: 'The contract returned more than can be shown.' }, hold)
    return
  }
  const frame = held === null ? made : b4a.concat([held, made])
  held = hold ? frame : null
  if (hold) return
  heartbeat.waiting = true
  for (let at = 0; at < frame.byteLength; ) at += fs.writeSync(PIPES.out, frame, at)
  heartbeat.waiting = false
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
  async get(key) {
    await new Promise((resolve) => later(resolve))
    return ask(String(key))
  },
  checkout: () => view,
  close: async () => {}
}
const base: ProtocolBase = { view }

setInterval(() => {
  if (current === null) heartbeat.beat()
}, BEAT_MS)
receive()
