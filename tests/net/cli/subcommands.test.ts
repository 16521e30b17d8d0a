import test from 'brittle'
import fs from '#fs'
import path from '#path'
import { isSubnetRequest } from '../../../src/bridge/protocol.ts'
import { SUBCOMMANDS, type Subcommand } from '../../../src/config/subcommands.ts'
import { CliStage } from '../../helpers/cli.ts'

const OTHER = 'ab'.repeat(32)

test('every subcommand answers people and programs', { timeout: 120_000 }, async (t) => {
  const stage = await CliStage.open(t)
  const alice = await stage.start('alice', ['--sc-bridge-cli', '1', '--sidechannel-invite-channels', 'vault'])
  const inviters = ['--sidechannel-invite-channels', 'vault', '--sidechannel-inviter-keys', alice.key]
  const bob = await stage.start('bob', inviters)
  await alice.meets('0000intercom', 1)
  const tried = new Set<Subcommand>(['listen'])
  /** The lines for people and the reply for programs; the second asks again. */
  const both = async (words: readonly [Subcommand, ...string[]], again: readonly string[] = words) => {
    tried.add(words[0])
    const lines = (await stage.done('alice', words)).trimEnd().split('\n')
    return { lines, reply: await stage.json('alice', again) }
  }

  const welcome = await both(['welcome', 'den', 'Be kind.'])
  t.is(welcome.lines[0], 'Welcome to "den", signed by this peer as its owner.')
  t.is(welcome.reply.type, 'welcome')
  t.is(welcome.reply.owner, alice.key)
  const b64 =
    welcome.lines.find((line) => line.startsWith('welcome_b64: '))?.slice('welcome_b64: '.length) ?? ''

  const joined = await both(['join', 'den'])
  t.alike(joined.lines, ['Joined "den".', `Owner: ${alice.key}`])
  t.alike(joined.reply, {
    type: 'joined',
    channel: 'den',
    already: true,
    owner: alice.key,
    awaitingWelcome: false
  })

  const file = path.join(stage.stage.cwd, 'welcome.json')
  fs.writeFileSync(file, `${b64}\n`)
  const owner = ['--owner', alice.key]
  const bobs = await stage.json('bob', ['join', 'den', '--welcome', `@${file}`, ...owner])
  t.is(bobs.awaitingWelcome, false)
  await alice.meets('den', 1)

  const sent = await both(['send', 'den', 'hi'], ['send', 'den', '{"a":1}', '--json-message'])
  t.alike(sent.lines, ['Sent to 1 neighbour in "den".'])
  t.alike([sent.reply.type, sent.reply.channel, sent.reply.neighbours], ['sent', 'den', 1])

  const invite = await both(['invite', 'vault', bob.key, '--ttl', '60'])
  t.is(invite.lines[0], 'Invite to "vault".')
  t.alike([invite.reply.type, invite.reply.channel], ['invite', 'vault'])
  const token =
    invite.lines.find((line) => line.startsWith('invite_b64: '))?.slice('invite_b64: '.length) ?? ''
  t.ok(
    invite.lines.some((line) => line.startsWith('npm start -- ')),
    'the command line of the invited'
  )
  t.ok(
    invite.lines.some((line) => line.startsWith('/sc_join --channel vault ')),
    'and what it types'
  )
  t.is((await stage.run('bob', ['join', 'vault', '--invite', token])).code, 0)

  const opened = await both(['open', 'den', '--via', '0000intercom'])
  t.alike(opened.lines, ['Asked 1 neighbour in "0000intercom" to open "den".'])
  t.alike(opened.reply, { type: 'open_requested', channel: 'den', via: '0000intercom', neighbours: 1 })

  const peers = await both(['peers'])
  t.ok(peers.lines[0]?.startsWith('peer '))
  t.ok(
    new RegExp(`^${bob.key}  \\d+ \\w+ .*"0000intercom".*"den"`).test(peers.lines[1] ?? ''),
    peers.lines[1]
  )
  t.is((peers.reply.peers as { key: string }[])[0]?.key, bob.key)

  const stats = await both(['stats'])
  t.alike(stats.lines.slice(0, 2), ['Connections: 1', 'Sidechannels: ready'])
  t.alike(stats.reply, {
    type: 'stats',
    channels: ['0000intercom', 'den'],
    connectionCount: 1,
    sidechannelStarted: true
  })

  const info = await both(['info'])
  t.ok(info.lines.includes(`peerPubkey         ${alice.key}`))
  t.is((info.reply.info as { peerPubkey: string }).peerPubkey, alice.key)

  const cli = await both(['cli', '/sc_send', '--channel=den', '--message', 'a "b" c'], ['cli', '/sc_stats'])
  t.alike(cli.lines, ['Sent to 1 neighbour in "den".'])
  t.alike([cli.reply.type, cli.reply.ok, cli.reply.command], ['cli_result', true, '/sc_stats'])
  const heard = await stage.json('bob', ['listen', 'den', '--since', '2', '--count', '1'])
  t.is(heard.message, 'a "b" c')

  const left = await both(['leave', 'den'], ['leave', 'vault']).catch((error: Error) => error)
  t.ok(left instanceof Error && left.message.includes('Not left'), 'what was not joined is not left')
  t.is((await stage.run('alice', ['join', 'den'])).code, 0)
  t.is(await stage.done('alice', ['leave', 'den']), 'Left "den"; its invite and welcome are forgotten.\n')
  const notLeft = await stage.run('alice', ['leave', 'den', '--json'])
  t.alike(
    [notLeft.code, JSON.parse(notLeft.out), JSON.parse(notLeft.err).code],
    [1, { type: 'left', channel: 'den', ok: false }, 'not_joined']
  )

  // Those of the subnet have a test of their own.
  const asking = (Object.keys(SUBCOMMANDS) as Subcommand[]).filter((name) => {
    const { request } = SUBCOMMANDS[name]
    return request !== null && !isSubnetRequest(request)
  })
  t.alike([...tried].sort(), asking.sort(), 'each was tried')
  t.is((await stage.run('alice', ['invite', '0000intercom', OTHER])).code, 1)
  await Promise.all([alice.stop(), bob.stop()])
})
