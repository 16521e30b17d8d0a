import test, { type Assertions } from 'brittle'
import { TOKEN } from '../../helpers/bridge.ts'
import { type Member, Stage } from '../../helpers/recipe.ts'
import { ask, ENTRY, hearNext, RawClient } from './helpers.ts'

const FLAGS = ['--sc-bridge', '1', '--sc-bridge-port', '0', '--sc-bridge-token', TOKEN]

/** A whole peer with its bridge, and a client of that. */
async function start(t: Assertions, stage: Stage, name: string, flags: readonly string[] = []) {
  const member = await stage.start(name, [...FLAGS, ...flags])
  const [, port] = await member.peer.saw(/SC-Bridge: ws:\/\/127\.0\.0\.1:(\d+) \(token as given\)/)
  return { member, port: Number(port), client: await RawClient.connect(t, Number(port)) }
}

async function meet(...members: readonly Member[]): Promise<void> {
  await Promise.all(members.map((member) => member.meets(ENTRY, members.length - 1)))
}

test('with the bridge on, messages go to its clients and not to standard output', async (t) => {
  const stage = await Stage.open(t)
  const { member: alice, client } = await start(t, stage, 'alice')
  const bob = await stage.start('bob')
  await meet(alice, bob)
  await bob.sends(ENTRY, 'from bob')
  t.alike(await hearNext(client, 1), [[ENTRY, 'from bob']])
  await ask(client, { type: 'send', channel: ENTRY, message: 'from alice' })
  await bob.heard(alice, ENTRY, 'from alice')
  // Whatever was to be printed before this has been printed.
  await alice.run('/help stats', '^.*/stats')
  t.absent((alice.peer.output + alice.peer.errors).includes('from bob'))
  t.absent(alice.peer.output.includes(TOKEN), 'nor is the token')
  await alice.stop()
  await bob.stop()
})

test('--sc-bridge-debug 1 logs what clients do, without payloads and tokens', async (t) => {
  const stage = await Stage.open(t)
  const debug = ['--sc-bridge-debug', '1', '--sc-bridge-cli', '1']
  const { member: alice, client, port } = await start(t, stage, 'alice', debug)
  const bob = await stage.start('bob')
  await meet(alice, bob)
  const wrong = await RawClient.connect(t, port, 'wrong-token-of-somebody').catch((error: Error) => error)
  t.ok(wrong instanceof Error && wrong.message.includes('Unauthorized.'))
  await ask(client, { type: 'send', channel: ENTRY, message: { text: 'payload of alice' } })
  await ask(client, { type: 'send', channel: 'x', message: 'payload of alice', invite: 'payload of alice' })
  await ask(client, { type: 'cli', command: '/sc_send --channel 0000intercom --message "payload of alice"' })
  await ask(client, { type: 'payload of alice' })
  await ask(client, { type: 'set_filter', filter: 'payload' })
  await bob.sends(ENTRY, 'payload of bob')
  await hearNext(client, 1)
  await alice.stop()
  await bob.stop()
  const { errors, output } = alice.peer
  for (const word of ['send', 'set_filter', 'cli']) {
    t.ok(new RegExp(`bridge: .*request=${word}\\b`).test(errors), word)
  }
  t.ok(/bridge: refused.*unknown_type/.test(errors))
  t.ok(errors.includes('a client presented a wrong token'))
  for (const secret of ['payload of', 'wrong-token-of-somebody', TOKEN])
    t.absent((errors + output).includes(secret), secret)
})

test('without it the requests of clients are not logged', async (t) => {
  const stage = await Stage.open(t)
  const { member: alice, client } = await start(t, stage, 'alice')
  await ask(client, { type: 'send', channel: ENTRY, message: 'x' })
  await ask(client, { type: 'nope' })
  await alice.stop()
  t.absent(/bridge: (request|refused)/.test(alice.peer.errors), alice.peer.errors)
})

test('/exit over the bridge is answered, then everything ends in order', async (t) => {
  const stage = await Stage.open(t)
  const { member: alice, client } = await start(t, stage, 'alice', ['--sc-bridge-cli', '1'])
  t.alike(await ask(client, { type: 'cli', command: '/exit' }), {
    ...{ type: 'cli_result', command: '/exit', ok: true, output: ['Exiting...'], error: null, result: null }
  })
  t.is(await client.socket.nextClose(), 1001)
  t.alike(await alice.peer.exited, { code: 0, signal: null })
})

test('the joiner that a welcome request gives is a whole command line', async (t) => {
  const stage = await Stage.open(t)
  const { member: alice, client } = await start(t, stage, 'alice')
  const { joiner, owner } = await ask(client, { type: 'welcome', channel: 'plaza', text: 'Welcome!' })
  t.is(owner, alice.key)
  await ask(client, { type: 'join', channel: 'plaza' })
  const bob = await stage.startWith('bob', String(joiner))
  await Promise.all([alice, bob].map((member) => member.meets('plaza', 1)))
  t.is((await ask(client, { type: 'send', channel: 'plaza', message: 'come in' })).neighbours, 1)
  await bob.heard(alice, 'plaza', 'come in')
  await bob.sends('plaza', 'thank you')
  t.alike(await hearNext(client, 1), [['plaza', 'thank you']])
  await alice.stop()
  await bob.stop()
})
