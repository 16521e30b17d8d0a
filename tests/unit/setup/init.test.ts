import test from 'brittle'
import fs from '#fs'
import path from '#path'
import { createInvite, createWelcome } from '../../../features/sidechannel/grants.ts'
import type { ChannelName } from '../../../features/sidechannel/names.ts'
import type { Hex32 } from '../../../src/base/hex.ts'
import { tokenText } from '../../../src/base/token-text.ts'
import { resolveConfig } from '../../../src/config/resolve.ts'
import { fails, SetupStage } from '../../helpers/setup.ts'
import { signerOf } from '../sidechannel/helpers.ts'

const HEX = 'ab'.repeat(32)
const DEN = 'den' as ChannelName

test('what init writes is what a start finds in force', async (t) => {
  const stage = new SetupStage(t)
  const { text, config } = await stage.init([
    'alice',
    '--yes',
    '--sidechannel-ttl',
    '5',
    '--channels',
    'den,tea'
  ])
  t.ok(/--sidechannel-ttl 5$/m.test(text) && /--sidechannels den,tea$/m.test(text), text)
  t.ok(
    /^Start it with: npm start -- start alice --peer-stores-directory \S+$/m.test(text),
    'one line to copy'
  )
  t.alike(config?.firstRun, { role: 'agent', admin: false, valueTransfer: false })
  const resolved = resolveConfig(['start', 'alice', '--peer-stores-directory', stage.folder], {})
  t.is(resolved.config.sidechannelTtl, 5)
  t.alike(resolved.config.sidechannels, ['den', 'tea'])
  t.alike([resolved.config.scBridge, resolved.config.terminal], [true, false])
  t.is(fs.statSync(stage.file('alice')).mode & 0o777, 0o600)
  t.is(fs.statSync(path.join(stage.folder, 'alice')).mode & 0o777, 0o700)
})

test('decided again, only what is said changes, and what init does not know stays', async (t) => {
  const stage = new SetupStage(t)
  stage.write('alice', { 'log-json': true, 'sidechannel-ttl': '7', firstRun: { role: 'person', ours: 1 } })
  const first = await stage.init(['alice', '--yes', '--sc-bridge', '1'])
  const { firstRun, ...flags } = first.config ?? {}
  t.is(flags['log-json'], true)
  t.is(flags['sidechannel-ttl'], '7', 'as it was written')
  t.is(flags['sc-bridge'], true)
  t.alike(firstRun, { role: 'person', ours: 1, admin: false, valueTransfer: false })
  const second = await stage.init(['alice', '--yes'])
  t.alike(second.config, first.config, 'nothing said, nothing changed')
  const third = await stage.init(['alice', '--answers', '{"sidechannel-ttl":null,"channels":["a","b"]}'])
  t.alike(third.config, { ...first.config, 'sidechannel-ttl': 3, sidechannels: ['a', 'b'] })
})

test('with another role, what only the old one had goes', async (t) => {
  const stage = new SetupStage(t)
  await stage.init(['hub', '--yes', '--role', 'backbone', '--sidechannel-ttl', '6'])
  t.is(stage.config('hub')?.['sidechannel-quiet'], true)
  const { config } = await stage.init(['hub', '--yes', '--role', 'agent'])
  t.alike(
    [
      config?.['sidechannel-quiet'],
      config?.metrics,
      config?.['sc-bridge'],
      config?.subnet,
      config?.['sidechannel-ttl']
    ],
    [false, false, true, true, 6]
  )
})

test('an owner is that of all channels, or of those that are named; the others stay', async (t) => {
  const stage = new SetupStage(t)
  const owner = 'cd'.repeat(32)
  const first = await stage.init(['alice', '--yes', '--channels', 'den,tea', '--owner', HEX])
  t.alike(first.config?.['sidechannel-owner'], { den: HEX, tea: HEX })
  const second = await stage.init(['alice', '--yes', '--owner', `tea:${owner},x:y:${owner}`])
  t.alike(second.config?.['sidechannel-owner'], { den: HEX, tea: owner, 'x:y': owner })
  const third = await stage.init(['alice', '--answers', '{"owner":null}'])
  t.absent(Object.hasOwn(third.config ?? {}, 'sidechannel-owner'))
})

test('what a role cannot do without comes with it', async (t) => {
  const stage = new SetupStage(t)
  await stage.init(['alice', '--yes', '--subnet', '0', '--terminal', '1'])
  const { config } = await stage.init(['alice', '--yes', '--role', 'admin'])
  t.alike([config?.subnet, config?.terminal, config?.['sc-bridge']], [true, true, false])
})

