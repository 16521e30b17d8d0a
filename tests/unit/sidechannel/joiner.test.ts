import test from 'brittle'
import fc from 'fast-check'
import { createInvite, createWelcome } from '../../../features/sidechannel/grants.ts'
import {
  type Invitation,
  inviteFlags,
  joinerCommand,
  joinLine
} from '../../../features/sidechannel/joiner.ts'
import { type ChannelName, channelName } from '../../../features/sidechannel/names.ts'
import { channelPolicy } from '../../../features/sidechannel/policy/channel-policy.ts'
import type { Hex32 } from '../../../src/base/hex.ts'
import { createSigner } from '../../../src/base/signature.ts'
import { printable } from '../../../src/base/text.ts'
import { tokenText } from '../../../src/base/token-text.ts'
import { parseCommand } from '../../../src/commands/parse.ts'
import type { Config } from '../../../src/config/flags.ts'
import { resolveConfig } from '../../../src/config/resolve.ts'
import { shellWords } from '../../helpers/recipe.ts'
import { seedKeyPair } from '../../helpers/swarm.ts'

const OWNER = createSigner(seedKeyPair(1))
const OTHER = createSigner(seedKeyPair(2)).publicKey

/** Any name that `channelName` lets through, the awkward ones first. */
const names = fc
  .oneof(
    fc.constantFrom(
      'lobby',
      "a'b",
      'a b',
      '$HOME `x` "y" \\',
      '@file',
      '--flag',
      '-x',
      'a:b',
      'a,b',
      '☃\u200b%s',
      '!!',
      '~'
    ),
    fc.string({ unit: 'binary', minLength: 1, maxLength: 20 })
  )
  .filter((text) => channelName(text) !== null)
  .map((text) => channelName(text) as ChannelName)

function configOf(words: readonly string[]): Config {
  return resolveConfig(['--peer-stores-directory', 'no-such-folder', ...words], {}).config
}

function invitation(channel: ChannelName, flags: readonly string[], invited: boolean): Invitation {
  const config = configOf(flags)
  const policy = channelPolicy(config, channel, OWNER.publicKey, OWNER.publicKey)
  const welcome = createWelcome({ channel, text: 'hello', issuedAt: 1 }, OWNER)
  return { config, policy, welcome, inviters: invited ? [OWNER.publicKey] : null }
}

/** What the command makes of a peer, as a shell reads it. */
async function started(command: string): Promise<Config> {
  const [npm, start, dashes, ...words] = await shellWords(command)
  if (npm !== 'npm' || start !== 'start' || dashes !== '--') throw new Error(command)
  return configOf(words)
}

test('the joiner command sets up a peer with the rules of the channel', async (t) => {
  for (const channel of fc.sample(names, 25)) {
    if (channel.includes(',')) continue
    const flags = ['--sidechannel-owner-write-only', '1', '--sidechannel-invite-required', '1']
    const given = invitation(channel, flags, true)
    const config = await started(joinerCommand(given))
    t.alike(config.sidechannels, [channel])
    const policy = channelPolicy(config, channel, OTHER)
    const { inviteRequired, inviters, owner, ownerWriteOnly, powBits, welcomeRequired } = policy
    t.alike(
      { inviteRequired, inviters: [...inviters], owner, ownerWriteOnly, powBits, welcomeRequired },
      {
        ...{ inviteRequired: true, inviters: [OWNER.publicKey], owner: OWNER.publicKey },
        ...{ ownerWriteOnly: true, powBits: 12, welcomeRequired: true }
      },
      channel
    )
    const welcome = config.sidechannelWelcome?.[channel]
    if (channel.includes(':')) t.is(welcome, undefined, 'a colon cannot be written there')
    else t.is(welcome, tokenText(given.welcome ?? {}), channel)
  }
})

test('it copies the network and the rules that both ends must share, and nothing that is as usual', async (t) => {
  const lobby = channelName('lobby') as ChannelName
  const plain = joinerCommand(invitation(lobby, [], false))
  const welcome = tokenText(createWelcome({ channel: lobby, text: 'hello', issuedAt: 1 }, OWNER))
  t.is(
    plain,
    `npm start -- --sidechannels lobby --sidechannel-owner lobby:${OWNER.publicKey} --sidechannel-welcome lobby:${welcome}`
  )
  const rows: [flags: string[], part: string][] = [
    [['--local'], ' --local 1 --sidechannels'],
    [['--local', '--local-port', '4000'], ' --local 1 --local-port 4000 '],
    [['--dht-bootstrap', '127.0.0.1:1,host:2'], ' --dht-bootstrap 127.0.0.1:1,host:2 '],
    [['--sidechannel-pow', '0'], ' --sidechannel-pow 0'],
    [['--sidechannel-pow-difficulty', '9'], ' --sidechannel-pow-difficulty 9'],
    [['--sidechannel-pow-channels', 'lobby,x'], ' --sidechannel-pow-channels lobby,x'],
    [['--sidechannel-welcome-required', '0'], ' --sidechannel-welcome-required 0'],
    [['--sidechannel-rate-bytes', '0'], ' --sidechannel-rate-bytes 0'],
    [['--sidechannel-owner-write-channels', 'x,lobby'], ' --sidechannel-owner-write-channels lobby']
  ]
  for (const [flags, part] of rows) {
    t.ok(`${joinerCommand(invitation(lobby, flags, false))} `.includes(`${part}`), flags.join(' '))
  }
  const quiet = ['--sidechannel-quiet', '1', '--sidechannel-debug', '1', '--sidechannel-auto-join', '1']
  t.is(joinerCommand(invitation(lobby, quiet, false)), plain, "what is nobody else's business")
  t.is(
    inviteFlags(lobby, [OWNER.publicKey]),
    `--sidechannel-invite-required 1 --sidechannel-invite-channels lobby --sidechannel-inviter-keys ${OWNER.publicKey}`
  )
})

test('a name with a comma fits no list: what can be said is said, the rest is in the line to join', async (t) => {
  const channel = channelName('a,b') as ChannelName
  const flags = ['--sidechannel-owner-write-only', '1', '--sidechannel-invite-prefixes', 'a']
  const config = await started(joinerCommand(invitation(channel, flags, true)))
  t.is(config.sidechannels, null)
  const policy = channelPolicy(config, channel, OTHER, OWNER.publicKey)
  t.ok(policy.inviteRequired && policy.ownerWriteOnly && policy.inviters.has(OWNER.publicKey))
})

test('the line to join is read as it is meant', (t) => {
  for (const channel of fc.sample(names, 100)) {
    const welcome = createWelcome({ channel, text: 'hello', issuedAt: 1 }, OWNER)
    const invite = createInvite(
      { channel, inviteePubKey: OTHER as Hex32, inviterAddress: null, issuedAt: 1, expiresAt: 2, welcome },
      OWNER
    )
    const line = joinLine(channel, OWNER.publicKey, { invite, welcome })
    t.is(printable(line), line)
    t.alike(parseCommand(line), {
      name: 'sc_join',
      args: { channel, owner: OWNER.publicKey, invite, welcome }
    })
    t.alike(parseCommand(joinLine(channel, null)).args, { channel })
  }
})
