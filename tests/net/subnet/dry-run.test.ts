import b4a from 'b4a'
import test, { type Assertions } from 'brittle'
import Corestore from 'corestore'
import Hyperbee from 'hyperbee'
import fs from '#fs'
import path from '#path'
import process from '#process'
import { spawn } from '#subprocess'
import { loadApp } from '../../../features/subnet/app/load-app.ts'
import { DryRunner, type DryRunOptions } from '../../../features/subnet/dry-run.ts'
import { RULESETS, type RulesVersion } from '../../../features/subnet/engine/rules.ts'
import { ContractRunner, type RunInput, type Verdict } from '../../../features/subnet/engine/runner.ts'
import type { Store } from '../../../features/subnet/engine/state.ts'
import { safeJsonStringify } from '../../../src/app/json.ts'
import { deferred } from '../../../src/base/deferred.ts'
import { IntercomError } from '../../../src/base/errors.ts'
import { createLog } from '../../../src/base/log.ts'
import { Heard } from '../../helpers/heard.ts'
import { PROJECT } from '../../helpers/peer.ts'
import { ORDINARY } from '../../helpers/subnet/hostile-app/contract.ts'
import { simulate } from '../../helpers/subnet/simulate.ts'
import { temporaryFolder } from '../../helpers/tmp.ts'

const APP = path.join(PROJECT, 'tests', 'helpers', 'subnet', 'hostile-app')
const MIB = 1024 * 1024
const PARENT = path.join(PROJECT, 'dist', 'tests', 'helpers', 'subnet', 'dry-run-parent.js')

/** `key/<n>` has the value n. */
const numbers: Pick<Store, 'get'> = {
  get: async (key) => (key.startsWith('key/') ? { value: Number(key.slice(4)) } : null)
}

function inputOf(type: string, value: unknown = null): RunInput {
  return { kind: 'tx', address: 'a', tx: 'b', validator: 'c', dispatch: { type, value } }
}

function open(t: Assertions, options: Partial<DryRunOptions> = {}) {
  const lines = new Heard<string>()
  const log = createLog({ level: 'debug', json: false, now: () => 0, write: (line) => lines.add(line) })
  const runner = new DryRunner({ app: APP, log, ...options })
  t.teardown(() => runner.close())
  const run = (type: string, value?: unknown, store = numbers) =>
    runner.run(inputOf(type, value), RULESETS[2], store)
  const refusal = async (type: string, store = numbers): Promise<string> => {
    try {
      return `returned ${JSON.stringify(await run(type, null, store))}`
    } catch (error) {
      return error instanceof IntercomError ? error.code : String(error)
    }
  }
  return { runner, run, refusal, lines }
}

async function openView(t: Assertions, rules: RulesVersion): Promise<Hyperbee> {
  const store = new Corestore(temporaryFolder(t))
  const view = new Hyperbee(store.get({ name: 'view' }), { keyEncoding: 'utf-8', valueEncoding: 'json' })
  await view.ready()
  const batch = view.batch()
  for (let i = 0; i < 50; i++) await batch.put(`key/${i}`, i)
  if (rules === 2) {
    await batch.put('sh/rules', '')
    await batch.put('rules', 2)
  }
  await batch.flush()
  t.teardown(async () => {
    await view.close()
    await store.close()
  })
  return view
}

for (const rules of [1, 2] as const) {
  test(`ruleset ${rules}: it comes to what a simulation comes to`, async (t) => {
    const view = await openView(t, rules)
    const app = await loadApp(APP)
    const peer = { generateNonce: () => '', transact: async () => null }
    const own = new ContractRunner(app.createContract(app.createProtocol(peer, { view })))
    const { runner } = open(t)
    const other = {
      run: (input: RunInput, store: Store, of: (typeof RULESETS)[1]) => runner.run(input, of, store)
    }
    for (const type of [...ORDINARY, 'notThere', '__proto__']) {
      const { value, ...rest } = await simulate(own, view, inputOf(type, { a: [1, 'é'] }))
      const json = safeJsonStringify(value)
      const expected: Verdict = { ...rest, value: json === null ? undefined : JSON.parse(json) }
      t.alike(await simulate(other, view, inputOf(type, { a: [1, 'é'] })), expected, type)
    }
    t.alike((await simulate(other, view, inputOf('sum'))).value, 1225)
    t.is(await view.get('app/remembered'), null, 'and nothing of it is kept')
  })
}

