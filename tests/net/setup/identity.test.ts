import test from 'brittle'
import fs from '#fs'
import os from '#os'
import path from '#path'
import { freePort } from '../../helpers/ports.ts'
import { ADDRESS, KEY, keyOf, SetUp } from '../../helpers/setup.ts'

test('the first run makes the identity that every start then has', async (t) => {
  const setup = new SetUp(t)
  const password = path.join(setup.cwd, 'password')
  fs.writeFileSync(password, 'secret\n')
  const shown = await setup.init(['--role', 'person', '--subnet', '0', '--print-config'])
  t.absent(KEY.test(shown), shown)
  t.alike(fs.readdirSync(setup.cwd), ['password'], '--print-config makes nothing')

  const local = ['--local', '--local-port', String(await freePort())]
  const words = ['--role', 'person', '--subnet', '0', '--wallet-password-file', password, ...local]
  const inits = [1, 2].map(() => setup.run(['init', setup.name, '--yes', ...words]))
  for (const { exited } of inits) t.is((await exited).code, 0)
  const said = inits[0]?.output ?? ''
  const key = keyOf(said)
  t.is(keyOf(inits[1]?.output ?? ''), key, 'of two at the same time, both tell the one key')
  t.is(keyOf(await setup.init([])), key, 'and so does a later one')
  const file = setup.file('db/keypair.json')
  const text = fs.readFileSync(file, 'utf-8')
  if (os.platform() !== 'win32') {
    const modes = ['', 'db', 'db/keypair.json'].map((name) => fs.statSync(setup.file(name)).mode & 0o777)
    t.alike(modes, [0o700, 0o700, 0o600])
  }

  for (const time of ['first', 'second']) {
    const peer = setup.start()
    t.is((await peer.saw(KEY))[1], key, `the ${time} start`)
    t.is((await peer.saw(ADDRESS))[1], ADDRESS.exec(said)?.[1])
    await peer.saw('Sidechannel: ready')
    t.absent(/new identity/.test(peer.errors), peer.errors)
    t.is((await peer.stop()).code, 0)
  }
  t.is(fs.readFileSync(file, 'utf-8'), text, 'the key file is as it was made')
  t.alike(
    fs.readdirSync(setup.file('db')).filter((name) => name.startsWith('keypair')),
    ['keypair.json']
  )
  t.is(setup.config['wallet-password-file'] as unknown, password, 'config.json is back at its place')

  fs.writeFileSync(password, 'another\n')
  const refused = setup.run(['init', setup.name, '--yes', '--role', 'agent'])
  t.is((await refused.exited).code, 1)
  t.ok(/does not open: wrong password/.test(refused.errors), refused.errors)
  t.is(setup.config.firstRun?.role, 'person', 'nothing was written')
})

test('a first run beside a first start has its key; one after a lost key file says so', async (t) => {
  const setup = new SetUp(t)
  const local = ['--local', '--local-port', String(await freePort())]
  const peer = setup.run(['start', setup.name, '--subnet', '0', ...local])
  const said = await setup.init(['--role', 'person', '--subnet', '0', ...local])
  t.is((await peer.saw(KEY))[1], keyOf(said))
  await peer.stop()

  fs.rmSync(setup.file('db/keypair.json'))
  const again = await setup.init([])
  t.ok(/had lost its key file/.test(again), again)
  t.not(keyOf(again), keyOf(said))
})
