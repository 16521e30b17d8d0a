import test from 'brittle'
import { someKey, until } from '../../helpers/subnet/member.ts'
import { openAdmin, openTyped, SCREEN } from '../../helpers/subnet/typed.ts'
import { once, startDht } from '../../helpers/swarm.ts'

const OTHER = 'cd'.repeat(32)

test('before there is an admin everything else is refused; one elsewhere records the app by themselves', async (t) => {
  const peer = await openTyped(t, await startDht(t))
  const lines = [
    `/update_admin --address ${OTHER}`,
    `/add_writer --key ${OTHER}`,
    '/enable_transactions',
    '/set_app',
    '/post --message hi',
    '/set_nick --nick alice',
    '/delete_message --id 0'
  ]
  const sentence = 'Subnet has no admin yet. Run /add_admin --address <key>.'
  for (const line of lines) t.alike(await peer.refused(line), ['no_admin', sentence], line)
  t.is(peer.desk.subnet.base.local.length, 0, 'nothing was written')
  t.alike((await peer.run('/roles'))[0], 'admin: unset')
  t.is(await peer.result('/get --key admin'), null)

  const printed = await peer.run(`/add_admin --address ${OTHER}`, SCREEN)
  t.alike(printed.slice(0, 2), [
    'The admin records the app that is in force with /set_app.',
    'Others join with:'
  ])
  t.alike(peer.lines, [`Admin added: ${OTHER}`], 'the screen has shown it already')
  t.is((await peer.desk.stats()).result.app.inForce, null)
  const refused = ['denied', 'Only admin may perform this operation.']
  for (const line of ['/set_app', `/add_writer --key ${OTHER}`]) t.alike(await peer.refused(line), refused)
})

test('the first admin, once, by who made the subnet; then writers come, go and are banned', async (t) => {
  const dht = await startDht(t)
  const admin = await openTyped(t, dht)
  const { key, address } = admin.node
  const { bootstrap, channel } = admin.desk
  const joiner = await openTyped(t, dht, ['--subnet-bootstrap', bootstrap])
  const only = 'Only the subnet bootstrap node may set the initial admin.'
  t.alike(await joiner.refused(`/add_admin --address ${joiner.node.key}`), ['denied', only])

  const lines = await admin.run(`/add_admin --address ${address}`)
  const network = admin.node.config.dhtBootstrap?.map(({ host, port }) => `${host}:${port}`).join()
  t.alike(lines, [
    `Admin added: ${key}`,
    `App: test 1 (${'0'.repeat(64)})`,
    'Others join with:',
    `npm start -- --peer-store-name joiner --subnet-bootstrap ${bootstrap} --subnet-channel ${channel} --dht-bootstrap ${network}`
  ])
  t.alike(admin.lines, lines.slice(0, 2))
  const { result } = await admin.desk.stats()
  t.alike([result.ruleset, result.settlement, result.admin], [2, 'local', key])
  t.alike(result.app.inForce, { name: 'test', version: '1', hash: '0'.repeat(64) })
  t.alike(await admin.refused(`/add_admin --address ${key}`), ['denied', 'Admin is already set.'])

  const { writerKey } = joiner.desk
  await until(joiner, async () => (await joiner.desk.get('admin', false)) !== null)
  t.alike(await joiner.refused('/post --message hi'), ['denied', 'Chat is disabled.'])
  await admin.run('/set_chat_status --enabled 1')
  await until(joiner, async () => (await joiner.desk.get('chat_status', false)) === 'on')
  t.alike(await joiner.refused('/post --message hi'), ['not_writable', 'Peer is not writable.'])

  await admin.run('/set_auto_add_writers --enabled 1')
  await until(joiner, () => joiner.desk.writable)
  t.ok(admin.lines.includes(`Writer auto added: ${writerKey}`))

  t.alike(await admin.run(`/remove_writer --key ${writerKey}`), [`Writer removed: ${writerKey}`])
  await until(joiner, () => !joiner.desk.writable)
  t.is(await admin.result(`/get --key bnd/${writerKey}`), true)
  t.ok((await admin.run('/roles')).join('\n').includes(`banned writers: 1\n  ${writerKey}`))
  t.alike(await admin.run(`/unban --key ${writerKey}`), [`Ban lifted: ${writerKey}`])
  const notBanned = `The writer ${writerKey} is not banned.`
  t.alike(await admin.refused(`/unban --key ${writerKey}`), ['bad_arguments', notBanned])

  t.alike(await admin.run(`/add_writer --key ${writerKey}`), [`Writer added: ${writerKey}`])
  await until(joiner, () => joiner.desk.writable)
  t.alike(await admin.run(`/add_indexer --key ${writerKey}`), [`Indexer added: ${writerKey}`])
  t.ok((await admin.run('/roles')).includes(`  ${writerKey} (indexer)`))

  // What an indexer that is away would have to sign is not confirmed.
  if (!joiner.desk.isIndexer) await once(joiner.desk.subnet.base, 'is-indexer')
  await joiner.close()
  await admin.run(`/set_mod --user ${OTHER} --mod 1`)
  const read = (more: string) => admin.result(`/get --key mod/${OTHER} ${more}`)
  for (const more of ['', '--confirmed true', '--confirmed 1']) t.is(await read(more), null, more)
  for (const more of ['--confirmed false', '--confirmed maybe', '--unconfirmed', '--unconfirmed=0'])
    t.is(await read(more), true, more)
  t.alike(await admin.run(`/remove_indexer --key ${writerKey}`), [`Writer removed: ${writerKey}`])
})

