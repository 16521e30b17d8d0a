import b4a from 'b4a'
import test from 'brittle'
import { BenchScope } from '../../../bench/helpers/scope.ts'
import type { Applied } from '../../../features/subnet/engine/events.ts'
import {
  LOCAL_BOOTSTRAP,
  LOCAL_NETWORK_ID,
  localVerifier
} from '../../../features/subnet/engine/local-settlement.ts'
import { RULESETS } from '../../../features/subnet/engine/rules.ts'
import { LocalSettlement } from '../../../features/subnet/transactions/local-settlement.ts'
import { operationOf, type Transaction } from '../../../features/subnet/transactions/transaction.ts'
import { blake3Hex, commandHash, type TxPayload, txPayload } from '../../../src/app/payloads.ts'
import type { IntercomError } from '../../../src/base/errors.ts'
import { type Hex32, hex32 } from '../../../src/base/hex.ts'
import { encodeAddress } from '../../../src/identity/address.ts'
import { add, COUNTER_APP, openCounter, signTx, transactionBy, tx } from '../../helpers/subnet/counter.ts'
import { openMember } from '../../helpers/subnet/member.ts'
import { alice, bob } from '../../helpers/subnet/ops.ts'
import { startDht } from '../../helpers/swarm.ts'

const scope = new BenchScope()
const dht = await startDht(scope)
const admin = await openCounter(scope, dht)
const { desk, node } = admin

/** How many transactions there are. */
async function count(): Promise<number> {
  return ((await desk.get('txl', false)) as number | null) ?? 0
}

test('what a transaction did is told as it stands in the state', async (t) => {
  const first = await desk.tx({ command: 'add a' })
  const { tx: hash } = first.result
  t.alike(first.result, {
    ...{ tx: hash, simulated: false, error: null, value: null, log: [], appended: true, n: 0 }
  })
  t.alike(first.lines, [`TX appended: ${hash}`])
  t.alike(admin.lines.slice(-1), ['a is 1'], 'the contract logs once')
  const entry = (await desk.get('txi/0')) as Record<string, unknown>
  t.alike(entry, {
    ...{ val: { type: 'add', value: { name: 'a' } }, err: null, tx: hash },
    ...{ ipk: node.key, wp: desk.writerKey }
  })
  t.is(await desk.get(`tx/${hash}`), 0)
  t.is(await desk.get('app/count/a'), 1)

  const failed = await desk.tx({ command: 'fail' })
  t.is(failed.result.error, 7)
  t.is(failed.result.n, 1)
  t.alike(failed.lines, [`TX appended: ${failed.result.tx}`, 'Contract error: 7'])

  const unknown = await desk.tx({ command: { type: 'nonsense', value: null } })
  t.is(unknown.result.error, 'Unknown contract operation type.', 'on record, as it was paid for')
  t.is(unknown.result.n, 2)
})

test('a command that is none is refused with what is wrong with it', async (t) => {
  const refused = async (command: string | { type: string; value: unknown }) => {
    const [error] = await Promise.allSettled([desk.tx({ command })])
    const { code, message } = (error as PromiseRejectedResult).reason as IntercomError
    return `${code}: ${message}`
  }
  const before = await count()
  t.is(await refused('nonsense'), 'tx_unknown_command: command not found: "nonsense".')
  t.is(await refused('throw'), 'bad_arguments: The app cannot read this command (no such \\e[31mword).')
  t.is(await refused('junk'), 'app_broken: The app made something of this command that is no transaction.')
  t.is(
    await refused({ type: '', value: 1 }),
    'bad_arguments: prepared_command.type must exist and be a string.'
  )
  t.is(await refused({ type: 'add', value: undefined }), 'bad_arguments: prepared_command.value is missing.')
  t.is(await refused({ type: 'add', value: 'x'.repeat(4096) }), 'too_large: prepared_command too large.')
  t.is(
    await refused({ type: 'add', value: 1n }),
    'unserialisable: prepared_command is not JSON, or nests too deep.'
  )
  let deep: unknown = 1
  for (let i = 0; i < 100; i++) deep = [deep]
  t.is(
    await refused({ type: 'add', value: deep }),
    'unserialisable: prepared_command is not JSON, or nests too deep.'
  )
  t.is(await count(), before, 'nothing was appended')
})

test('before there is an admin, and while they are switched off, there are none', async (t) => {
  const { desk, node } = await openMember(t, dht, ['--app', COUNTER_APP])
  await t.exception(desk.tx({ command: 'add a' }), /Subnet has no admin yet/)
  await t.exception(desk.txContext(), /Subnet has no admin yet/)
  const { subnet } = desk
  await subnet.append({ type: 'addAdmin', key: node.key, rules: 2, settlement: 'local' })
  t.is((await desk.tx({ command: 'add a' })).result.n, 0)
  const enable = (enabled: boolean) =>
    subnet.append(subnet.pen.b(RULESETS[2], 'enableTransactions', { enabled, address: node.key }))
  await enable(false)
  await t.exception(desk.tx({ command: 'add a' }), /Tx is not enabled\./)
  await t.exception(desk.tx({ command: 'add a', sim: true }), /Tx is not enabled\./)
  await enable(true)
  t.is((await desk.tx({ command: 'add a' })).result.n, 1)
})

