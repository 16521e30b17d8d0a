import b4a from 'b4a'
import test from 'brittle'
import { LOCAL_BOOTSTRAP, LOCAL_NETWORK_ID } from '../../../features/subnet/engine/local-settlement.ts'
import {
  blake3Hex,
  commandHash,
  deployHash,
  deployPayload,
  txHash,
  txPayload
} from '../../../src/app/payloads.ts'
import { admin, byte } from '../../helpers/subnet/ops.ts'

const context = { networkId: 918, txv: byte(1), iw: byte(2), bs: byte(3), mbs: byte(4) }
const ch = 'a6af33a13e9765980948fce83115f6de2181067b3b96ada2f30c1a4925c31ab9'
const parts = { ...context, ch, nonce: byte(5) }
const TX = '20035b1640c619f07c2900856d4fdaf7599b35fdd86bd9dc7c32cf98b696ec91'

test('golden hashes (spec/subnet G3)', (t) => {
  t.is(blake3Hex(b4a.from('hello')), 'ea8f163db38682925e4491c5e58d4bb3506ef8c14eb78a86e908c5624a67200f')
  t.is(txHash(parts), TX)
  const deployment = { networkId: 918, txv: byte(1), bs: byte(3), ic: byte(6), nonce: byte(5) }
  t.is(deployHash(deployment), '3746a02345b2f9da28d826111de9ffcd04e58ba7f6f6dac18c56115fd3564f6b')
  t.is(
    admin.sign(b4a.from(TX, 'hex')),
    '09eebf6937edc3dcd6c339023565fc7d941d62ff1c23e1b5cd403887f165172ea4d3fe8fffec71888b07d7c88f7b1b5327a673c591074d636a2e0c00804da80b'
  )
})

test('the hash of a command is that of its JSON, type first', (t) => {
  const text = '{"type":"ping","value":{"msg":"hello"}}'
  t.is(commandHash(JSON.parse('{"value":{"msg":"hello"},"type":"ping"}')), blake3Hex(b4a.from(text)))
  t.is(blake3Hex(b4a.from(text)), '3f0246cf99ffd5b7fc457a00d2e6bcbc6169e9e2aaa9f34fe03ceeb459c8cb79')
})

test('payloads', (t) => {
  const { networkId: _, nonce, ...rest } = parts
  t.alike(txPayload('trac1x', parts, 'ff'), {
    type: 12,
    address: 'trac1x',
    txo: { tx: TX, ...rest, in: nonce, is: 'ff' }
  })
  const deployment = { networkId: 918, txv: byte(1), bs: byte(3), ic: byte(6), nonce: byte(5) }
  t.alike(deployPayload('trac1x', deployment, 'ff').bdo, {
    tx: deployHash(deployment),
    txv: byte(1),
    bs: byte(3),
    ic: byte(6),
    in: byte(5),
    is: 'ff'
  })
})

test('what is malformed is an error, not left out', (t) => {
  const refusal = (over: object): string => {
    try {
      return txHash({ ...parts, ...over })
    } catch (error) {
      return (error as Error).message
    }
  }
  for (const networkId of [0, -1, 1.5, 2 ** 32]) t.is(refusal({ networkId }), 'expected 1 to 2^32-1')
  for (const iw of ['', 'ff', `${byte(2).slice(1)}g`]) t.is(refusal({ iw }), 'expected 32 bytes as hex')
  t.not(txHash({ ...parts, networkId: 2 ** 32 - 1 }), TX)
})

test('nothing signed for a local subnet is worth anything on the paid network', (t) => {
  t.ok(LOCAL_NETWORK_ID !== 918 && LOCAL_NETWORK_ID !== 919)
  t.is(LOCAL_BOOTSTRAP.length, 64)
  t.not(txHash({ ...parts, networkId: LOCAL_NETWORK_ID, mbs: LOCAL_BOOTSTRAP }), TX)
})