test('everything that is wrong with answers is told at once, and nothing is written', async (t) => {
  const stage = new SetupStage(t)
  const answers = { chanels: ['a'], 'sidechannel-ttl': 99, role: 'king', 'sc-bridge-token': 'secret-secret' }
  await fails(
    t,
    'bad_answers',
    [/"chanels".*"channels"/, /"sidechannel-ttl".*0-32/, /"role".*king/, /--sc-bridge-token-file/],
    stage.init(['alice', '--answers', JSON.stringify(answers), '--rpc-token', 'secret-secret'])
  )
  await fails(
    t,
    'bad_answers',
    [/--rpc-token-file/],
    stage.init(['alice', '--yes', '--rpc-token', 'secret-secret'])
  )
  await fails(t, 'bad_answers', [/not JSON/], stage.init(['alice', '--answers', '{']))
  await fails(t, 'bad_answers', [/one object/], stage.init(['alice', '--answers', '[1]']))
  await fails(t, 'bad_answers', [/ENOENT/], stage.init(['alice', '--answers', '@missing']))
  await fails(t, 'bad_answers', [/--subnet-bootstrap/], stage.init(['alice', '--yes', '--role', 'joiner']))
  await fails(t, 'bad_answers', [/--chat.*admin/], stage.init(['alice', '--yes', '--chat', '1']))
  await fails(
    t,
    'bad_answers',
    [/--subnet 0/],
    stage.init(['alice', '--yes', '--role', 'admin', '--subnet', '0'])
  )
  await fails(t, 'bad_answers', [/--channels/], stage.init(['alice', '--yes', '--owner', HEX]))
  await fails(t, 'bad_flag', [/\.\.\/a/], stage.init(['--yes', '--peer-store-name', '../a']))
  t.alike(fs.readdirSync(stage.folder), [])
})

test('answers come from a file or from standard input; the command line wins', async (t) => {
  const stage = new SetupStage(t)
  const file = path.join(stage.project, 'answers.json')
  fs.writeFileSync(
    file,
    JSON.stringify({ 'peer-store-name': 'bob', role: 'person', 'sidechannel-ttl': 4, 'log-level': 'debug' })
  )
  await stage.init(['--answers', `@${file}`, '--sidechannel-ttl', '2'])
  t.is(stage.config('bob')?.['sidechannel-ttl'], 2)
  t.is(stage.config('bob')?.['log-level'], 'debug', 'any flag of a node')
  const { config } = await stage.init(
    ['carol', '--answers', '-'],
    ['{ "role": "joiner",', `"subnet-bootstrap": "${HEX}" }`]
  )
  t.is(config?.['subnet-bootstrap'], HEX)
})

test('a file of tokens is named, never copied', async (t) => {
  const stage = new SetupStage(t)
  const file = path.join(stage.project, 'tokens.json')
  fs.writeFileSync(file, JSON.stringify({ ['0123456789abcdef'.repeat(2)]: ['read'] }))
  const { config } = await stage.init(['alice', '--yes', '--sc-bridge-tokens', `@${file}`])
  t.is(config?.['sc-bridge-tokens'], `@${file}`)
  t.absent(fs.readFileSync(stage.file('alice'), 'utf-8').includes('0123456789abcdef'))
  const again = await stage.init(['alice', '--yes', '--sidechannel-ttl', '4'])
  t.is(again.config?.['sc-bridge-tokens'], `@${file}`)
})

