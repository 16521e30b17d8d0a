import test from 'brittle'
import { Stage } from '../../helpers/recipe.ts'

test('my channel that only the invited can join', { timeout: 120_000 }, async (t) => {
  const stage = await Stage.open(t)
  const first = await stage.start('owner')
  const { welcome } = await first.welcome('club')
  await first.stop()
  const flags = [
    ...['--sidechannels', 'club'],
    ...['--sidechannel-owner', `club:${first.key}`],
    ...['--sidechannel-welcome', `club:${welcome}`],
    ...['--sidechannel-invite-required', '1', '--sidechannel-invite-channels', 'club'],
    ...['--sidechannel-inviter-keys', first.key]
  ]
  const [owner, joiner] = await Promise.all([stage.start('owner', flags), stage.start('joiner', flags)])
  await joiner.peer.saw(/Cannot join "club": it is invite-only and this peer has no valid invite\./)
  await joiner.run(
    '/sc_send --channel club --message hi',
    /Command failed: Cannot send in "club".*\/sc_invite --channel club/
  )

  const { invite } = await owner.invite('club', joiner.key, '--ttl 3600')
  const forOwner = (await owner.invite('club', owner.key)).invite
  await joiner.run(
    `/sc_join --channel club --invite ${forOwner}`,
    /Command failed: The invite to "club" was refused: it is for another peer\./
  )
  await joiner.run(
    '/sc_join --channel club --invite nonsense',
    'Command failed: Invalid invite \\(expected JSON or base64\\)\\.'
  )
  await joiner.run(`/sc_join --channel club --invite b64:${invite}`, 'Joined "club"')
  await Promise.all([owner.meets('club', 1), joiner.meets('club', 1)])
  await owner.sends('club', 'for members')
  await joiner.heard(owner, 'club', 'for members')
  await joiner.sends('club', 'from a member')
  await owner.heard(joiner, 'club', 'from a member')

  await joiner.run(
    `/sc_invite --channel club --pubkey ${owner.key}`,
    /Command failed: Invites by this peer do not count in "club"/
  )
})

test('the printed commands take an invited peer in, whatever the channel is called', {
  timeout: 55_000
}, async (t) => {
  const stage = await Stage.open(t)
  const name = 'a:b "club" \u200b'
  const owner = await stage.start('owner', ['--sidechannel-invite-prefixes', 'a:'])
  const quoted = '"a:b \\"club\\" \\u200b"'
  await owner.run(`/sc_welcome --channel ${quoted} --text hello`, 'This peer is not in it yet')
  await owner.run(`/sc_join --channel ${quoted}`, 'Joined')
  const guest = await stage.start('guest')
  await guest.stop()
  const line = `/sc_invite --channel ${quoted} --pubkey ${guest.key}`
  const [, joiner = '', join = ''] = await owner.run(line, /^(npm start -- .*)\n[^\n]*\n(\/sc_join .*)$/m)
  t.ok(joiner.includes('--sidechannel-invite-required 1'), name)
  const again = await stage.startWith('guest', joiner)
  t.is(again.key, guest.key)
  await again.peer.saw(/Cannot join "a:b/)
  await again.run(join, 'Joined')
  const send = `/sc_send --channel ${quoted} --message hello`
  await owner.until(send, /Sent to (\d)/, ([, neighbours]) => neighbours === '1')
  await again.peer.saw(`${owner.key}: hello`)
  t.absent(again.peer.output.includes('awaits its welcome'), 'it came with the flags or the invite')
})
