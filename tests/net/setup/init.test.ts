import test from 'brittle'
import fs from '#fs'
import path from '#path'
import process from '#process'
import { Peer, PROJECT } from '../../helpers/peer.ts'
import { freePort } from '../../helpers/ports.ts'
import { hasTmux, Screen } from '../../helpers/screen.ts'
import { SetUp } from '../../helpers/setup.ts'

test('an admin: what was decided is put into force once, and later commands win', async (t) => {
  const setup = new SetUp(t)
  const port = String(await freePort())
  const decided = ['--role', 'admin', '--chat', '1', '--auto-add-writers', '1', '--channels', 'den']
  const said = await setup.init([...decided, '--local', '--local-port', port])
  t.ok(/^Start it with: npm start -- start /m.test(said))

  const first = setup.start()
  await first.saw('First run: whoever joins the subnet may write.')
  await first.answer('/sc_stats', /^"den": /m)
  t.ok(/^First run: this peer is the admin of its subnet\.$/m.test(first.output), first.output)
  t.ok(/^First run: the chat of the subnet is on\.$/m.test(first.output))
  t.ok(/^Others join with:$/m.test(first.output))
  t.absent(first.output.includes('has no admin yet'))
  t.alike(setup.config.firstRun?.applied, ['admin', 'chat', 'autoAddWriters'])
  await first.answer('/set_chat_status --enabled 0', 'Set chat_status: off')
  t.is((await first.stop()).code, 0)

  await setup.init(['--auto-add-writers', '0'])
  // As if the first start had ended before it could record the chat, too.
  const { firstRun, ...flags } = setup.config
  fs.writeFileSync(
    setup.file('config.json'),
    JSON.stringify({ ...flags, firstRun: { ...firstRun, applied: [] } })
  )
  const second = setup.start()
  await second.saw('First run: the admin adds writers one by one.')
  await second.answer('/get --key chat_status', /^off$/m)
  await second.answer('/get --key auto_add_writers', /^off$/m)
  t.is(second.output.match(/First run:/g)?.length, 1, 'of the rest the state has it, or a later command won')
  t.alike(setup.config.firstRun?.applied, ['admin', 'chat', 'autoAddWriters'])
  await second.stop()
})

test('questions on a pipe', async (t) => {
  const setup = new SetUp(t)
  const peer = setup.run(['init', setup.name])
  for (const line of ['person', 'den', 'nothing', '', '0']) peer.type(line)
  for (let i = 0; i < 20; i++) peer.type('')
  t.alike(await peer.exited, { code: 0, signal: null }, peer.errors)
  t.ok(/Got "nothing"/.test(peer.output))
  t.alike([setup.config.sidechannels, setup.config.subnet] as unknown[], [['den'], false])

  const unanswered = setup.run(['init', `${setup.name}-2`])
  unanswered.type('person')
  unanswered.end()
  t.is((await unanswered.exited).code, 1)
  t.ok(/nothing was written.*--yes/.test(unanswered.errors), unanswered.errors)
  const nobody = new Peer(t, { cwd: setup.cwd, args: ['init', `${setup.name}-2`], input: false })
  t.is((await nobody.exited).code, 1)
  t.alike(fs.readdirSync(path.join(setup.cwd, 'stores')), [setup.name])
})

test('questions in a terminal; Ctrl-C leaves, and nothing is written', {
  skip: !(await hasTmux())
}, async (t) => {
  const setup = new SetUp(t)
  const screen = new Screen(t)
  const program = `'${process.execPath}' '${path.join(PROJECT, 'index.js')}'`
  await screen.start(`cd '${setup.cwd}' && ${program} init ${setup.name}; echo "ended with $?"`)
  await screen.saw(/Who uses it\?[^[]*\[agent\]/)
  await screen.keys('king', 'Enter')
  await screen.saw(/Got "king"/)
  await screen.keys('person', 'Enter')
  await screen.saw(/Which sidechannels/)
  await screen.keys('C-c')
  await screen.saw(/^ended with 130/m)
  t.alike(fs.readdirSync(setup.cwd), [])
})
