import test, { type Assertions } from 'brittle'
import fc from 'fast-check'
import fs from '#fs'
import path from '#path'
import process from '#process'
import { spawn } from '#subprocess'
import { birthOf } from '../../src/base/birth.ts'
import { createLog } from '../../src/base/log.ts'
import { parseRunInfo, RUN_FILE, readRunFile, SILENT_MS } from '../../src/run-file.ts'
import { RunFile } from '../../src/store/run-file-writer.ts'
import { Heard } from '../helpers/heard.ts'
import { temporaryFolder } from '../helpers/tmp.ts'

function setUp(t: Assertions, options: { heartbeatMs?: number; now?: () => number } = {}) {
  const folder = temporaryFolder(t)
  const lines = new Heard<string>()
  const log = createLog({ level: 'debug', json: false, now: () => 0, write: (line) => lines.add(line) })
  const runFile = new RunFile(folder, { log, now: Date.now, ...options })
  // The heartbeat itself does not keep a process alive.
  const alive = setInterval(() => {}, 60_000)
  t.teardown(async () => {
    clearInterval(alive)
    await runFile.close()
  })
  return { folder, file: path.join(folder, RUN_FILE), lines, runFile }
}

function written(file: string) {
  return JSON.parse(fs.readFileSync(file, 'utf-8'))
}

test('the file is there while the store is held, and says where things are', async (t) => {
  let now = 1_795_000_000_000
  const { folder, file, runFile } = setUp(t, { now: () => now })
  t.is(readRunFile(folder).state, 'absent')
  t.is(runFile.writable, null)
  runFile.open()
  t.is(runFile.writable, true)
  t.is(fs.statSync(file).mode & 0o777, 0o600)
  const { birth } = written(file)
  const begun = { pid: process.pid, birth, startedAt: now, readyAt: null, heartbeatAt: now }
  const nowhere = {
    ...{ bridge: null, metrics: null, tokenFile: null, rpc: null, rpcTokenFile: null },
    health: null
  }
  t.alike(written(file), { ...begun, ...nowhere })
  now += 500
  const metrics = { host: '127.0.0.1', port: 4000, tls: false }
  await Promise.all([runFile.update({ metrics, tokenFile: '/a/token' }), runFile.update({ readyAt: now })])
  const info = { ...begun, ...nowhere, readyAt: now, heartbeatAt: now, metrics, tokenFile: '/a/token' }
  t.alike(written(file), info)
  t.alike(readRunFile(folder, now), { state: 'running', info })
  await runFile.close()
  await runFile.close()
  await runFile.update({ readyAt: 1 })
  t.alike(fs.readdirSync(folder), [], 'gone, and it stays gone')
})

test('each heartbeat says how the node is', async (t) => {
  const folder = temporaryFolder(t)
  const failed = [{ check: 'dht', detail: 'the DHT does not answer' }]
  const runFile = new RunFile(folder, { now: Date.now, health: () => ({ status: 'degraded', failed }) })
  t.teardown(() => runFile.close())
  runFile.open()
  t.is(readRunFile(folder).info?.health, null, 'not before the first')
  await runFile.update()
  t.alike(readRunFile(folder).info?.health, { status: 'degraded', failed })
})

test('it has a heartbeat', async (t) => {
  let now = 1000
  const { file, runFile } = setUp(t, { heartbeatMs: 5, now: () => now })
  runFile.open()
  now = 2000
  while (written(file).heartbeatAt !== 2000) await new Promise((resolve) => setImmediate(resolve))
  t.is(written(file).startedAt, 1000)
})

test('a store that takes nothing is said once, tried again, and said when it does', async (t) => {
  const { file, lines, runFile } = setUp(t, { heartbeatMs: 5 })
  runFile.open()
  const before = fs.readFileSync(file, 'utf-8')
  fs.mkdirSync(`${file}.new`)
  await lines.count(1)
  for (let i = 0; i < 5; i++) await runFile.update({ tokenFile: '/later' })
  t.is(runFile.writable, false)
  t.is(lines.all.length, 1)
  t.ok(lines.all[0]?.includes('cannot write to the store'), lines.all[0])
  t.is(fs.readFileSync(file, 'utf-8'), before)
  fs.rmdirSync(`${file}.new`)
  await lines.count(2)
  t.ok(lines.all[1]?.includes('can be written again'))
  t.is(runFile.writable, true)
  t.is(written(file).tokenFile, '/later', 'what was to be said in between is said now')
})

test('a folder that cannot be written at the start is no reason to end', async (t) => {
  const { file, lines, runFile } = setUp(t, { heartbeatMs: 5 })
  fs.mkdirSync(`${file}.new`)
  runFile.open()
  t.is(runFile.writable, false)
  t.is(lines.all.length, 1)
  fs.rmdirSync(`${file}.new`)
  await lines.count(2)
  t.is(written(file).pid, process.pid)
})

