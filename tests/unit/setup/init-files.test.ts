import test from 'brittle'
import fs from '#fs'
import path from '#path'
import { createInvite, createWelcome } from '../../../features/sidechannel/grants.ts'
import type { ChannelName } from '../../../features/sidechannel/names.ts'
import { tokenText } from '../../../src/base/token-text.ts'
import { fails, SetupStage } from '../../helpers/setup.ts'
import { signerOf } from '../sidechannel/helpers.ts'

const DEN = 'den' as ChannelName

test('the key file is opened with the password that a start would take', async (t) => {
  const stage = new SetupStage(t)
  const found = async (...words: string[]) => {
    await stage.init(['alice', '--yes', ...words])
    return stage.passwordFile
  }
  t.is(await found(), null)
  stage.environment.INTERCOM_WALLET_PASSWORD_FILE = 'of-all'
  t.is(await found(), 'of-all')
  t.absent(stage.config('alice')?.['wallet-password-file'], 'it is not of this peer alone')
  t.is(await found('--wallet-password-file', 'own'), path.resolve('own'))
  t.is(await found(), path.resolve('own'))
})

test('a file is the one that was meant in the folder of whoever named it', async (t) => {
  const stage = new SetupStage(t)
  const app = path.join(stage.project, 'apps', 'board')
  const { config, text } = await stage.init([
    ...['alice', '--yes', '--sc-bridge-token-file', 'keys/token', '--app', path.relative('.', app)],
    ...['--rpc-tls-cert', path.resolve('cert.pem'), '--msb-stores-directory', 'stores']
  ])
  const token = path.resolve('keys/token')
  t.alike(
    ['sc-bridge-token-file', 'app', 'rpc-tls-cert', 'msb-stores-directory'].map((name) => config?.[name]),
    [token, app, path.resolve('cert.pem'), path.resolve('stores')]
  )
  const script = fs.readFileSync(path.join(stage.project, 'scripts', 'start-alice.sh'), 'utf-8')
  t.ok(script.includes(`set -- --sc-bridge-token-file ${token} "$@"`), script)
  t.ok(script.includes(`set -- --app ${path.join('apps', 'board')} "$@"`), 'scripts change into the project')
  t.ok(text.includes(`  --sc-bridge-token-file ${token}\n`), text)

  const answers = JSON.stringify({ 'wallet-password-file': 'own', app: null })
  const again = await stage.init(['alice', '--answers', answers])
  t.is(again.config?.['wallet-password-file'], path.resolve('own'))
  t.is(again.config?.['sc-bridge-token-file'], token)
})

test('what is meant by a path in a config file that was written by hand stays as it was', async (t) => {
  const stage = new SetupStage(t)
  stage.write('alice', { app: 'examples/task-board', 'sidechannel-ttl': 9 })
  const { config } = await stage.init(['alice', '--yes'])
  t.is(config?.app, 'examples/task-board')
  const script = fs.readFileSync(path.join(stage.project, 'scripts', 'start-alice.sh'), 'utf-8')
  t.ok(/--app examples\/task-board /.test(script) && /--sidechannel-ttl 9 /.test(script), script)
})

