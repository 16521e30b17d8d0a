import test, { type Assertions } from 'brittle'
import Corestore from 'corestore'
import fs from '#fs'
import path from '#path'
import { isMovable } from '../../../features/subnet/engine/importable.ts'
import { RULESETS } from '../../../features/subnet/engine/rules.ts'
import { SubnetImport } from '../../../features/subnet/import/import.ts'
import { importLines } from '../../../features/subnet/import/lines.ts'
import { planImport } from '../../../features/subnet/import/plan.ts'
import { ImportSource } from '../../../features/subnet/import/source.ts'
import { Contract } from '../../../src/app/contract.ts'
import { type ErrorCode, IntercomError } from '../../../src/base/errors.ts'
import { hex32 } from '../../../src/base/hex.ts'
import { createLog } from '../../../src/base/log.ts'
import { resolveConfig } from '../../../src/config/resolve.ts'
import type { HostPort } from '../../../src/config/types.ts'
import { CliProcess } from '../../helpers/cli.ts'
import { Peer as PeerProcess } from '../../helpers/peer.ts'
import { snapshot as filesOf } from '../../helpers/stores.ts'
import { GoldenContract } from '../../helpers/subnet/golden-contract.ts'
import { GOLDEN } from '../../helpers/subnet/golden-script.ts'
import { appOf, type OpenMember, openMember } from '../../helpers/subnet/member.ts'
import { addLockFile, layOutDeployedStore } from '../../helpers/subnet/old-store.ts'
import { admin, appendWriter, byte, pen, text } from '../../helpers/subnet/ops.ts'
import { inAgreement, link, openPeer } from '../../helpers/subnet/peer.ts'
import { startDht } from '../../helpers/swarm.ts'
import { temporaryFolder } from '../../helpers/tmp.ts'

const P = admin.publicKey
const C = byte(0xcd)
const rules = RULESETS[2]
const NOWHERE: readonly HostPort[] = [{ host: '127.0.0.1', port: 1 }]

/** Puts what it is told. */
class Hoard extends Contract {
  constructor(protocol: unknown = null) {
    super(protocol)
    this.addFeature('hoard_feature', async () => {
      const { key, value } = this.op as { key: string; value: { size?: number; depth?: number } | null }
      if (value?.size !== undefined) await this.put(key, 'x'.repeat(value.size))
      else if (value?.depth !== undefined) await this.put(key, nested(value.depth))
      else await this.put(key, value)
    })
  }
}

function nested(depth: number): unknown {
  let value: unknown = 1
  for (let i = 0; i < depth; i++) value = [value]
  return value
}

/** A subnet of ruleset 1 in a folder, closed again; returns the key of its view. */
async function writeOldStore(
  t: Assertions,
  folder: string,
  entries: Readonly<Record<string, unknown>>
): Promise<Uint8Array> {
  const peer = await openPeer(t, { contract: new Hoard(), folder })
  const { feature } = pen(1)
  await peer.base.append({ type: 'addAdmin', key: P })
  for (const [key, value] of Object.entries(entries)) {
    await peer.base.append(feature(admin, 'hoard', key, value))
  }
  const { key } = peer.base.view.core as unknown as { readonly key: Uint8Array }
  await peer.base.close()
  return key
}

interface ImportArgs {
  readonly folder: string
  readonly from: string
  readonly confirmed?: boolean
  readonly flags?: readonly string[]
}

function createImport(
  t: Assertions,
  dht: readonly HostPort[],
  { folder, from, confirmed = true, flags = [] }: ImportArgs
): SubnetImport {
  const nodes = dht.map(({ host, port }) => `${host}:${port}`).join(',')
  const words = ['--peer-stores-directory', folder, '--peer-store-name', 'new', '--dht-bootstrap', nodes]
  const job = new SubnetImport({
    config: resolveConfig([...words, ...flags], {}).config,
    log: createLog({ level: 'error', json: false, write: (line) => t.comment(line), now: Date.now }),
    app: appOf((protocol) => new GoldenContract(protocol)),
    from,
    confirmed
  })
  t.teardown(() => job.close(), { order: 20 })
  return job
}

async function runImport(t: Assertions, dht: readonly HostPort[], args: ImportArgs): Promise<string[]> {
  const job = createImport(t, dht, args)
  const lines = await job.run()
  await job.close()
  return lines
}

/** All that a snapshot may hold, as the old store has it. */
async function movableOf(t: Assertions, from: string): Promise<Record<string, unknown>> {
  const source = new ImportSource(from, { confirmed: true })
  t.teardown(() => source.close(), { order: 10 })
  await source.ready()
  const found: Record<string, unknown> = {}
  for await (const { key, value } of source.entries()) if (isMovable(key)) found[key] = value
  await source.close()
  return found
}