test("another process's file is left alone", async (t) => {
  const { file, lines, runFile } = setUp(t)
  runFile.open()
  const other = JSON.stringify({ pid: process.pid + 1, startedAt: 5 })
  fs.writeFileSync(file, other)
  await runFile.update({ readyAt: 7 })
  t.ok(lines.all[0]?.includes(`process ${process.pid + 1} has written it`), lines.all[0])
  await runFile.close()
  t.is(fs.readFileSync(file, 'utf-8'), other)
})

test('what a killed process left behind is known as such', async (t) => {
  const folder = temporaryFolder(t)
  const child = spawn('sleep', ['60'], { stdio: 'ignore' })
  const exited = new Promise((resolve) => child.on('exit', resolve))
  const info = { pid: child.pid, startedAt: 1000, readyAt: 1500, heartbeatAt: 2000 }
  fs.writeFileSync(path.join(folder, RUN_FILE), JSON.stringify(info))
  t.is(readRunFile(folder, 2000).state, 'running')
  t.is(readRunFile(folder, 2000 + SILENT_MS).state, 'running')
  t.is(readRunFile(folder, 2001 + SILENT_MS).state, 'silent', 'it lives and says nothing')
  t.is(readRunFile(folder, 0).state, 'running', 'the clock was set back')
  process.kill(child.pid as number, 'SIGKILL')
  await exited
  const dead = readRunFile(folder, 2000)
  t.is(dead.state, 'dead')
  t.is(dead.info?.readyAt, 1500, 'what it was is still told')
})

test('a killed process is not taken for another one that has its number', (t) => {
  const folder = temporaryFolder(t)
  const own = birthOf(process.pid)
  if (own === null) return t.pass('this system does not tell')
  const stateWith = (birth: string | null) => {
    const info = { pid: process.pid, birth, startedAt: 1000 }
    fs.writeFileSync(path.join(folder, RUN_FILE), JSON.stringify(info))
    return readRunFile(folder, 1000).state
  }
  t.is(stateWith(own), 'running')
  t.is(stateWith(own.replace(/\d+$/, (ticks) => String(Number(ticks) - 1))), 'dead')
  const [namespace, boot, ticks] = own.split(' ')
  const other = boot?.replace(/^./, (digit) => (digit === '0' ? '1' : '0'))
  t.is(boot, fs.readFileSync('/proc/sys/kernel/random/boot_id', 'utf-8').trim())
  t.not(other, boot)
  t.is(stateWith(`${namespace} ${other} ${ticks}`), 'dead', 'the machine was started anew since')
  t.is(stateWith(`pid:[1] ${boot} 5`), 'running', 'numbers of another container say nothing')
  t.is(stateWith(null), 'running', 'as earlier versions have written it')
  t.is(birthOf(process.pid), own)
  t.not(birthOf(1), own)
})

test('whatever stands in the file, it is read', (t) => {
  const folder = temporaryFolder(t)
  t.is(readRunFile(path.join(folder, 'nowhere')).state, 'absent')
  fs.mkdirSync(path.join(folder, 'odd', RUN_FILE), { recursive: true })
  t.is(readRunFile(path.join(folder, 'odd')).state, 'unreadable')
  const refused = [
    '',
    '{',
    'null',
    '[]',
    '{}',
    '{"pid":1}',
    '{"pid":-1,"startedAt":1}',
    '{"pid":"7","startedAt":1}'
  ]
  for (const text of refused) {
    fs.writeFileSync(path.join(folder, RUN_FILE), text)
    t.is(readRunFile(folder).state, 'unreadable', text)
  }
  t.alike(parseRunInfo('{"pid":7,"startedAt":1}'), {
    ...{
      pid: 7,
      birth: null,
      startedAt: 1,
      readyAt: null,
      heartbeatAt: 1,
      bridge: null,
      metrics: null,
      tokenFile: null
    },
    ...{ rpc: null, rpcTokenFile: null, health: null }
  })
  const odd = {
    pid: 7,
    startedAt: 1,
    readyAt: 'x',
    bridge: { host: 1, port: 5 },
    metrics: { host: 'a', port: 70_000 }
  }
  t.is(parseRunInfo(JSON.stringify(odd))?.bridge, null)
  t.is(parseRunInfo(JSON.stringify(odd))?.metrics, null)
  const anything = fc.dictionary(
    fc.constantFrom(
      ...[
        'pid',
        'startedAt',
        'readyAt',
        'heartbeatAt',
        'bridge',
        'metrics',
        'tokenFile',
        'rpc',
        'rpcTokenFile',
        'health'
      ]
    ),
    fc.jsonValue()
  )
  fc.assert(
    fc.property(fc.oneof(anything, fc.jsonValue()), (value) => {
      const info = parseRunInfo(JSON.stringify(value))
      return info === null || (Number.isSafeInteger(info.pid) && typeof info.heartbeatAt === 'number')
    })
  )
})
