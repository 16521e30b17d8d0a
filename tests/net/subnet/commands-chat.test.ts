import test from 'brittle'
import { someKey, until } from '../../helpers/subnet/member.ts'
import { joinAsWriter, openAdmin, SCREEN, type TypedMember } from '../../helpers/subnet/typed.ts'
import { startDht } from '../../helpers/swarm.ts'

const OPEN = ['/set_auto_add_writers --enabled 1', '/set_chat_status --enabled 1']
const ROLE = ['denied', 'Only admin or mod may perform this operation.']

/** Resolves once one member has what another one wrote. */
function has(member: TypedMember, key: string, value: unknown): Promise<void> {
  return until(member, async () => (await member.desk.get(key, false)) === value)
}

test('messages: said, answered, pinned, deleted, listed', async (t) => {
  const admin = await openAdmin(t, await startDht(t))
  const { key } = admin.node
  t.alike(await admin.refused('/post --message hello'), ['denied', 'Chat is disabled.'])
  t.alike(await admin.refused('/post --message ""'), ['bad_arguments', 'Empty message not allowed'])
  t.alike(await admin.run('/messages'), ['Messages: 0 of 0'])
  await admin.run('/set_chat_status --enabled 1')
  t.alike(await admin.run('/post --message hello'), [`#1 | ${key}: hello`])
  t.alike(await admin.run('/set_nick --nick alice'), [`Changed nick to alice (${key})`])
  t.alike(await admin.run('/post --message "hello again" --reply_to 0'), ['#2 | alice: hello again'])
  t.alike(await admin.run('/post --message third', SCREEN), [], 'the screen has shown it')
  t.is(admin.lines.at(-1), '#3 | alice: third')
  t.alike(await admin.run('/pin_message --id 1 --pin 1'), [`Pinned message 1 by ${key}`])
  t.alike(await admin.run('/delete_message --id 0'), [`Deleted message 0 of user ${key} by ${key}`])
  t.alike(await admin.run('/messages'), [
    'Messages: 3 of 3',
    `#1 (id 0) | alice: (deleted by ${key})`,
    '#2 (id 1, reply to 0, pinned) | alice: hello again',
    '#3 (id 2) | alice: third'
  ])
  t.alike(await admin.run('/messages --from 1 --limit 1'), [
    'Messages: 1 of 3',
    '#2 (id 1, reply to 0, pinned) | alice: hello again'
  ])
  t.alike(await admin.run('/unpin_message --pin_id 0'), [`Unpinned message 1 by ${key}`])
  const rows: [line: string, message: string][] = [
    ['/delete_message --id 0', 'Message 0 has been deleted already.'],
    ['/delete_message --id 9', 'There is no message 9.'],
    ['/pin_message --id 9 --pin 1', 'There is no message 9.'],
    ['/unpin_message --pin_id 9', 'There is no pin 9.'],
    [`/set_nick --nick ${'ä'.repeat(17)}`, 'A nick has at most 32 bytes.']
  ]
  for (const [line, message] of rows) t.alike(await admin.refused(line), ['bad_arguments', message], line)
  t.alike(await admin.refused(`/post --message ${'x'.repeat(8192)}`), ['too_large', 'Message too large.'])
  const attachments = Array.from({ length: 21 }, String)
  await t.exception(admin.desk.post({ message: 'x', attachments }), /Too many attachments/)
  const { result } = await admin.desk.post({ message: 'with', attachments: ['a'] })
  t.alike([result.type, result.n], ['msg', 3])
  t.is((await admin.run('/messages --from 3'))[1], '#4 (id 3, 1 attached) | alice: with')
  t.alike(await admin.refused('/post --message veto'), [
    'contract_error',
    'The app refused the message: not here'
  ])
})

