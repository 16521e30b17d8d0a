import test, { type Assertions } from 'brittle'
import { bindSidechannelCommands } from '../../../features/sidechannel/commands.ts'
import { createInvite, createWelcome } from '../../../features/sidechannel/grants.ts'
import { createSigner } from '../../../src/base/signature.ts'
import { tokenText } from '../../../src/base/token-text.ts'
import { openNode } from '../../helpers/node.ts'
import { seedKeyPair, startDht } from '../../helpers/swarm.ts'
import { temporaryFolder } from '../../helpers/tmp.ts'
import { name } from '../../unit/sidechannel/helpers.ts'

const OTHER = createSigner(seedKeyPair(9))

async function open(t: Assertions, flags: readonly string[] = [], folder = temporaryFolder(t)) {
  const { node, sidechannels } = await openNode(t, await startDht(t), flags, folder)
  bindSidechannelCommands(node, sidechannels)
  const run = async (line: string) => {
    const outcome = await node.commands.run(line, { ask: async () => null })
    if (outcome.ok)
      return { lines: outcome.output.lines, result: outcome.output.result as Record<string, unknown> }
    return { code: outcome.error.code, text: `${outcome.error.message} ${outcome.error.next}` }
  }
  const fails = async (line: string, code: string, text: string) => {
    const outcome = await run(line)
    t.is(outcome.code, code, line)
    t.ok(outcome.text?.includes(text), outcome.text)
  }
  return { node, sidechannels, run, fails, folder }
}

test('what is refused, with a code and a next step', async (t) => {
  const { node, sidechannels, fails } = await open(t, [
    ...['--sidechannel-owner', `theirs:${OTHER.publicKey}`],
    ...['--sidechannel-invite-channels', 'closed', '--sidechannel-inviter-keys', OTHER.publicKey],
    ...['--sidechannel-owner-write-channels', 'theirs,nobody']
  ])
  const { key } = node
  const welcome = tokenText(createWelcome({ channel: name('theirs'), text: 'hello', issuedAt: 1 }, OTHER))
  const foreign = tokenText(
    createWelcome({ channel: name('theirs'), text: 'hello', issuedAt: 1 }, node.signer)
  )
  await fails(
    '/sc_welcome --channel theirs --text x',
    'owner_only',
    `Only the owner of "theirs", ${OTHER.publicKey}`
  )
  await fails('/sc_welcome --channel 0000intercom --text x', 'denied', 'open to all')
  await fails(`/sc_invite --channel 0000intercom --pubkey ${key}`, 'denied', 'open to all')
  await fails(`/sc_invite --channel closed --pubkey ${key}`, 'denied', `Ask an inviter (${OTHER.publicKey})`)
  await fails(`/sc_invite --channel theirs --pubkey ${key} --welcome ${foreign}`, 'denied', 'do not count')
  await fails('/sc_open --channel 0000intercom', 'denied', 'open to all')
  await fails(
    '/sc_open --channel theirs',
    'bad_welcome',
    `Ask the owner, ${OTHER.publicKey}, for the welcome_b64`
  )
  await fails('/sc_open --channel mine', 'bad_welcome', 'Sign one with /sc_welcome --channel mine')
  await fails(
    `/sc_open --channel theirs --welcome ${foreign}`,
    'bad_welcome',
    "not signed by the channel's owner"
  )
  await fails(
    `/sc_open --channel theirs --welcome ${welcome} --invite {}`,
    'bad_invite',
    'it is not an invite'
  )
  await fails(
    `/sc_open --channel theirs --via closed --welcome ${welcome}`,
    'uninvited',
    'Cannot send in "closed"'
  )
  await fails(
    `/sc_join --channel theirs --owner ${key}`,
    'denied',
    `The owner of "theirs" is ${OTHER.publicKey}`
  )
  await fails('/sc_send --channel theirs --message x', 'owner_only', 'Only the owner of "theirs"')
  await fails('/sc_send --channel nobody --message x', 'no_owner', 'no owner is known')
  await fails('/sc_accept --channel theirs', 'no_request', '/sc_pending')
  await fails('/sc_leave --channel 0000intercom', 'denied', 'never left')
  await fails('/sc_leave --channel unknown', 'not_joined', '/sc_stats')
  await fails('/sc_join --channel closed', 'uninvited', `/sc_invite --channel closed --pubkey ${key}`)
  t.absent(sidechannels.channels.has(name('closed')))
})

