import b4a from 'b4a'
import test from 'brittle'
import fc from 'fast-check'
import {
  createInvite,
  createWelcome,
  parseInvite,
  parseWelcome,
  verifyInvite,
  verifyWelcome
} from '../../../features/sidechannel/grants.ts'
import { canonicalJson } from '../../../src/base/canonical.ts'
import { parseTokenText, tokenText } from '../../../src/base/token-text.ts'
import { captures, invitee, name, owner, stranger, vectors } from './helpers.ts'

const NOW = 1_760_000_000_000
const context = {
  channel: 'priv1',
  presenter: invitee.publicKey as string,
  inviters: new Set<string>([owner.publicKey]),
  now: NOW
}
const { welcome, invite, inviteExpired, inviteWrongSigner } = vectors()

test('grants made here are those of the vectors', (t) => {
  const channel = name('priv1')
  const madeWelcome = createWelcome(
    { channel, text: 'Welcome to priv1.', issuedAt: 1_750_000_000_000 },
    owner
  )
  t.alike(madeWelcome, welcome.object)
  t.is(canonicalJson(madeWelcome.payload), welcome.canonical)
  t.is(tokenText(madeWelcome), welcome.b64)
  const fields = {
    inviteePubKey: invitee.publicKey,
    inviterAddress: null,
    nonce: 'k3j9x0q1',
    welcome: madeWelcome
  }
  const times = { issuedAt: 1_750_000_000_000, expiresAt: 4_102_444_800_000 }
  const madeInvite = createInvite({ channel, ...fields, ...times }, owner)
  t.alike(madeInvite, invite.object)
  t.is(canonicalJson(madeInvite.payload), invite.canonical)
  t.is(tokenText(madeInvite), invite.b64)
  const own = createInvite(
    { channel, inviteePubKey: invitee.publicKey, inviterAddress: 'trac1x', ...times },
    owner
  )
  t.ok(/^[0-9a-f]{16}$/.test(own.payload.nonce))
  t.ok(verifyInvite(own, context).ok)
})

test('grants of the vectors and of deployed peers verify, in every form', (t) => {
  t.ok(verifyWelcome(welcome.object, 'priv1', owner.publicKey).ok)
  t.ok(verifyInvite(invite.object, context).ok)
  t.ok(verifyWelcome(parseTokenText(welcome.b64), 'priv1', owner.publicKey).ok)
  t.ok(verifyInvite(parseTokenText(`b64:${invite.b64}`), context).ok)
  const { payload, sig } = invite.object
  for (const form of [
    { ...payload, sig },
    { ...payload, signature: sig },
    { payload, signature: sig }
  ]) {
    const verdict = verifyInvite(form, context)
    t.alike(verdict, { ok: true, invite: { payload, sig } })
  }
  const flat = { ...payload, sig, welcome: welcome.object }
  t.alike(parseInvite(flat)?.welcome, welcome.object)
  t.ok(verifyWelcome({ ...welcome.object.payload, sig: welcome.object.sig }, 'priv1', owner.publicKey).ok)

  const deployed = captures()
  const theirs = parseInvite(deployed.invite_priv1)
  if (theirs === null) return t.fail('not parsed')
  const { inviterPubKey, inviteePubKey } = theirs.payload
  const now = theirs.payload.issuedAt
  const inviters = new Set([inviterPubKey])
  t.ok(verifyInvite(deployed.invite_priv1, { channel: 'priv1', presenter: inviteePubKey, inviters, now }).ok)
  t.ok(verifyWelcome(theirs.welcome, 'priv1', inviterPubKey).ok)
  t.ok(verifyWelcome(deployed.welcome_pub1, 'pub1', inviterPubKey).ok)
})

