import b4a from 'b4a'
import test from 'brittle'
import fc from 'fast-check'
import {
  canonicalBytes,
  plainBytes,
  type Statement,
  signerAmong
} from '../../../features/subnet/engine/signing.ts'
import { admin, alice, byte } from '../../helpers/subnet/ops.ts'

const P = admin.publicKey
const msg = { type: 'setAutoAddWriters', key: 'on' }
const nick = { type: 'setNick', nick: 'alice', address: P, initiator: P }
const formA: Statement = { ...msg, plain: msg, value: msg, nonce: byte(0) }
const formB: Statement = { type: 'setNick', plain: { dispatch: nick }, value: nick, nonce: byte(0) }
const entry = { type: 'timer_feature', key: 'currentTime', value: 1700000000000, address: P }
const formC: Statement = {
  type: 'feature',
  key: 'timer_currentTime',
  plain: entry.value,
  value: entry,
  nonce: byte(0)
}

const sign = (bytes: typeof plainBytes, statement: Statement) =>
  admin.sign(bytes(statement, byte(3)) ?? b4a.alloc(0))

test('golden signatures of ruleset 1 (spec/subnet G4)', (t) => {
  t.is(
    sign(plainBytes, formA),
    '9fa9135e197f547141636dd9acbd3a52e307233d2bfa8f0b0f6df6ed5db214bbd3d77b6a3562540545825f6b6d7795bf15d44477e748fccd60c3fb58e115920c'
  )
  t.is(b4a.byteLength(JSON.stringify(formB.plain)), 202)
  t.is(
    sign(plainBytes, formB),
    '2449a266a5529b37f70e1e9b5d18d6085a00f2afe3ab88eb93ff8f36d940c7302d4efe493e2146125c6de3677e385af54326b8e340eb6a2d41de87c4da12e405'
  )
})

test('vectors of ruleset 2', (t) => {
  t.is(
    b4a.toString(canonicalBytes(formA, byte(3)) ?? b4a.alloc(0)),
    `{"key":"on","nonce":"${byte(0)}","subnet":"${byte(3)}","type":"setAutoAddWriters","v":2,` +
      '"value":{"key":"on","type":"setAutoAddWriters"}}'
  )
  t.is(
    b4a.toString(canonicalBytes(formB, byte(3)) ?? b4a.alloc(0)),
    `{"key":null,"nonce":"${byte(0)}","subnet":"${byte(3)}","type":"setNick","v":2,` +
      `"value":{"address":"${P}","initiator":"${P}","nick":"alice","type":"setNick"}}`
  )
  t.is(
    sign(canonicalBytes, formA),
    'b3c7c58fbd7ca5cb5774879d5554219984960176b26334298da3e5e6fbb2bb60ff5524b049163a932e49439902043e1498f1b5d6477bbae973f087a197355a0d'
  )
  t.is(
    sign(canonicalBytes, formB),
    'a590d58b8864edcfebbe0e9ab16b3cc2e427945c3fadd5d6e1db7e50d7bdfbb58c36ec70b66ac63ca7a40d0228649088b7c12d453447785e87579ea60bf3190e'
  )
  t.is(
    sign(canonicalBytes, formC),
    '1983a56a4ad32f1f98775105ef99dd8d426fa70f167df919a644578cb92384f1e92ea8a3ee534072f639477960fff2c9e5f931ec9f82899dd65a45579425c306'
  )
})

test('ruleset 2 signs every part, and not the order of keys', (t) => {
  const base = sign(canonicalBytes, formC)
  const reversed = Object.fromEntries(Object.entries(entry).reverse())
  t.is(sign(canonicalBytes, { ...formC, value: reversed }), base)
  const changes: Partial<Statement>[] = [
    { type: 'msg' },
    { key: 'x' },
    { nonce: byte(1) },
    { value: { ...entry, key: 'x' } }
  ]
  for (const change of changes) t.not(sign(canonicalBytes, { ...formC, ...change }), base)
  t.not(admin.sign(canonicalBytes(formC, byte(4)) ?? b4a.alloc(0)), base)
})

test('a missing key, or a malformed one, has signed nothing', (t) => {
  const bytes = plainBytes(formA, '') ?? b4a.alloc(0)
  const signature = admin.sign(bytes)
  t.is(signerAmong([alice.publicKey, P], signature, bytes), P)
  t.is(signerAmong([null, undefined, '', 'aa', P.toUpperCase(), 1, {}], signature, bytes), null)
  t.is(signerAmong([P], signature.toUpperCase(), bytes), null, 'one spelling only')
  fc.assert(fc.property(fc.anything(), fc.string(), (key, text) => signerAmong([key], text, bytes) === null))
})

test('no bytes for what has no JSON', (t) => {
  t.is(plainBytes({ ...formA, plain: undefined }, ''), null)
  t.is(canonicalBytes({ ...formA, value: 1n }, ''), null)
})