test('a refused join leaves nothing behind, and what was kept can be forgotten', async (t) => {
  const { run, fails, node } = await open(t)
  await fails(
    `/sc_join --channel a --owner ${OTHER.publicKey} --welcome {}`,
    'bad_welcome',
    'it is not a welcome'
  )
  t.ok(
    (await run(`/sc_join --channel a --owner ${node.key}`)).lines,
    'the owner of the refused one is forgotten'
  )
  await run('/sc_leave --channel a')
  await fails('/sc_leave --channel a', 'not_joined', 'not in "a"')
  await run('/sc_welcome --channel b --text hello')
  t.alike((await run('/sc_leave --channel b')).result, { channel: 'b' }, 'signed, but not joined')
  await fails('/sc_leave --channel b', 'not_joined', 'not in "b"')
})

test('results for programs', async (t) => {
  const { run, node, sidechannels } = await open(t)
  const { key } = node
  const welcomed = await run('/sc_welcome --channel mine --text hello')
  const { welcome, welcome_b64, joiner, join, owner } = welcomed.result ?? {}
  t.is(owner, key)
  t.alike(JSON.parse(welcomed.lines?.[2] ?? ''), welcome)
  t.is(welcomed.lines?.[3], `welcome_b64: ${welcome_b64}`)
  t.ok(
    welcomed.lines?.includes(String(joiner)) && welcomed.lines.includes(String(join)),
    'on lines of their own'
  )
  t.ok(welcomed.lines?.every((line) => !line.includes('\n')))
  t.alike((await run('/sc_join --channel mine')).result, {
    ...{ channel: 'mine', already: false, owner: key, awaitingWelcome: false }
  })
  t.alike((await run('/sc_join --channel mine')).lines, ['Already in "mine".'])

  const invited = (await run(`/sc_invite --channel mine --pubkey ${OTHER.publicKey} --ttl 60`)).result ?? {}
  const invite = invited.invite as ReturnType<typeof createInvite>
  t.is(invite.payload.expiresAt - invite.payload.issuedAt, 60_000)
  t.is(invite.payload.inviterAddress, node.address)
  t.alike(invite.welcome, welcome, 'the welcome known here goes with it')
  t.is(invited.invite_b64, tokenText(invite))

  const sent = await run('/sc_send --channel mine --message hello')
  t.alike(sent.lines, ['Sent to 0 neighbours in "mine": nobody else is in it at the moment.'])
  t.is(sent.result?.neighbours, 0)
  const opened = await run('/sc_open --channel mine')
  t.is(opened.lines?.[0], 'Asked to open "mine".')
  t.alike([opened.result?.channel, opened.result?.via], ['mine', '0000intercom'])

  const { result = {}, lines = [] } = await run('/sc_stats')
  const stats = result.channels as { channel: string; sent: number; drops: Record<string, number> }[]
  t.alike(
    stats.map(({ channel, sent }) => [channel, sent]),
    [
      ['0000intercom', 1],
      ['mine', 1]
    ]
  )
  t.alike(
    Object.values(stats[0]?.drops ?? {}).filter((count) => count > 0),
    []
  )
  t.alike([result.connectionCount, result.pending, result.clockOffsetMs], [0, 0, null])
  t.ok(lines.includes(`"mine": 0 neighbours, owner ${key}`))
  sidechannels.channels.get(name('mine'))?.drops.add('pow', 3)
  t.ok((await run('/sc_stats')).lines?.includes('  received 0, sent 1, relayed 0, dropped: pow 3'))
  t.alike((await run('/sc_pending')).lines, ['No requests to open a channel.'])
})

test('an invite that has no effect here is taken, and that is said', async (t) => {
  const { run, node } = await open(t)
  const fields = {
    channel: name('club'),
    inviteePubKey: node.key,
    inviterAddress: null,
    issuedAt: Date.now()
  }
  const invite = tokenText(createInvite({ ...fields, expiresAt: Date.now() + 60_000 }, OTHER))
  const { lines = [] } = await run(`/sc_join --channel club --invite ${invite}`)
  t.is(lines[0], 'Joined "club".')
  t.ok(
    lines[2]?.includes(
      `Start with --sidechannel-invite-required 1 --sidechannel-invite-channels club --sidechannel-inviter-keys ${OTHER.publicKey}`
    ),
    lines.join('\n')
  )
})