test('what does not come to an end is ended, and the next one runs', async (t) => {
  const inTurn = async (types: readonly string[]) => {
    const { run, refusal } = open(t, { timeLimitMs: 300 })
    for (const type of types) {
      const waiting = refusal(type)
      const next = run('echo', type)
      t.is(await waiting, 'contract_too_slow', type)
      t.is((await next).value, type)
    }
  }
  await Promise.all([inTurn(['loop', 'regex']), inTurn(['loopOfReads'])])
})

test('what would come to something else on another peer is refused', async (t) => {
  const { run } = open(t)
  for (const [type, why] of [
    ['clockBehindOwnAwait', /it uses Date/],
    ['chanceBehindOwnAwait', /it uses Math.random/],
    ['countRuns', /when it is run again/],
    ['refuseNow', /when it is run again/]
  ] as const) {
    await t.exception(run(type), { code: 'contract_differs', message: why })
  }
  await t.exception(run('sumsDeep', 7000), { code: 'contract_differs', message: /too deep/ })
  t.is((await run('sumsDeep', 500)).error, null)
  t.is((await run('clock')).error?.startsWith('Date is not available'), true, 'it is an error like others')
  t.is((await run('remembersAnswers')).value, 7, 'what is remembered does no harm where it changes nothing')
})

test('what nobody settles is an error of the contract', async (t) => {
  const { error } = await open(t).run('never')
  t.ok(error?.startsWith('The contract does not come to an end'), String(error))
})

test('what takes all memory, or says what is no message, ends its own process', async (t) => {
  const { runner, run } = open(t, { timeLimitMs: 10_000 })
  const before = openFiles()
  for (const [type, why] of [
    ['memory', /SIGKILL.*512 MiB/],
    ['buffers', /SIGKILL.*512 MiB/],
    ['garbage', /not JSON/]
  ] as const) {
    await t.exception(run(type), { code: 'contract_crashed', message: why })
    t.is((await run('echo', type)).value, type)
  }
  await runner.close()
  t.ok(openFiles() <= before + 2, 'and nothing of it is left here')
})

/** Of this process, where the system says so. */
function openFiles(): number {
  return fs.existsSync('/proc/self/fd') ? fs.readdirSync('/proc/self/fd').length : 0
}

test('however many reads a contract asks for at once, they are answered one by one', async (t) => {
  const { run } = open(t)
  let now = 0
  let most = 0
  const counting = {
    async get(key: string) {
      most = Math.max(most, ++now)
      await null
      now--
      return numbers.get(key)
    }
  }
  t.is((await run('readAll', null, counting)).value, 2000)
  t.is(most, 1)
})

test('what a run leaves behind is not the fault of the next one', async (t) => {
  const { runner, run } = open(t, { timeLimitMs: 300 })
  t.is((await run('leaveLoop')).value, 'returned')
  const { pid } = runner
  stop(300)
  t.is((await run('echo', 1)).value, 1)
  t.not(runner.pid, pid, 'in another process')
})

test('many at once keep their own results, and there is an end to how many wait', async (t) => {
  const { runner, run, refusal } = open(t)
  const all = Array.from({ length: 1001 }, (_, i) => run('echo', i))
  t.is(await refusal('echo'), 'rate_limited')
  const values = (await Promise.all(all)).map(({ value }) => value)
  t.alike(
    values,
    values.map((_, i) => i)
  )
  const { pid } = runner
  for (let i = 0; i < 100; i++) await run('remember', i)
  t.is(runner.pid, pid, 'all of them in one process')
})

test('what is no fault of the contract does not end its process', async (t) => {
  const { runner, run } = open(t)
  await run('echo')
  const { pid } = runner
  const broken = { get: () => Promise.reject(new Error('the disk is gone')) }
  await t.exception(run('remember', 1, broken), /the disk is gone/)
  await t.exception(run('echo', 'x'.repeat(17 * MIB)), /too large/)
  await t.exception(run('remember', 1, { get: async () => ({ value: 'x'.repeat(17 * MIB) }) }), /too large/)
  const { error, value } = await run('echo', 'x'.repeat(MIB))
  t.alike([error, value], [null, undefined], 'a value that nobody would read stays behind')
  t.is((await run('echo', 1)).value, 1)
  t.is(runner.pid, pid)
})

