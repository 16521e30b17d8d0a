import test from 'brittle'
import { createInvite, createWelcome } from '../../../features/sidechannel/grants.ts'
import { channelPolicy } from '../../../features/sidechannel/policy/channel-policy.ts'
import {
  awaitingWelcome,
  type Circumstances,
  faultyWelcomes,
  joinRefused,
  sendRefused,
  startNotice
} from '../../../features/sidechannel/refusals.ts'
import type { Credentials } from '../../../features/sidechannel/sidechannels.ts'
import type { ErrorCode, IntercomError } from '../../../src/base/errors.ts'
import { createSigner } from '../../../src/base/signature.ts'
import { tokenText } from '../../../src/base/token-text.ts'
import { resolveConfig } from '../../../src/config/resolve.ts'
import { seedKeyPair } from '../../helpers/swarm.ts'
import { name } from './helpers.ts'

const CLUB = name('my club')
const OWNER = createSigner(seedKeyPair(1))
const SELF = createSigner(seedKeyPair(2))
const OWNED = ['--sidechannel-owner', `my club:${OWNER.publicKey}`]
const INVITED = ['--sidechannel-invite-channels', 'my club', '--sidechannel-inviter-keys', OWNER.publicKey]

function at(flags: readonly string[], credentials: Credentials = {}): Circumstances {
  const { config } = resolveConfig(['--peer-stores-directory', 'no-such-folder', ...flags], {})
  const policy = channelPolicy(config, CLUB, SELF.publicKey)
  return { self: SELF.publicKey, now: 5000, config, policy, credentials }
}

function invite(fields: { channel?: typeof CLUB; to?: string; by?: typeof OWNER; until?: number } = {}) {
  const { channel = CLUB, to = SELF.publicKey, by = OWNER, until = 10_000 } = fields
  return createInvite(
    {
      channel,
      inviteePubKey: to as typeof SELF.publicKey,
      inviterAddress: null,
      issuedAt: 1,
      expiresAt: until
    },
    by
  )
}

const ASK = `/sc_invite --channel "my club" --pubkey ${SELF.publicKey}`