async function stateOf({ desk }: OpenMember): Promise<Record<string, unknown>> {
  const found: Record<string, unknown> = {}
  for await (const { key, value } of desk.subnet.base.view.createReadStream()) found[key] = value
  return found
}

test('the state of a deployed peer becomes a new subnet; its store stays as it is', async (t) => {
  const dht = await startDht(t)
  const folder = temporaryFolder(t)
  const from = path.join(folder, 'old')
  const subnet = layOutDeployedStore(from)
  addLockFile(from)
  const before = filesOf(from)
  const lines = await runImport(t, dht, { folder, from })
  t.alike(filesOf(from), before, 'no file was changed')

  const source = { subnet, length: GOLDEN.length, treeHash: GOLDEN.hash }
  t.alike(lines.slice(0, 2), [
    `Imported from the subnet ${subnet}`,
    `  length ${GOLDEN.length}, tree hash ${GOLDEN.hash}`
  ])
  for (const line of ['  3 keys of the app', '  1 nick', '  2 messages', '  1 pin', '  1 deletion'])
    t.ok(lines.includes(line), line)
  const left = lines.slice(lines.indexOf('Left out:'))
  t.ok(left.includes('  18 spent signatures') && left.some((line) => line.includes('transactions')))

  const member = await openMember(t, dht, ['--peer-store-name', 'new'], { folder })
  t.ok(lines.includes(`Subnet bootstrap: ${member.desk.bootstrap}`))
  t.ok(lines.at(-1)?.includes(`--subnet-bootstrap ${member.desk.bootstrap}`))
  const state = await stateOf(member)
  const moved = await movableOf(t, from)
  t.is(Object.keys(moved).length, 18)
  for (const [key, value] of Object.entries(moved)) t.alike(state[key], value, key)
  t.alike(state.snapv, { source, entries: 18, last: `wl/${C}`, done: true })
  t.alike([state.admin, state.rules, state.settlement], [member.node.key, 2, 'local'])
  t.alike(
    [state.chat_status, state.wlst, state.auto_add_writers, state.txl],
    ['on', true, undefined, undefined]
  )
  t.absent(Object.keys(state).some((key) => /^(tx|txi|utxi|utxl)\//.test(key)))

  // It goes on from there, and who wrote a message still may delete it.
  const { subnet: own } = member.desk
  const said = await own.append(own.pen.b(rules, 'msg', text(member.node.signer, 'here we are')))
  t.ok(said?.accepted)
  const golden = pen(2, own.bootstrap)
  t.ok((await own.append(golden.b(admin, 'deleteMessage', { id: 0, address: P })))?.accepted)
  t.alike(member.lines, [`#3 | ${member.node.key}: here we are`, `Deleted message 0 of user ${P} by ${P}`])
  await member.close()

  const again = await runImport(t, dht, { folder, from })
  t.is(again[0], 'This was imported before; nothing was missing.')
  const third = path.join(folder, 'third')
  await writeOldStore(t, third, { 'app/x': 1 })
  await refuses(
    t,
    'import_refused',
    ['holds an import of the subnet', subnet],
    runImport(t, dht, { folder, from: third })
  )
})

test('an import that was killed goes on where it stopped', async (t) => {
  const dht = await startDht(t)
  const folder = temporaryFolder(t)
  const from = path.join(folder, 'stores', 'old')
  const names = Array.from({ length: 40 }, (_, i) => `app/${String(i).padStart(2, '0')}`)
  await writeOldStore(t, from, Object.fromEntries(names.map((name) => [name, { size: 200_000 }])))
  const nodes = dht.map(({ host, port }) => `${host}:${port}`).join(',')
  const network = ['--dht-bootstrap', nodes]
  const words = ['subnet', 'import', '--from', from, '--peer-store-name', 'new', ...network]
  const killed = new PeerProcess(t, { cwd: folder, args: words })
  await killed.saw(/importing entries=[3-9]/)
  await killed.kill()

  const { code, out, err } = await new CliProcess(t, folder, words).result
  t.is(code, 0, err)
  t.absent(out.includes('imported before'), 'it was killed in between')
  t.ok(Number(/importing entries=(\d+) of=40/.exec(err)?.[1]) > 3, 'and does not begin anew')
  t.ok(out.includes('  40 keys of the app\n'))
  const member = await openMember(t, dht, ['--peer-store-name', 'new'], {
    folder: path.join(folder, 'stores')
  })
  const state = await stateOf(member)
  for (const name of names) t.is((state[name] as string).length, 200_000, name)
  t.alike((state.snapv as { entries: number; done: boolean }).entries, 40)
  await member.close()
})

test('what is not confirmed is left out, unless it is asked for', async (t) => {
  const folder = temporaryFolder(t)
  const from = path.join(folder, 'old')
  const first = await openPeer(t, { contract: new GoldenContract(), folder: from })
  const second = await openPeer(t, { contract: new GoldenContract(), bootstrap: first.base.key })
  const { a, feature } = pen(1)
  const time = (now: number) => feature(admin, 'timer', 'currentTime', now)
  await first.base.append({ type: 'addAdmin', key: P })
  await first.base.append(a(admin, 'addIndexer', hex32(second.base.local.key), appendWriter))
  const cut = link(t, first, second)
  await inAgreement([first, second])
  await second.base.append(null)
  await first.base.append(time(1))
  await inAgreement([first, second])
  await cut()
  await first.base.append(time(2))
  const { length } = first.base.view.core
  const signed = first.base.view.core.signedLength
  t.ok(signed > 0 && signed < length, `${signed} of ${length}`)
  const confirmed = (await first.base.view.checkout(signed).get('currentTime'))?.value ?? null
  await first.base.close()

  const sources = [true, false].map((confirmed) => new ImportSource(from, { confirmed }))
  for (const [i, source] of sources.entries()) {
    await source.ready()
    t.is(source.source.length, i === 0 ? signed : length)
    t.is(source.unconfirmed, i === 0 ? length - signed : 0)
    t.is(await source.get('currentTime'), i === 0 ? confirmed : 2)
    await source.close()
  }
})

test('an import that cannot be whole, or not be read, is refused before anything is made', async (t) => {
  const folder = temporaryFolder(t)
  const at = (name: string) => path.join(folder, name)
  const from = (name: string, flags: readonly string[] = []) =>
    runImport(t, NOWHERE, { folder, from: at(name), flags })

  await refuses(t, 'bad_flag', ['There is no store'], from('nowhere'))
  await writeOldStore(t, at('big'), { 'app/small': 1, 'app/big': { size: 1024 * 1024 } })
  await refuses(t, 'import_refused', ['"app/big"', '1048576'], from('big'))
  await writeOldStore(t, at('deep'), { 'app/deep': { depth: 60 } })
  await refuses(t, 'import_refused', ['"app/deep"', 'deeper than 59'], from('deep'))
  await writeOldStore(t, at('empty'), {})
  await refuses(t, 'import_refused', ['is empty'], from('empty'))
  const part = await writeOldStore(t, at('part'), { 'app/a': 1, 'app/b': 2 })
  await clearBlock(at('part'), part, 3)
  await refuses(t, 'import_refused', ['only a part of the state'], from('part'))

  const store = new Corestore(at('none'))
  await store.ready()
  await store.close()
  await refuses(t, 'import_refused', ['holds no state of a subnet'], from('none'))
  const two = await openPeer(t, { contract: new Hoard(), folder: at('two') })
  await two.base.append({ type: 'addAdmin', key: P, rules: 2, settlement: 'local' })
  await refuses(t, 'store_locked', ['another process'], from('two'))
  await two.base.close()
  await refuses(t, 'import_refused', ['has ruleset 2'], from('two'))
  await refuses(t, 'bad_flag', ['are the same'], from('two', ['--peer-store-name', 'two']))
  await refuses(t, 'bad_flag', ['--subnet-bootstrap'], from('big', ['--subnet-bootstrap', byte(1)]))
  t.absent(fs.existsSync(at('new')), 'no store was made')
})

test('what contracts wrote where it does not fit is left out, and named', async (t) => {
  const from = path.join(temporaryFolder(t), 'old')
  await writeOldStore(t, from, { 'umsgl/x': 'junk', 'msg/0': 'anything', rules: 'mine', appv: 1, 'app/x': 1 })
  const source = new ImportSource(from, { confirmed: true })
  t.teardown(() => source.close(), { order: 10 })
  await source.ready()
  const lines = importLines(source.source, await planImport(source), source.unconfirmed)
  for (const line of [
    '  1 key of the app',
    '  1 message',
    '  2 keys that are not free for apps in a new subnet',
    '  1 entry that is not what its key says: "umsgl/x"'
  ])
    t.ok(lines.includes(line), line)
})

async function refuses(
  t: Assertions,
  code: ErrorCode,
  texts: readonly string[],
  run: Promise<unknown>
): Promise<void> {
  const error = await run.then(
    () => null,
    (reason: unknown) => reason
  )
  if (!(error instanceof IntercomError)) throw error ?? new Error(`expected ${code}`)
  t.is(error.code, code, error.message)
  for (const text of texts) t.ok(error.message.includes(text), `"${error.message}" names ${text}`)
}

/** As in the store of a peer that took over what others had signed. */
async function clearBlock(folder: string, key: Uint8Array, block: number): Promise<void> {
  const store = new Corestore(folder)
  const core = store.get({ key }) as unknown as {
    ready(): Promise<void>
    clear(from: number, to: number): Promise<unknown>
  }
  await core.ready()
  await core.clear(block, block + 1)
  await store.close()
}