test('what this process takes is not counted', async (t) => {
  const { runner, run } = open(t, { timeLimitMs: 400 })
  await run('echo')
  const { pid } = runner
  const slow = {
    async get(key: string) {
      await new Promise((resolve) => setTimeout(resolve, 1700))
      // What the contract says next waits to be read.
      setImmediate(() => stop(500))
      return numbers.get(key)
    }
  }
  t.is((await run('remember', 1, slow)).error, null)
  await run('echo')
  t.is(runner.pid, pid, 'and its process is not ended either')
})

function stop(milliseconds: number): void {
  const end = Date.now() + milliseconds
  while (Date.now() < end);
}

test('closing ends what runs and what waits', async (t) => {
  const { runner, run } = open(t)
  const asked = deferred<void>()
  const hanging = { get: () => new Promise<null>(() => asked.resolve()) }
  const runs = [run('remember', 1, hanging), run('echo'), run('loop')]
  await asked.promise
  const pid = runner.pid as number
  const ends = Promise.allSettled(runs)
  await Promise.all([runner.close(), runner.close()])
  for (const end of await ends) t.is(end.status === 'rejected' && end.reason.code, 'closed')
  t.absent(isAlive(pid), 'its process is gone')
  t.is(runner.pid, null)
  await t.exception(run('echo'), /closing/)
})

test('closing before anything ran, and while a process starts', async (t) => {
  await open(t).runner.close()
  const { runner, refusal } = open(t)
  const running = refusal('echo')
  await runner.close()
  t.is(await running, 'closed')
})

test('an unused process is ended', async (t) => {
  const { runner, run, lines } = open(t, { idleMs: 50 })
  t.is((await run('echo', 1)).value, 1)
  await lines.until((all) => all.some((line) => line.includes('Nothing has been tried')))
  t.is(runner.pid, null)
  t.is((await run('echo', 2)).value, 2)
})

test('the contract sees nothing of this process', async (t) => {
  const { runner, run, lines } = open(t)
  t.alike((await run('environment')).value, [])
  t.is((await run('print')).value, 'printed')
  await runner.close()
  await lines.until((all) => all.some((line) => line.includes('said=to standard error\\n')))
  t.absent(lines.all.some((line) => line.includes('standard output')))
})

test('where no process can try it, the contract is not to blame', async (t) => {
  const { run, refusal } = open(t, { app: path.join(temporaryFolder(t), 'none') })
  t.is(await refusal('echo'), 'contract_untried')
  await t.exception(run('echo'), /the app is not loaded: .*none/)
})

test('it ends with its parent, however that ends', async (t) => {
  const outlives = async (type: string, sign: RegExp) => {
    const parent = spawn(process.execPath, [PARENT, APP, type], {
      cwd: temporaryFolder(t),
      stdio: ['ignore', 'pipe', 'inherit']
    })
    const said = new Heard<string>()
    parent.stdout?.on('data', (chunk: Uint8Array) => said.add(b4a.toString(chunk)))
    await said.until((all) => sign.test(all.join('')))
    const pid = Number(sign.exec(said.all.join(''))?.[1])
    t.ok(isAlive(pid), type)
    process.kill(parent.pid as number, 'SIGKILL')
    const deadline = Date.now() + 10_000
    // Nobody is told of the end of a process that is not his own.
    while (isAlive(pid) && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 20))
    return isAlive(pid)
  }
  const waiting = /pid (\d+)\nwaiting\n/
  const ends = [outlives('environment', /pid (\d+)\n/), outlives('loopBehindParent', waiting)]
  t.alike(await Promise.all([...ends, outlives('never', waiting)]), [false, false, false])
})

/** One that ended and that nobody has asked about is still listed. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return !/\) Z /.test(fs.readFileSync(`/proc/${pid}/stat`, 'utf-8'))
  } catch (error) {
    return !/ESRCH|ENOENT/.test(String((error as { code?: unknown }).code))
  }
}