test('a refusal says what is missing and what to type', (t) => {
  const good = createWelcome({ channel: CLUB, text: 'hello', issuedAt: 1 }, OWNER)
  const flipped = { ...good, sig: good.sig.replace(/^./, (digit) => (digit === '0' ? '1' : '0')) }
  const foreign = createWelcome({ channel: CLUB, text: 'hello', issuedAt: 1 }, SELF)
  const rows: [error: IntercomError, code: ErrorCode, message: RegExp, next: string][] = [
    [
      joinRefused('uninvited', at([...OWNED, ...INVITED])),
      'uninvited',
      /^Cannot join "my club": it is invite-only/,
      ASK
    ],
    [
      joinRefused('uninvited', at([...OWNED, ...INVITED.slice(0, 2)])),
      'uninvited',
      /no valid invite/,
      `--sidechannel-inviter-keys ${OWNER.publicKey}`
    ],
    [
      joinRefused('uninvited', at(INVITED.slice(0, 2))),
      'uninvited',
      /no valid invite/,
      "--sidechannel-inviter-keys '<owner-pubkey-hex>'"
    ],
    [
      joinRefused('bad_invite', at(INVITED, { invite: {} })),
      'bad_invite',
      /refused: it is not an invite\./,
      ASK
    ],
    [
      joinRefused('bad_invite', at(INVITED, { invite: invite({ channel: name('other') }) })),
      'bad_invite',
      /for another channel/,
      ASK
    ],
    [
      joinRefused('bad_invite', at(INVITED, { invite: invite({ to: OWNER.publicKey }) })),
      'bad_invite',
      /for another peer/,
      ASK
    ],
    [
      joinRefused('bad_invite', at(INVITED, { invite: invite({ until: 5000 }) })),
      'bad_invite',
      /has expired/,
      ASK
    ],
    [
      joinRefused('bad_invite', at(INVITED, { invite: { ...invite(), sig: '00' } })),
      'bad_invite',
      /signature is not valid/,
      ASK
    ],
    [
      joinRefused('bad_invite', at(INVITED, { invite: invite({ by: SELF }) })),
      'bad_invite',
      /inviter does not count here/,
      '--sidechannel-inviter-keys'
    ],
    [
      joinRefused('bad_welcome', at([], { welcome: good })),
      'no_owner',
      /the owner of the channel is not known/,
      '--owner <hex>'
    ],
    [
      joinRefused('bad_welcome', at(OWNED, { welcome: {} })),
      'bad_welcome',
      /it is not a welcome/,
      OWNER.publicKey
    ],
    [
      joinRefused('bad_welcome', at(OWNED, { welcome: flipped })),
      'bad_welcome',
      /signature is not valid/,
      'welcome_b64'
    ],
    [
      joinRefused('bad_welcome', at(OWNED, { welcome: foreign })),
      'bad_welcome',
      /not signed by the channel's owner/,
      'welcome_b64'
    ],
    [
      joinRefused('other_owner', at(OWNED)),
      'denied',
      new RegExp(`The owner of "my club" is ${OWNER.publicKey}`),
      '/sc_leave --channel "my club"'
    ],
    [
      joinRefused('too_many', at(['--sidechannel-max-channels', '7'])),
      'denied',
      /7 channels are joined/,
      '--sidechannel-max-channels'
    ],
    [sendRefused('uninvited', at(INVITED)), 'uninvited', /^Cannot send in "my club"/, ASK],
    [sendRefused('bad_invite', at(INVITED, { invite: {} })), 'bad_invite', /not an invite/, ASK],
    [
      sendRefused('owner_only', at(OWNED)),
      'owner_only',
      new RegExp(`Only the owner of "my club", ${OWNER.publicKey}`),
      'owner'
    ],
    [
      sendRefused('owner_only', at([])),
      'no_owner',
      /no owner is known/,
      '/sc_join --channel "my club" --owner <hex>'
    ],
    [
      sendRefused('too_large', at([])),
      'too_large',
      /larger than 255904 bytes of JSON \(--sidechannel-rate-burst\)/,
      '--sidechannel-rate-bytes 0'
    ],
    [
      sendRefused('too_large', at(['--sidechannel-max-bytes', '500'])),
      'too_large',
      /404 bytes of JSON \(--sidechannel-max-bytes\)/,
      'raise --sidechannel-max-bytes on every peer'
    ],
    [sendRefused('unserialisable', at([])), 'unserialisable', /not JSON/, '64'],
    [sendRefused('rate_limited', at([])), 'rate_limited', /queues/, 'Wait']
  ]
  for (const [error, code, message, next] of rows) {
    t.is(error.code, code, error.message)
    t.ok(message.test(error.message), error.message)
    t.ok(error.next.includes(next), error.next)
    t.ok(/\.$/.test(error.message) && /\.$/.test(error.next), 'whole sentences')
  }
})

test('who awaits a welcome is told so, and only then', (t) => {
  const line = (flags: readonly string[], self = SELF.publicKey, welcomed = false) =>
    awaitingWelcome(at(flags).policy, self, welcomed)
  t.ok(line(OWNED)?.includes(`The owner ${OWNER.publicKey} sends it`))
  t.ok(line([])?.includes('No owner is known for it.'))
  t.is(line(OWNED, OWNER.publicKey), null, 'the owner needs none')
  t.is(line(OWNED, SELF.publicKey, true), null)
  t.is(line([...OWNED, '--sidechannel-welcome-required', '0']), null)
  t.is(startNotice({ ok: true, already: false }, undefined, at(OWNED)), line(OWNED))
  t.ok(
    startNotice({ ok: false, reason: 'uninvited' }, undefined, at(INVITED))?.includes(`${ASK}; then /sc_join`)
  )
})

test('each bad value of --sidechannel-welcome is one line', (t) => {
  const lines = (flags: readonly string[], text: string, channel = 'my club') => {
    const { config } = at([...flags, '--sidechannel-welcome', `${channel}:${text}`])
    return faultyWelcomes(config, (channel) => channelPolicy(config, channel, SELF.publicKey))
  }
  const good = tokenText(createWelcome({ channel: CLUB, text: 'hello', issuedAt: 1 }, OWNER))
  t.alike(lines(OWNED, good), [])
  t.alike(lines(OWNED, 'xyz'), ['The --sidechannel-welcome of "my club" is left out: it is not a welcome.'])
  t.ok(lines([], good)[0]?.includes('the owner of the channel is not known. Give the owner key'))
  t.alike(lines([], 'xyz', '0000intercom'), [], 'the entry channel needs none')
})
