import test from 'brittle'
import fs from '#fs'
import { createInvite } from '../../../features/sidechannel/grants.ts'
import type { ChannelName } from '../../../features/sidechannel/names.ts'
import type { Hex32 } from '../../../src/base/hex.ts'
import { tokenText } from '../../../src/base/token-text.ts'
import { freePort } from '../../helpers/ports.ts'
import { SetUp } from '../../helpers/setup.ts'
import { signerOf } from '../../unit/sidechannel/helpers.ts'

test('a backbone takes over its invite at the next start, and keeps it', async (t) => {
  const setup = new SetUp(t)
  const owner = signerOf(1)
  const port = String(await freePort())
  const local = ['--local', '--local-port', port, '--metrics-port', '0']
  await setup.init(['--role', 'backbone', '--channels', 'den', '--owner', owner.publicKey, ...local])
  const first = setup.start()
  const [, key = ''] = await first.saw(/Peer pubkey \(hex\): ([0-9a-f]{64})/)
  await first.saw('Metrics:')
  t.absent(/subnet/i.test(first.output), first.output)

  const invite = createInvite(
    {
      ...{ channel: 'den' as ChannelName, inviteePubKey: key as Hex32, inviterAddress: null },
      ...{ issuedAt: Date.now(), expiresAt: Date.now() + 3_600_000 }
    },
    owner
  )
  const said = await setup.init(['--invite', tokenText(invite)])
  t.ok(/takes? effect at its next start/.test(said), said)
  await first.stop()

  const second = setup.start()
  await second.saw('one of the invites of the first run is kept now')
  await second.saw('Metrics:')
  t.absent(/no valid invite/.test(second.errors), second.errors)
  await second.stop()
  t.absent(setup.config.firstRun?.invites)
  const kept = JSON.parse(fs.readFileSync(setup.file('sidechannels.json'), 'utf-8'))
  t.alike(kept.den.invite, invite)
})

test('an invite for somebody else is refused by the start, which goes on', async (t) => {
  const setup = new SetUp(t)
  const owner = signerOf(1)
  const fields = { channel: 'den' as ChannelName, inviteePubKey: signerOf(2).publicKey, inviterAddress: null }
  const invite = createInvite({ ...fields, issuedAt: 1, expiresAt: Date.now() + 3_600_000 }, owner)
  await setup.init([
    ...['--role', 'person', '--subnet', '0', '--channels', 'den', '--owner', owner.publicKey],
    ...['--sidechannel-invite-channels', 'den', '--sidechannel-inviter-keys', owner.publicKey],
    ...['--local', '--local-port', String(await freePort())]
  ])
  const { firstRun, ...flags } = setup.config
  const changed = { ...flags, firstRun: { ...firstRun, invites: [tokenText(invite)] } }
  fs.writeFileSync(setup.file('config.json'), JSON.stringify(changed))
  const peer = setup.start()
  await peer.saw(/error.*one of the invites of the first run was refused.*code=bad_invite/)
  await peer.saw('Sidechannel: ready')
  t.is((await peer.stop()).code, 0)
  t.alike(setup.config.firstRun?.invites, [tokenText(invite)], 'it is tried again')
})
