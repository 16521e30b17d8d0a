import b4a from 'b4a'
import test from 'brittle'
import { isSignedBy, noteSignature } from '../../../features/subnet/engine/known-signatures.ts'
import { alice as other, admin as signer } from '../../helpers/subnet/ops.ts'

test('a known signature is good for its own message and key alone', (t) => {
  const message = b4a.from('mine')
  const signature = signer.sign(message)
  for (const known of [false, true]) {
    if (known) noteSignature(signature, message, signer.publicKey)
    t.ok(isSignedBy(signature, b4a.from('mine'), signer.publicKey))
    t.absent(isSignedBy(signature, b4a.from('thine'), signer.publicKey))
    t.absent(isSignedBy(signature, message, other.publicKey))
    t.absent(isSignedBy(other.sign(message), message, signer.publicKey))
    t.absent(isSignedBy(null, message, signer.publicKey))
  }
})

test('what was found good is remembered, and there is an end to that', (t) => {
  // Nobody signed these: only what is remembered can say that they are good.
  const [invented, long] = ['ab'.repeat(64), b4a.alloc(5000)]
  noteSignature(invented, b4a.from('invented'), signer.publicKey)
  noteSignature('cd'.repeat(64), long, signer.publicKey)
  t.ok(isSignedBy(invented, b4a.from('invented'), signer.publicKey))
  t.absent(isSignedBy('cd'.repeat(64), long, signer.publicKey), 'too long to be remembered')
  for (let n = 0; n < 3000; n++) {
    const message = b4a.from(`message ${n}`)
    if (!isSignedBy(signer.sign(message), message, signer.publicKey)) t.fail(`message ${n}`)
  }
  t.absent(isSignedBy(invented, b4a.from('invented'), signer.publicKey), 'these took its place')
})
