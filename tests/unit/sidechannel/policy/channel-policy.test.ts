import test from 'brittle'
import fc from 'fast-check'
import { createInvite } from '../../../../features/sidechannel/grants.ts'
import { ENTRY_CHANNEL } from '../../../../features/sidechannel/names.ts'
import { channelPolicy, type PolicySettings } from '../../../../features/sidechannel/policy/channel-policy.ts'
import { mayWrite } from '../../../../features/sidechannel/policy/owner-only.ts'
import { refusalToSend } from '../../../../features/sidechannel/policy/send.ts'
import { checkInvited, isAuthorised } from '../../../../features/sidechannel/policy/uninvited.ts'
import { isWelcomed } from '../../../../features/sidechannel/policy/welcome.ts'
import { invitee, name, openPolicy, owner, stranger, vectors } from '../helpers.ts'

const self = invitee.publicKey

/** As the flags are when none is given. */
const DEFAULTS: PolicySettings = {
  sidechannelInviteRequired: false,
  sidechannelInviteChannels: null,
  sidechannelInvitePrefixes: null,
  sidechannelInviterKeys: null,
  sidechannelPow: true,
  sidechannelPowDifficulty: 12,
  sidechannelPowEntry: false,
  sidechannelPowChannels: null,
  sidechannelWelcomeRequired: true,
  sidechannelOwner: null,
  sidechannelOwnerWriteOnly: false,
  sidechannelOwnerWriteChannels: null
}

const policyOf = (channel: string, settings: Partial<PolicySettings> = {}, granted?: typeof self) =>
  channelPolicy({ ...DEFAULTS, ...settings }, name(channel), self, granted)

test('by default: work everywhere, a welcome everywhere but on the entry', (t) => {
  const room = policyOf('room')
  t.is(room.powBits, 12)
  t.is(room.welcomeRequired, true)
  t.is(room.inviteRequired, false)
  t.is(room.ownerWriteOnly, false)
  t.is(room.owner, null)
  const entry = policyOf(ENTRY_CHANNEL)
  t.is(entry.powBits, 12)
  t.is(entry.welcomeRequired, false)
})

test('the entry channel is name-only, whatever the flags say', (t) => {
  const key = owner.publicKey
  const settings = fc.record({
    sidechannelInviteRequired: fc.boolean(),
    sidechannelInviteChannels: fc.constantFrom(null, [ENTRY_CHANNEL]),
    sidechannelInvitePrefixes: fc.constantFrom(null, ['0']),
    sidechannelWelcomeRequired: fc.boolean(),
    sidechannelOwner: fc.constantFrom(null, { [ENTRY_CHANNEL]: key }),
    sidechannelOwnerWriteOnly: fc.boolean(),
    sidechannelOwnerWriteChannels: fc.constantFrom(null, [ENTRY_CHANNEL])
  })
  fc.assert(
    fc.property(settings, (given) => {
      const { inviteRequired, welcomeRequired, ownerWriteOnly, owner: none } = policyOf(ENTRY_CHANNEL, given)
      return !inviteRequired && !welcomeRequired && !ownerWriteOnly && none === null
    })
  )
  t.pass()
})

test('where invites are needed', (t) => {
  const needed = (channel: string, settings: Partial<PolicySettings>) =>
    policyOf(channel, settings).inviteRequired
  t.ok(needed('room', { sidechannelInviteRequired: true }))
  const listed = { sidechannelInviteRequired: true, sidechannelInviteChannels: ['vip'] }
  t.ok(needed('vip', listed))
  t.absent(needed('room', listed))
  t.ok(needed('vip', { sidechannelInviteChannels: ['vip'] }), 'a list needs no flag beside it')
  const prefixed = { sidechannelInvitePrefixes: ['swap-'], sidechannelInviteChannels: ['vip'] }
  t.ok(needed('swap-btc', prefixed))
  t.ok(needed('vip', prefixed))
  t.absent(needed('my-swap-btc', prefixed))
})

test('whose invites count: the configured keys, or our own when none is', (t) => {
  const required = { sidechannelInviteRequired: true }
  t.alike([...policyOf('room', required).inviters], [self])
  const configured = { ...required, sidechannelInviterKeys: [owner.publicKey] }
  t.alike([...policyOf('room', configured).inviters], [owner.publicKey])
  t.alike([...policyOf('room').inviters], [])
})

test('where work is needed', (t) => {
  const bits = (channel: string, settings: Partial<PolicySettings>) => policyOf(channel, settings).powBits
  t.is(bits('room', { sidechannelPow: false }), 0)
  t.is(bits('room', { sidechannelPowDifficulty: 20 }), 20)
  t.is(bits('room', { sidechannelPowEntry: true }), 0)
  t.is(bits(ENTRY_CHANNEL, { sidechannelPowEntry: true }), 12)
  const listed = { sidechannelPowEntry: true, sidechannelPowChannels: ['a'] }
  t.is(bits('a', listed), 12)
  t.is(bits('room', listed), 0)
  t.is(bits(ENTRY_CHANNEL, listed), 0, 'the list goes first')
})

