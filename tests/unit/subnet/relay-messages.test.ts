import test from 'brittle'
import fc from 'fast-check'
import { decodeMessage } from '../../../features/subnet/members/messages.ts'
import {
  encodeReply,
  encodeRequest,
  isFinal,
  readReply,
  readRequest
} from '../../../features/subnet/relay/messages.ts'
import { contextOf, readTransaction } from '../../../features/subnet/transactions/transaction.ts'
import type { Hex32 } from '../../../src/base/hex.ts'
import { add, transactionBy } from '../../helpers/subnet/counter.ts'
import { alice, byte } from '../../helpers/subnet/ops.ts'

const subnet = byte(1) as Hex32
const transaction = transactionBy(alice, contextOf(subnet, byte(2) as Hex32, byte(3) as Hex32), add('a'))
const sent = (bytes: Uint8Array) => decodeMessage(bytes) ?? {}

test('what is asked and answered comes over as it was', (t) => {
  const { tx } = transaction
  const request = readRequest(sent(encodeRequest(7, transaction, null)))
  t.alike(request, { id: 7, tx, transaction, after: null })
  t.is(readRequest(sent(encodeRequest(7, transaction, subnet)))?.after, subnet)
  t.alike(readTransaction(request?.transaction, subnet), transaction)
  for (const error of [null, 'not_writable', 'contract_too_slow']) {
    const reply = { id: 7, tx: transaction.tx, error }
    t.alike(readReply(sent(encodeReply(reply))), reply)
  }
  t.absent(['not_writable', 'rate_limited', 'timed_out', 'predecessor_missing', 'tx_disabled'].some(isFinal))
  t.ok(isFinal('bad_arguments') && isFinal('whatever'))
})

test('nothing else is one', (t) => {
  const { tx } = transaction
  for (const reply of [
    {},
    { relayed: -1, tx, ok: true },
    { relayed: '1', tx, ok: true },
    { relayed: 1, tx: 'x', ok: true },
    { relayed: 1, tx, ok: 'true' },
    { relayed: 1, tx, ok: false },
    { relayed: 1, tx, ok: false, error: 'With Spaces\u001b[31m' },
    { relayed: 1, tx, ok: false, error: 'a'.repeat(41) }
  ]) {
    t.is(readReply(reply), null)
  }
  t.is(readRequest({ relayTx: transaction, id: 1.5 }), null)
  t.is(readRequest({ relayTx: transaction }), null)
  for (const relayTx of [null, {}, { tx: 'x' }, 'x']) t.is(readRequest({ relayTx, id: 1 }), null)
  t.is(readRequest({ relayTx: transaction, id: 1, after: 'x' })?.after, null)
})

test('no transaction but the very one that was signed is read', (t) => {
  const keys = Object.keys(transaction) as (keyof typeof transaction)[]
  const change = fc.record({ key: fc.constantFrom(...keys), value: fc.jsonValue() })
  fc.assert(
    fc.property(change, ({ key, value }) => {
      const changed = { ...transaction, [key]: value }
      const same = JSON.stringify(changed) === JSON.stringify(transaction)
      return (readTransaction(changed, subnet) !== null) === same
    })
  )
  fc.assert(fc.property(fc.anything(), (value) => readTransaction(value, subnet) === null))
  t.is(readTransaction(transaction, byte(9) as Hex32), null, 'of another subnet')
  t.is(readTransaction({ ...transaction, signature: transaction.signature.toUpperCase() }, subnet), null)
})
