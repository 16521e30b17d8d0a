import b4a from 'b4a'
import test from 'brittle'
import { verifySignature } from '../../../src/base/signature.ts'
import { owner, signerOf, stranger, vectors } from '../sidechannel/helpers.ts'

test('signers are the key pairs of their seeds', (t) => {
  const { keys } = vectors()
  t.is(owner.publicKey, keys.owner.publicKey)
  t.is(stranger.publicKey, keys.stranger.publicKey)
  t.is(signerOf(2).publicKey, keys.invitee.publicKey)
})

test('a signature is for one key and one text', (t) => {
  const message = b4a.from('text')
  const signature = owner.sign(message)
  t.ok(/^[0-9a-f]{128}$/.test(signature))
  t.ok(verifySignature(signature, message, owner.publicKey))
  t.ok(verifySignature(signature.toUpperCase(), message, owner.publicKey))
  t.absent(verifySignature(signature, message, stranger.publicKey))
  t.absent(verifySignature(signature, b4a.from('Text'), owner.publicKey))
})

test('what is malformed is invalid', (t) => {
  const message = b4a.from('text')
  const signature = owner.sign(message)
  for (const bad of [
    null,
    undefined,
    1,
    {},
    '',
    'zz',
    signature.slice(1),
    `${signature}00`,
    `${signature}\n`
  ])
    t.absent(verifySignature(bad, message, owner.publicKey))
  for (const key of [
    null,
    undefined,
    1,
    '',
    owner.publicKey.toUpperCase(),
    '0'.repeat(64),
    `${owner.publicKey}\n`
  ])
    t.absent(verifySignature(signature, message, key))
})