test('a refused grant says which check it failed', (t) => {
  const reasonOf = (value: unknown, change = {}) => {
    const verdict = verifyInvite(value, { ...context, ...change })
    return verdict.ok ? 'ok' : verdict.reason
  }
  t.is(reasonOf(invite.object, { channel: 'other' }), 'channel')
  t.is(reasonOf(invite.object, { presenter: stranger.publicKey }), 'invitee')
  t.is(reasonOf(invite.object, { inviters: new Set([stranger.publicKey]) }), 'inviter')
  t.is(reasonOf(invite.object, { inviters: new Set() }), 'inviter')
  t.is(reasonOf(invite.object, { now: 4_102_444_799_999 }), 'ok')
  t.is(reasonOf(invite.object, { now: 4_102_444_800_000 }), 'expired')
  t.is(reasonOf(inviteExpired), 'expired')
  t.is(reasonOf(inviteExpired, { now: 1_600_000_000_500 }), 'ok')
  t.is(reasonOf(inviteWrongSigner), 'signature')
  t.is(reasonOf({ ...invite.object, sig: 'zz' }), 'signature')
  // Another field is signed along with the rest.
  t.is(reasonOf({ ...invite.object, payload: { ...invite.object.payload, extra: 1 } }), 'signature')

  const welcomeReason = (
    value: unknown,
    channel = 'priv1',
    key: typeof owner.publicKey | null = owner.publicKey
  ) => {
    const verdict = verifyWelcome(value, channel, key)
    return verdict.ok ? 'ok' : verdict.reason
  }
  t.is(welcomeReason(welcome.object, 'other'), 'channel')
  t.is(welcomeReason(welcome.object, 'priv1', stranger.publicKey), 'owner')
  t.is(welcomeReason(welcome.object, 'priv1', null), 'owner')
  t.is(welcomeReason({ ...welcome.object, payload: { ...welcome.object.payload, text: 'x' } }), 'signature')
  t.is(welcomeReason(invite.object), 'malformed')
})

test('each field of a grant is needed and must be of its kind', (t) => {
  const { payload, sig } = invite.object
  for (const field of Object.keys(payload)) {
    for (const value of [undefined, [], {}, true, Number.NaN, -1, '\ud800'.repeat(200)]) {
      const changed = { payload: { ...payload, [field]: value }, sig }
      const parsed = parseInvite(changed)
      // Any text will do for a nonce or an address; the signature is for later.
      const anyText = typeof value === 'string' && (field === 'nonce' || field === 'inviterAddress')
      t.is(parsed !== null, anyText, `${field} ${String(value).slice(0, 5)}`)
    }
  }
  for (const bad of [
    { payload },
    { payload, sig: 1 },
    { payload: null, sig },
    { payload: [], sig },
    { payload: 'x', sig }
  ])
    t.is(parseInvite(bad), null)
})

test('whatever comes, the answer is a verdict', (t) => {
  const deep: unknown = JSON.parse('['.repeat(10_000) + ']'.repeat(10_000))
  const { payload, sig } = invite.object
  for (const value of [
    null,
    undefined,
    1,
    'x',
    true,
    [],
    {},
    deep,
    { payload: deep, sig },
    { payload: { ...payload, deep }, sig }
  ]) {
    t.absent(verifyInvite(value, context).ok)
    t.absent(verifyWelcome(value, 'priv1', owner.publicKey).ok)
  }
  fc.assert(
    fc.property(fc.jsonValue(), fc.constantFrom(...Object.keys(payload)), (value, field) => {
      const changed = { payload: { ...payload, [field]: value }, sig, welcome: value }
      const same = JSON.stringify(value) === JSON.stringify(payload[field])
      return parseWelcome(value) === null && verifyInvite(changed, context).ok === same
    })
  )
  t.pass()
})

test('a signature counts for one key alone', (t) => {
  const channel = name('priv1')
  const forged = createWelcome({ channel, text: 'x', issuedAt: 1 }, stranger)
  const claimed = { ...forged, payload: { ...forged.payload, ownerPubKey: owner.publicKey } }
  t.absent(verifyWelcome(claimed, 'priv1', owner.publicKey).ok)
  t.is(b4a.from(forged.sig, 'hex').byteLength, 64)
})