test('a simulation shows what would come of it, and leaves no trace', async (t) => {
  const { core } = desk.subnet.base.view
  await tx(admin, 'add s')
  const { length } = core
  const told = admin.lines.length

  const simulated = await desk.tx({ command: 'add s', sim: true })
  t.alike(simulated.result, {
    ...{ tx: simulated.result.tx, simulated: true, error: null, value: { count: 2 } },
    ...{ log: ['s is 2'], appended: false, n: null }
  })
  t.alike(simulated.lines, ['s is 2', 'Simulated, nothing is written. Returned: {"count":2}'])
  t.alike((await tx(admin, 'add s', true)).value, { count: 2 }, 'nothing is left of the one before')
  t.alike((await tx(admin, 'forget s', true)).value, { left: null }, 'what is deleted is gone')
  const failed = await desk.tx({ command: 'fail', sim: true })
  t.is(failed.result.error, 7)
  t.alike(failed.lines, ['Contract error: 7'])
  t.is(core.length, length)
  t.is(admin.lines.length, told)

  // While transactions are being applied.
  const real = Promise.all(Array.from({ length: 60 }, () => tx(admin, 'add s')))
  const sims = await Promise.all(Array.from({ length: 60 }, () => tx(admin, add('s', 1000), true)))
  t.alike(new Set((await real).map(({ error }) => error)), new Set([null]))
  t.ok(sims.every(({ value }) => (value as { count: number }).count < 1100))
  t.is(await desk.get('app/count/s', false), 61)
})

test('twenty clients at once: each has its own answer, and in the order in which it asked', async (t) => {
  let batches = 0
  desk.subnet.on('applied', () => batches++)
  const answers = await Promise.all(
    Array.from({ length: 20 }, async (_, client) => {
      const own: { by: number; n: number | null; tx: string }[] = []
      for (let by = 1; by <= 10; by++) {
        const { n, tx: hash, error } = await tx(admin, add(`client ${client}`, by))
        t.is(error, null)
        own.push({ by, n, tx: hash })
      }
      return own
    })
  )
  t.ok(batches < 100, `${batches} batches for 200 transactions`)
  for (const [client, own] of answers.entries()) {
    t.alike(
      own,
      own.toSorted((a, b) => Number(a.n) - Number(b.n)),
      'in order'
    )
    for (const { n, tx: hash, by } of own) {
      const { val, tx: stored } = (await desk.get(`txi/${n}`)) as { val: unknown; tx: string }
      t.alike([stored, val], [hash, add(`client ${client}`, by)])
    }
    t.is(await desk.get(`app/count/client ${client}`), 55)
  }

  // One that does not wait for its answers.
  const places = await Promise.all(
    Array.from({ length: 60 }, (_, i) =>
      tx(admin, i % 7 === 3 ? 'fail' : add('impatient')).then(({ n }) => n)
    )
  )
  t.alike(
    places,
    places.toSorted((a, b) => Number(a) - Number(b))
  )
})

test('what a contract does not come to an end with is refused, and the node goes on', async (t) => {
  const before = await count()
  const looping = tx(admin, 'loop')
  const behind = tx(admin, 'add a')
  const simulated = tx(admin, 'loop', true)
  for (const refused of [looping, simulated]) {
    const [error] = await Promise.allSettled([refused])
    t.is((error as PromiseRejectedResult).reason.code, 'contract_too_slow')
  }
  t.is((await behind).n, before, 'who waits behind it is served')
  t.is((await tx(admin, 'add a')).n, before + 1)
  t.is(await count(), before + 2, 'nothing of it is in the log')
})

test('a transaction that somebody else signed', async (t) => {
  const context = await desk.txContext()
  t.alike([context.bs, context.iw], [desk.bootstrap, desk.writerKey])
  const before = await count()
  const signed = signTx(alice, context, add('signed'))

  t.alike((await desk.submit(signed, true)).value, { count: 1 })
  t.is(await count(), before)
  let written = 0
  const handleApplied = ({ operations }: Applied) => {
    written += operations.length
  }
  desk.subnet.on('applied', handleApplied)
  const [result, same] = await Promise.all([desk.submit(signed, false), desk.submit(signed, false)])
  t.alike(same, result)
  t.alike([result.tx, result.n, result.error], [signed.tx, before, null])
  t.alike(await desk.submit(signed, false), result, 'once more: the same answer')
  t.is(await count(), before + 1)
  t.is(((await desk.get(`txi/${before}`)) as { ipk: string }).ipk, alice.publicKey)
  const again = await Promise.all([desk.submit(signed, false), desk.submit(signed, false)])
  t.alike(again, [result, result])
  await t.exception(desk.submit(signed, true), /already exists in the state/)
  t.is(written, 1)
  desk.subnet.off('applied', handleApplied)

  const trac = encodeAddress(b4a.from(bob.publicKey, 'hex'))
  t.is((await desk.submit({ ...signTx(bob, context, add('trac')), address: trac }, false)).n, before + 1)
  t.is(((await desk.get(`txi/${before + 1}`)) as { ipk: string }).ipk, bob.publicKey)
})