test('questions: a bad answer is asked again, an empty one takes what stands there', async (t) => {
  const stage = new SetupStage(t)
  const empty = Array.from({ length: 20 }, () => '')
  const { text, config } = await stage.init(
    ['alice'],
    ['nobody', 'joiner', 'den', HEX, '', 'x', HEX, '', 'maybe', 'N', ...empty]
  )
  t.ok(/Expected one of agent, .* Got "nobody"/.test(text))
  t.is(
    text.match(/Which subnet does it join\?[^[]*\[needed\]/g)?.length,
    3,
    'one that is needed cannot be left out'
  )
  t.alike(config?.['sidechannel-owner'], { den: HEX })
  t.is(config?.['subnet-bootstrap'], HEX)
  t.ok(/yes\|no \[yes\]: \n {2}Answer yes or no\. Got "maybe"/.test(text), text)
  t.is(config?.['sidechannel-relay'], false, 'a letter is enough')
  const asked = text.slice(0, text.indexOf('Peer alice')).split('\n')
  t.alike(
    asked.filter((line) => line.length > 79),
    [],
    'no word is cut at the edge of a terminal'
  )

  const again = await stage.init(['alice'], ['', '-', ...empty])
  t.ok(/\[den; - for none\]/.test(again.text), 'what was answered is the default')
  t.absent(/Whose are they/.test(again.text), 'not asked where there are none')
  t.absent(Object.hasOwn(again.config ?? {}, 'sidechannels'))
  t.is(again.config?.['subnet-bootstrap'], HEX)
})

test('an input that ends before the last answer writes nothing', async (t) => {
  const stage = new SetupStage(t)
  await fails(t, 'not_answered', [/--yes/, /--answers/], stage.init(['alice'], []))
  await fails(t, 'not_answered', [/nothing was written/], stage.init(['alice'], ['agent', 'den']))
  t.alike(fs.readdirSync(stage.folder), [])
})

test('invites and welcomes are verified, and wait for the start', async (t) => {
  const stage = new SetupStage(t)
  const owner = signerOf(1)
  const invitee = signerOf(2).publicKey
  const welcome = tokenText(createWelcome({ channel: DEN, text: 'Be kind.', issuedAt: 1 }, owner))
  const invite = (expiresAt: number, channel = DEN) =>
    createInvite({ channel, inviteePubKey: invitee, inviterAddress: null, issuedAt: 1, expiresAt }, owner)
  const good = tokenText(invite(Date.now() + 60_000))
  const backbone = [
    'hub',
    '--yes',
    '--role',
    'backbone',
    '--owner',
    owner.publicKey,
    '--channels',
    'den,open'
  ]

  await fails(t, 'bad_answers', [/has no key yet/], stage.init([...backbone, '--invite', good]))
  stage.ownKey = invitee
  const { config } = await stage.init([...backbone, '--invite', good, '--welcome', welcome])
  t.alike(config?.sidechannels, ['den', 'open'])
  t.alike(config?.['sidechannel-invite-channels'], ['den'], 'only that channel is for the invited')
  t.alike(config?.['sidechannel-inviter-keys'], [owner.publicKey])
  t.alike(config?.firstRun, { role: 'backbone', invites: [good], welcomes: [welcome] })

  stage.ownKey = HEX as Hex32
  await fails(
    t,
    'bad_answers',
    [/it is for/, new RegExp(HEX)],
    stage.init(['hub', '--yes', '--invite', good])
  )
  stage.ownKey = invitee

  const newer = tokenText(invite(Date.now() + 120_000))
  const other = tokenText(invite(Date.now() + 60_000, 'open' as ChannelName))
  const again = await stage.init(['hub', '--yes', '--invite', `${newer},${other}`])
  const { invites } = (again.config?.firstRun ?? {}) as { invites?: unknown }
  t.alike(invites, [newer, other], 'one to each channel')

  const forged = tokenText({ ...invite(Date.now() + 60_000), sig: '0'.repeat(128) })
  const late = tokenText(invite(Date.now() - 1))
  for (const [words, said] of [
    [[...backbone, '--invite', forged], /signature/],
    [[...backbone, '--invite', late], /expired/],
    [[...backbone, '--invite', 'eyJhIjoxfQ=='], /not an invite/],
    [[...backbone, '--welcome', good], /not a welcome/],
    [['new', '--yes', '--invite', good], /whose invites do not count.*--owner/],
    [['new', '--yes', '--welcome', welcome], /--owner/],
    [
      ['new', '--yes', '--channels', 'den', '--owner', HEX, '--welcome', welcome],
      /not signed by the channel's owner/
    ],
    [[...backbone, '--invite', good, '--sidechannel-persist', '0'], /--sidechannel-persist 1/]
  ] as const)
    await fails(t, 'bad_answers', [said], stage.init(words))
})

test('what was put into force is decided anew only where the answer is another', async (t) => {
  const stage = new SetupStage(t)
  const applied = ['admin', 'chat', 'autoAddWriters']
  const firstRun = {
    role: 'admin',
    admin: true,
    chat: true,
    autoAddWriters: true,
    applied,
    valueTransfer: false
  }
  stage.write('alice', { firstRun })
  const same = await stage.init(['alice', '--yes'])
  t.alike(same.config?.firstRun, firstRun)
  const { config, text } = await stage.init(['alice', '--yes', '--chat', '0'])
  t.alike(config?.firstRun, {
    ...firstRun,
    chat: false,
    applied: ['admin', 'autoAddWriters'],
    changed: ['chat']
  })
  t.ok(/at the next start: the chat of the subnet is off/.test(text), text)
})

test('what is secret is taken back, too', async (t) => {
  const stage = new SetupStage(t)
  stage.write('alice', {
    'sc-bridge-tokens': '{"0123456789abcdef":["read"]}',
    'rpc-token': '0123456789abcdef'
  })
  const answers = '{"sc-bridge-tokens": null, "rpc-token": null}'
  const { config } = await stage.init(['alice', '--answers', answers])
  for (const name of ['sc-bridge-tokens', 'rpc-token']) t.absent(Object.hasOwn(config ?? {}, name), name)
})

test('a role and what contradicts it are not taken together', async (t) => {
  const stage = new SetupStage(t)
  for (const [words, said] of [
    [['--role', 'backbone', '--sidechannel-relay', '0'], /--role backbone.*--sidechannel-relay 0/],
    [['--role', 'admin', '--subnet-bootstrap', HEX], /--subnet-bootstrap.*cannot become the admin/],
    [['--role', 'joiner', '--subnet-bootstrap', HEX, '--admin', '1'], /cannot become the admin/],
    [['--role', 'admin', '--admin', '0'], /--role admin.*--admin 0/],
    [['--role', 'backbone', '--admin', '1'], /--admin 1.*--subnet 0/]
  ] as const)
    await fails(t, 'bad_answers', [said], stage.init(['alice', '--yes', ...words]))
  t.alike(fs.readdirSync(stage.folder), [])
})

test('who becomes a backbone relays, whatever was decided before', async (t) => {
  const stage = new SetupStage(t)
  await stage.init(['hub', '--yes', '--role', 'agent', '--sidechannel-relay', '0'])
  const { config } = await stage.init(['hub', '--yes', '--role', 'backbone'])
  t.is(config?.['sidechannel-relay'], true)
})
