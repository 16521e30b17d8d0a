import test from 'brittle'
import { createInvite } from '../../../features/sidechannel/grants.ts'
import { checkRequest, type RequestContext } from '../../../features/sidechannel/requests.ts'
import { invitee, name, openPolicy, owner, signerOf, stranger } from './helpers.ts'

const T0 = 1_750_000_000_000
const us = signerOf(4)
const room = name('room')
const bare = { control: 'open_channel', channel: room, invite: undefined, welcome: undefined } as const

function request(context: Partial<RequestContext>, invite?: unknown) {
  const outcome = checkRequest({ ...bare, invite }, room, {
    policy: openPolicy({ inviteRequired: true, inviters: new Set([owner.publicKey]) }),
    ...{ self: us.publicKey, neighbour: owner.publicKey, from: owner.publicKey, verified: true, now: T0 },
    ...context
  })
  return typeof outcome === 'string' ? outcome : 'ok'
}

test('who needs no invite to ask for an invite-only channel', (t) => {
  const from = stranger.publicKey
  t.is(request({}), 'ok', 'an inviter, over its own connection')
  t.is(request({ neighbour: from }), 'ok', 'an inviter, passed on by somebody')
  t.is(request({ verified: false }), 'ok', 'an inviter that cannot sign, over its own connection')
  t.is(request({ neighbour: from, verified: false }), 'invite', 'somebody who says it is an inviter')
  t.is(request({ from }), 'invite', 'somebody whose request an inviter passed on')
  t.is(request({ from, verified: false }), 'invite')
})

test('whose invite counts for a request', (t) => {
  const from = invitee.publicKey
  const neighbour = stranger.publicKey
  const fields = { channel: room, inviterAddress: null, issuedAt: T0, expiresAt: T0 + 1000 }
  const theirs = createInvite({ ...fields, inviteePubKey: from }, owner)
  const ours = createInvite({ ...fields, inviteePubKey: us.publicKey }, owner)
  t.is(request({ from, neighbour }, theirs), 'ok')
  t.is(request({ from: neighbour, neighbour: from }, theirs), 'ok', 'as deployed peers see it')
  t.is(request({ from, neighbour, verified: false }, theirs), 'invite')
  t.is(request({ from: neighbour, neighbour }, ours), 'ok')
  t.is(request({ from: neighbour, neighbour, now: T0 + 1000 }, ours), 'invite')
})