test('what is wrong with a transaction that somebody signed is told in the deployed sentences', async (t) => {
  const context = await desk.txContext()
  const before = await count()
  const good = signTx(alice, context, add('a'))
  const other = signTx(alice, { ...context, txv: '11'.repeat(32) }, add('a'))
  const cases: readonly [object, string][] = [
    [{ preparedCommand: 'add a' }, 'prepared_command must be an object.'],
    [{ preparedCommand: { value: 1 } }, 'prepared_command.type must exist and be a string.'],
    [{ preparedCommand: { type: 'add' } }, 'prepared_command.value is missing.'],
    [
      { preparedCommand: { type: 'add', value: 'x'.repeat(4096) }, address: '' },
      'prepared_command too large.'
    ],
    [{ address: 'ab', signature: '' }, 'Address length invalid.'],
    [{ signature: 'ab', nonce: '' }, 'Signature length invalid.'],
    [{ nonce: 'ab', address: 'x'.repeat(64) }, 'Nonce length invalid.'],
    [{ address: alice.publicKey.toUpperCase(), nonce: 'x'.repeat(64) }, 'Invalid address.'],
    [{ address: `${'trac1'}${'q'.repeat(58)}` }, 'Invalid address.'],
    [{ signature: 'G'.repeat(128), nonce: 'x'.repeat(64) }, 'Invalid signature.'],
    [{ nonce: 'x'.repeat(64) }, 'Invalid nonce.'],
    [{ address: bob.publicKey }, 'Invalid signature.'],
    [{ signature: '00'.repeat(64) }, 'Invalid signature.'],
    [{ nonce: '22'.repeat(32) }, 'Invalid TX.'],
    [{ preparedCommand: add('b') }, 'Invalid TX.'],
    [other, 'Invalid TX.'],
    [{ tx: 'no hash' }, 'Invalid TX.']
  ]
  for (const [change, sentence] of cases) {
    const [outcome] = await Promise.allSettled([desk.submit({ ...good, ...change }, false)])
    t.is((outcome as PromiseRejectedResult).reason?.message, sentence)
  }
  t.is(await count(), before)
  t.is((await desk.submit(good, false)).n, before)
})

test('the settlement of a local subnet', async (t) => {
  const delivered = { appended: true, n: null, error: null }
  const sent: Transaction[] = []
  const settlement = new LocalSettlement(desk.subnet, async (transaction) => {
    sent.push(transaction)
    return delivered
  })
  const context = await settlement.context()
  t.alike(context, await desk.txContext())
  t.alike([context.networkId, context.mbs], [LOCAL_NETWORK_ID, LOCAL_BOOTSTRAP])
  t.is(context.txv, blake3Hex(b4a.from(desk.writerKey, 'hex')), 'of its only indexer')
  const address = encodeAddress(b4a.from(alice.publicKey, 'hex'))

  const transaction = transactionBy(alice, context, add('settled'))
  const parts = { ...context, ch: commandHash(transaction.dispatch), nonce: transaction.nonce }
  const payload = txPayload(address, parts, transaction.signature)
  await settlement.preflight(payload)
  t.is(await settlement.broadcast(payload, transaction.dispatch), delivered)
  t.alike(sent, [transaction])
  const op = operationOf(transaction, hex32(b4a.from(desk.writerKey, 'hex')))
  const verify = (from: string) => localVerifier.verify(op, { from: from as Hex32, subnet: desk.bootstrap })
  t.alike([await verify(desk.writerKey), await verify(alice.publicKey)], [true, false])

  const wrong = (change: Partial<TxPayload['txo']>, who = address) =>
    settlement.preflight({ ...payload, address: who, txo: { ...payload.txo, ...change } })
  await t.exception(wrong({}, 'nobody'), /Payload is invalid/)
  await t.exception(wrong({ bs: transaction.nonce }), /for another subnet/)
  await t.exception(wrong({ mbs: transaction.nonce }), /for another settlement/)
  await t.exception(wrong({ in: transaction.tx }), /Regenerated transaction does not match/)
  await t.exception(wrong({}, encodeAddress(b4a.from(bob.publicKey, 'hex'))), /Invalid signature in payload/)
})

test('the node closes', async (t) => {
  await t.execution(scope.close())
})