test('switches, the last indexer, what programs ask, and the role given up for good', async (t) => {
  const admin = await openAdmin(t, await startDht(t))
  const { key } = admin.node
  const rows: [line: string, printed: string, state: string, value: unknown][] = [
    ['/set_auto_add_writers --enabled 1', 'Set auto_add_writers: on', 'auto_add_writers', 'on'],
    ['/set_auto_add_writers --enabled off', 'Set auto_add_writers: off', 'auto_add_writers', 'off'],
    ['/enable_transactions', 'Changed transactions enabled true', 'txen', true],
    ['/enable_transactions --enabled 0', 'Changed transactions enabled false', 'txen', false],
    ['/enable_whitelist --enabled 1', 'Changed whitelist enabled true', 'wlst', true],
    [
      `/set_whitelist_status --user ${OTHER} --status 1`,
      `Changed whitelist status ${OTHER} to true`,
      `wl/${OTHER}`,
      true
    ],
    [`/set_mod --user ${OTHER} --mod 1`, `Changed mod status ${OTHER} to true`, `mod/${OTHER}`, true],
    ['/set_chat_status --enabled 1', 'Set chat_status: on', 'chat_status', 'on']
  ]
  for (const [line, printed, state, value] of rows) {
    t.alike(await admin.run(line), [printed], line)
    t.is(await admin.result(`/get --key ${state}`), value, state)
  }
  t.alike(await admin.run('/set_app'), [`App: test 1 (${'0'.repeat(64)})`])
  t.alike(await admin.run('/roles'), [
    `admin: ${key}`,
    'auto_add_writers: off',
    'chat_status: on',
    'transactions: off',
    'whitelist: on',
    'writers: 1',
    `  ${admin.desk.writerKey} (indexer)`,
    'mods: 1',
    `  ${OTHER}`,
    'muted: none',
    'whitelisted: 1',
    `  ${OTHER}`,
    'banned writers: none'
  ])

  // The last indexer stays, and who is no writer cannot be removed.
  const { writerKey } = admin.desk
  const length = admin.desk.subnet.base.local.length
  const last = ['denied', 'This is the last indexer: without it nothing would be confirmed any more.']
  for (const command of ['remove_writer', 'remove_indexer', 'add_writer'])
    t.alike(await admin.refused(`/${command} --key ${writerKey}`), last, command)
  t.alike(await admin.refused(`/remove_writer --key ${someKey}`), [
    'bad_arguments',
    `There is no writer ${someKey}.`
  ])
  t.is(admin.desk.subnet.base.local.length, length, 'nothing was written')
  t.ok(admin.desk.isIndexer)

  // What programs ask is checked like what is typed.
  const { desk } = admin
  const code = async (promise: Promise<unknown>) =>
    promise.then(String, (error: { code: string }) => error.code)
  t.is(await code(desk.operate('add_writer', {})), 'bad_arguments')
  t.is(await code(desk.operate('add_writer', { key: '@/etc/hostname' })), 'bad_arguments')
  t.is(await code(desk.operate('set_mod', { user: 'nobody', mod: true })), 'bad_arguments')
  t.is(await code(desk.operate('set_mod', { user: OTHER, mod: true, more: 1 })), 'bad_arguments')
  const { lines, result } = await desk.operate('set_mod', { user: OTHER, mod: true })
  t.alike(lines, [`Changed mod status ${OTHER} to true`])
  t.is(result.type, 'setMod')
  t.ok(/^[0-9a-f]{128}$/.test(result.id))

  t.alike(await admin.run('/update_admin --address null'), [`Changed admin ${key} to null`])
  t.alike(await admin.refused('/enable_transactions'), ['denied', 'Only admin may perform this operation.'])
  t.alike(await admin.refused(`/add_admin --address ${key}`), ['denied', 'Admin is already set.'])
  t.is((await admin.run('/roles'))[0], 'admin: none (the role was given up)')
})