test('users, mods and the admin: who may do what to whom', async (t) => {
  const dht = await startDht(t)
  const admin = await openAdmin(t, dht, OPEN)
  const user = await joinAsWriter(t, dht, admin)
  const { key } = user.node
  await has(user, 'chat_status', 'on')
  await admin.run('/set_nick --nick boss')
  await admin.run('/post --message "of the admin"')
  await has(user, 'msgl', 1)

  // A user.
  t.alike(await user.run('/post --message mine'), [`#2 | ${key}: mine`])
  t.alike(await user.refused('/set_nick --nick boss'), ['denied', 'The nick "boss" is taken.'])
  const forMods = [
    '/delete_message --id 0',
    '/pin_message --id 1 --pin 1',
    '/unpin_message --pin_id 0',
    `/mute_status --user ${someKey} --muted 1`,
    `/set_nick --nick x --user ${someKey}`
  ]
  for (const line of forMods) t.alike(await user.refused(line), ROLE, line)
  const forAdmins = [
    `/set_mod --user ${key} --mod 1`,
    '/set_chat_status --enabled 0',
    '/enable_whitelist --enabled 1'
  ]
  for (const line of forAdmins)
    t.alike(await user.refused(line), ['denied', 'Only admin may perform this operation.'], line)
  t.alike(
    await user.run('/delete_message --id 1'),
    [`Deleted message 1 of user ${key} by ${key}`],
    'their own'
  )

  // Muted, and not on the whitelist.
  await admin.run(`/mute_status --user ${user.node.address} --muted 1`)
  await has(user, `mtd/${key}`, true)
  t.alike(await user.refused('/post --message hi'), ['denied', 'You are muted in this chat.'])
  await admin.run(`/mute_status --user ${key} --muted 0`)
  await admin.run('/enable_whitelist --enabled 1')
  await has(user, 'wlst', true)
  const listed = 'This chat is for those on its whitelist, and you are not on it.'
  t.alike(await user.refused('/post --message hi'), ['denied', listed])

  // A mod.
  await admin.run(`/set_mod --user ${key} --mod 1`)
  await has(user, `mod/${key}`, true)
  t.alike(await user.run(`/set_nick --nick renamed --user ${someKey}`), [
    `Changed nick to renamed (${someKey})`
  ])
  t.alike(await user.run(`/mute_status --user ${someKey} --muted 1`), [
    `Changed mute status ${someKey} to true`
  ])
  const above = ['denied', 'A mod may not do this to the admin or to another mod.']
  t.alike(await user.refused(`/mute_status --user ${admin.node.key} --muted 1`), above)
  t.alike(await user.refused(`/set_nick --nick x --user ${admin.node.address}`), above)
  await admin.run(`/set_mod --user ${someKey} --mod 1`)
  await has(user, `mod/${someKey}`, true)
  t.alike(await user.refused(`/mute_status --user ${someKey} --muted 0`), above)
  t.alike(await user.run('/pin_message --id 0 --pin 1'), [`Pinned message 0 by ${key}`])
  const ofAdmin = 'A mod may not delete a message of the admin.'
  t.alike(await user.refused('/delete_message --id 0'), ['denied', ofAdmin])

  // What others wrote cannot do anything to a screen.
  await admin.run('/enable_whitelist --enabled 0')
  await has(user, 'wlst', false)
  await user.desk.setNick({ nick: '\u001b[2J\u202enick' })
  await user.desk.post({ message: 'red\u001b[31m\nAdmin added: me\u0007' })
  await has(admin, 'msgl', 3)
  const said = '#3 | \\e[2J\\u202enick: red\\e[31m\\nAdmin added: me\\u0007'
  t.is(admin.lines.at(-1), said)
  t.is((await admin.run('/messages')).at(-1), said.replace('#3', '#3 (id 2)'))
  const lines = [
    ...(await admin.run('/get --key chat_last --unconfirmed')),
    ...(await admin.run(`/get --key nick/${user.node.key} --unconfirmed`)),
    ...(await admin.run('/print --text "a\\u001bb"'))
  ]
  t.is(lines.length, 3)
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  t.absent(lines.some((line) => /[\u0000-\u001f\u202e]/.test(line)))
})