test('a start script comes with it; one that was changed by hand stays, and nothing is written', async (t) => {
  const stage = new SetupStage(t)
  const script = path.join(stage.project, 'scripts', 'start-alice.sh')
  const { text } = await stage.init(['alice', '--yes', '--sidechannel-ttl', '5', '--service', 'systemd'])
  t.ok(fs.readFileSync(script, 'utf-8').includes('set -- --sidechannel-ttl 5 "$@"'))
  t.ok(text.includes(`or, from any folder: ${script}\n`), text)
  t.ok(/Written: .*intercom-alice\.service/.test(text), text)
  // What a test has is temporary, wherever the system keeps that.
  t.is(text.includes('Warning: the service needs'), /^\/(var\/)?tmp\//.test(stage.project), text)
  fs.appendFileSync(script, '# mine\n')
  await fails(
    t,
    'changed_by_hand',
    [/start-alice\.sh/],
    stage.init(['alice', '--yes', '--sidechannel-ttl', '6'])
  )
  t.is(stage.config('alice')?.['sidechannel-ttl'], 5)
  await stage.init(['alice', '--yes', '--sidechannel-ttl', '6', '--force'])
  t.is(stage.config('alice')?.['sidechannel-ttl'], 6)
  t.ok(fs.readFileSync(script, 'utf-8').includes('set -- --sidechannel-ttl 6 "$@"'))
})

test('the scripts of a peer of that name in another folder stay', async (t) => {
  const stage = new SetupStage(t)
  const script = path.join(stage.project, 'scripts', 'start-alice.sh')
  await stage.init(['alice', '--yes'])
  const others = fs.readFileSync(script, 'utf-8').replace(/Its store: .*/, 'Its store: elsewhere/alice')
  fs.writeFileSync(script, others)
  const texts = [/start-alice\.sh/, /Its store: elsewhere/, /--force/]
  await fails(t, 'script_exists', texts, stage.init(['alice', '--yes', '--sidechannel-ttl', '6']))
  t.is(fs.readFileSync(script, 'utf-8'), others)
  await stage.init(['alice', '--yes', '--force'])
  t.not(fs.readFileSync(script, 'utf-8'), others)
})

test('a config file that cannot be read is not written over', async (t) => {
  const stage = new SetupStage(t)
  stage.write('alice', {})
  fs.writeFileSync(stage.file('alice'), '{ "sidechannel-ttl": 3')
  await fails(t, 'bad_config_file', [/not JSON/], stage.init(['alice', '--yes']))
  t.is(fs.readFileSync(stage.file('alice'), 'utf-8'), '{ "sidechannel-ttl": 3')
})

test('a store that a later version wrote is left alone', async (t) => {
  const stage = new SetupStage(t)
  stage.write('alice', {})
  fs.writeFileSync(path.join(stage.folder, 'alice', 'format'), '99\n')
  await fails(t, 'store_newer', [/format 99/], stage.init(['alice', '--yes']))
  t.alike(stage.config('alice'), {})
})

test('--print-config shows the outcome and writes nothing', async (t) => {
  const stage = new SetupStage(t)
  const { text } = await stage.init(['alice', '--yes', '--role', 'backbone', '--print-config'])
  t.ok(/^sidechannel-quiet +1 +config file$/m.test(text))
  t.alike(fs.readdirSync(stage.folder), [])
})

test('a channel that config.json could not hold is refused before anything is written', async (t) => {
  const stage = new SetupStage(t)
  const owner = signerOf(1)
  stage.ownKey = signerOf(2).publicKey
  const common = ['alice', '--yes', '--channels', 'y', '--owner', owner.publicKey]
  const welcome = (channel: string) =>
    tokenText(createWelcome({ channel: channel as ChannelName, text: 'Hi.', issuedAt: 1 }, owner))
  const invite = tokenText(
    createInvite(
      {
        ...{ channel: 'a,b' as ChannelName, inviteePubKey: stage.ownKey, inviterAddress: null },
        ...{ issuedAt: 1, expiresAt: Date.now() + 60_000 }
      },
      owner
    )
  )
  await fails(
    t,
    'bad_answers',
    [/welcome to "a,b".*comma/],
    stage.init([...common, '--welcome', welcome('a,b')])
  )
  await fails(t, 'bad_answers', [/invite to "a,b".*comma/], stage.init([...common, '--invite', invite]))
  t.alike(fs.readdirSync(stage.folder), [])
})

test('what a start would not take is not written', async (t) => {
  const stage = new SetupStage(t)
  const owner = signerOf(1)
  const channels = Array.from({ length: 256 }, (_, i) => `c${i}`).join(',')
  const welcome = tokenText(createWelcome({ channel: DEN, text: 'Hi.', issuedAt: 1 }, owner))
  const words = ['alice', '--yes', '--channels', channels, '--owner', owner.publicKey]
  for (const more of [[], ['--print-config']])
    await fails(
      t,
      'bad_answers',
      [/"sidechannels".*up to 256 items/],
      stage.init([...words, '--welcome', welcome, ...more])
    )
  t.alike(fs.readdirSync(stage.folder), [])
})

test('a value that was taken away leaves no file beside the scripts', async (t) => {
  const stage = new SetupStage(t)
  const channels = Array.from({ length: 40 }, (_, i) => `channel-${i}`).join(',')
  await stage.init(['alice', '--yes', '--channels', channels, '--sidechannel-pow-channels', channels])
  const folder = path.join(stage.project, 'scripts', 'start-alice.d')
  const file = path.join(folder, 'sidechannels.txt')
  t.ok(fs.existsSync(file))
  const { text } = await stage.init(['alice', '--answers', '{"channels": null}'])
  t.ok(/^Removed: .*sidechannels\.txt$/m.test(text), text)
  t.alike(fs.readdirSync(folder).sort(), [
    'sidechannel-pow-channels.txt',
    'sidechannel-pow-channels.txt.sha256'
  ])
})