test('owners: configured before granted; names of any kind', (t) => {
  const key = owner.publicKey
  // As its own property, whatever its name.
  const owners = Object.fromEntries([
    ['room', key],
    ['__proto__', key]
  ])
  t.is(policyOf('__proto__', { sidechannelOwner: owners }).owner, key)
  t.is(policyOf('room', { sidechannelOwner: owners }, self).owner, key)
  t.is(policyOf('other', { sidechannelOwner: owners }, self).owner, self)
  for (const channel of ['__proto__', 'constructor', 'toString']) {
    t.is(policyOf(channel, { sidechannelOwner: { room: key } }).owner, null, channel)
  }
  t.is(policyOf('room', { sidechannelOwner: owners, sidechannelOwnerWriteOnly: true }).ownerWriteOnly, true)
  t.is(policyOf('other', { sidechannelOwnerWriteChannels: ['other'] }).ownerWriteOnly, true)
})

test('where only an owner may write and none is known, nobody may', (t) => {
  for (const flags of [{ sidechannelOwnerWriteOnly: true }, { sidechannelOwnerWriteChannels: ['room'] }]) {
    const policy = policyOf('room', flags)
    t.is(policy.owner, null)
    for (const author of [self, owner.publicKey, stranger.publicKey, 'null', ''])
      t.absent(mayWrite(policy, author))
    t.is(refusalToSend(policy, self, 0, 1000), 'owner_only')
    t.ok(mayWrite(policyOf('room', flags, self), self), 'who becomes the owner may')
    t.ok(mayWrite(policyOf(ENTRY_CHANNEL, flags), stranger.publicKey), 'the entry is open')
  }
})

test('who may write, and who counts as welcomed', (t) => {
  const policy = openPolicy({ owner: owner.publicKey, ownerWriteOnly: true, welcomeRequired: true })
  t.ok(mayWrite(policy, owner.publicKey))
  t.absent(mayWrite(policy, self))
  t.absent(mayWrite({ ...policy, owner: null }, self))
  t.ok(mayWrite({ ...policy, ownerWriteOnly: false }, self))
  t.absent(isWelcomed(policy, self, false))
  t.ok(isWelcomed(policy, self, true))
  t.ok(isWelcomed(policy, owner.publicKey, false))
  t.ok(isWelcomed({ ...policy, welcomeRequired: false }, self, false))
})

test('who is authorised: inviters, and invitees until their invite runs out', (t) => {
  const policy = openPolicy({ inviteRequired: true, inviters: new Set([owner.publicKey]) })
  t.ok(isAuthorised(policy, owner.publicKey, 0, 1000))
  t.absent(isAuthorised(policy, self, 0, 1000))
  t.ok(isAuthorised(policy, self, 1001, 1000))
  t.absent(isAuthorised(policy, self, 1000, 1000))
  t.ok(isAuthorised({ ...policy, inviteRequired: false }, self, 0, 1000))
  t.is(refusalToSend(policy, self, 0, 1000), 'uninvited')
  t.is(refusalToSend(policy, self, 2000, 1000), null)
  t.is(
    refusalToSend({ ...policy, ownerWriteOnly: true, owner: owner.publicKey }, self, 2000, 1000),
    'owner_only'
  )
})

test('a message passes when both ends are invited, or it brings the proof along', (t) => {
  const channel = name('priv1')
  const policy = openPolicy({ channel, inviteRequired: true, inviters: new Set([owner.publicKey]) })
  const { object: invite } = vectors().invite
  const us = { policy, self: stranger.publicKey, selfInvitedUntil: 2000, now: 1000 }
  const them = { neighbour: invitee.publicKey, invitedUntil: 0, invite: undefined as unknown }
  t.is(checkInvited({ ...us, ...them }).ok, false)
  t.alike(checkInvited({ ...us, ...them, invitedUntil: 1001 }), { ok: true, invite: null })
  t.is(
    checkInvited({ ...us, ...them, invitedUntil: 1001, selfInvitedUntil: 0 }).ok,
    false,
    'we are not invited'
  )
  t.is(checkInvited({ ...us, ...them, invite, selfInvitedUntil: 0 }).ok, false)
  t.alike(checkInvited({ ...us, ...them, invite }), { ok: true, invite })
  t.is(checkInvited({ ...us, ...them, invite, neighbour: stranger.publicKey }).ok, false, "another's invite")
  t.is(checkInvited({ ...us, ...them, invite: { ...invite, sig: '00' } }).ok, false)
  const until = { issuedAt: 0, expiresAt: 1000 }
  const fields = { channel, inviteePubKey: invitee.publicKey, inviterAddress: null, ...until }
  t.is(checkInvited({ ...us, ...them, invite: createInvite(fields, owner) }).ok, false, 'ran out just now')
  fc.assert(fc.property(fc.jsonValue(), (value) => !checkInvited({ ...us, ...them, invite: value }).ok))
})
