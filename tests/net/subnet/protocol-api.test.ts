import b4a from 'b4a'
import test from 'brittle'
import { BenchScope } from '../../../bench/helpers/scope.ts'
import { commandHash, type Dispatch } from '../../../src/app/payloads.ts'
import { Protocol } from '../../../src/app/protocol.ts'
import { STATE_READS, StateApi } from '../../../src/app/state-api.ts'
import type { IntercomError } from '../../../src/base/errors.ts'
import type { Signer } from '../../../src/base/signature.ts'
import { GoldenContract } from '../../helpers/subnet/golden-contract.ts'
import { appOf } from '../../helpers/subnet/member.ts'
import { alice, bob, byte } from '../../helpers/subnet/ops.ts'
import { openTyped } from '../../helpers/subnet/typed.ts'
import { startDht } from '../../helpers/swarm.ts'

class Shop extends Protocol {
  override mapTxCommand(command: string): Dispatch | null {
    return command === 'ping' ? { type: 'ping', value: { msg: 'hi' } } : null
  }

  override async extendApi(): Promise<void> {
    this.api.getSampleData = () => 'Some sample data'
    this.api.addUp = async (a: number, b: number) => ({ sum: a + b, admin: await this.api.getAdmin() })
    this.api.fails = () => Promise.reject(new Error('The shop is\u001b[2J closed.'))
    this.api.returnsError = () => new Error('Sold out.')
    this.api.bigint = () => 1n
    this.api.nothing = () => undefined
    this.api.getNick = async (address: string) => `not ${address}`
    this.api.colour = 'red'
  }
}

const app = appOf((protocol) => new GoldenContract(protocol), {
  createProtocol: (peer, base) => new Shop(peer, base)
})
const [A, B] = [alice.publicKey, bob.publicKey]
const scope = new BenchScope()
const dht = await startDht(scope)
const exposed = await openTyped(scope, dht, ['--api-tx-exposed', '1'], { app, apiMsgExposed: true })
const { key } = exposed.node
const { api } = exposed.desk.subnet.protocol
const setUp = [`/add_admin --address ${key}`, '/set_chat_status --enabled 1']
for (const line of setUp) await exposed.run(line)

/** The code and the sentence; null where nothing is wrong. */
async function refusal(call: () => unknown): Promise<string | null> {
  try {
    await call()
    return null
  } catch (error) {
    const { code, message } = error as IntercomError
    return `${code}: ${message}`
  }
}

async function signedMessage(by: Signer, msg: string) {
  const prepared = api.prepareMessage(msg, by.publicKey)
  const nonce = api.generateNonce()
  const signature = by.sign(b4a.from(await api.messageToSign(prepared, nonce)))
  return { prepared, signature, nonce }
}

async function say(by: Signer, msg: string) {
  const { prepared, signature, nonce } = await signedMessage(by, msg)
  return api.post(prepared, signature, nonce)
}

async function signedTx(by: Signer, dispatch: Dispatch) {
  const nonce = api.generateNonce()
  const tx = await api.generateTx(by.publicKey, commandHash(dispatch), nonce)
  return { tx, dispatch, address: by.publicKey, signature: by.sign(b4a.from(tx, 'hex')), nonce }
}

type SignedTx = Awaited<ReturnType<typeof signedTx>>

const send = ({ tx, dispatch, address, signature, nonce }: SignedTx, sim = false) =>
  api.tx(tx, dispatch, address, signature, nonce, sim)

test('a message: prepared, signed elsewhere, appended', async (t) => {
  const prepared = api.prepareMessage('hello', A, 3, ['a'])
  t.alike(prepared, {
    dispatch: {
      ...{ type: 'msg', msg: 'hello', address: A, attachments: ['a'], deleted_by: null },
      ...{ reply_to: 3, pinned: false, pin_id: null }
    }
  })
  const before = await api.getMessageLength(false)
  const { prepared: first, signature, nonce } = await signedMessage(alice, 'first')
  const posted = (await api.post(first, signature, nonce)) as { type: string; id: string; n: number }
  t.alike(posted, { type: 'msg', id: signature, n: before })
  t.alike(await api.getMessage(before, false), first.dispatch)
  t.is(exposed.lines.at(-1), `#${before + 1} | ${A}: first`)

  const again = 'subnet_refused: This message has been posted already.'
  t.is(await refusal(() => api.post(first, signature, nonce)), again)
  t.is(await refusal(() => say(alice, 'veto')), 'contract_error: The app refused the message: not here')
  t.is(await api.getMessageLength(false), before + 1, 'nothing more in the log')
  await exposed.run(`/mute_status --user ${B} --muted 1`)
  t.is(await refusal(() => say(bob, 'hm')), 'denied: You are muted in this chat.')
})

test('what is wrong with a message is said, in order', async (t) => {
  const prepare = (...args: unknown[]) =>
    refusal(() => (api.prepareMessage as (...args: unknown[]) => unknown)(...args))
  const rows: [args: unknown[], sentence: string][] = [
    [[7, 'x'], 'bad_arguments: Msg must be a string'],
    [['a', `${A}0`, 'x'], 'bad_arguments: Address too large.'],
    [['a', null], 'bad_arguments: Address too large.'],
    [['a', A, '1', 'x'], 'bad_arguments: Reply to not a number.'],
    [['a', A, -1], 'bad_arguments: Reply to not a number.'],
    [['a', A, null, 'x'], 'bad_arguments: attachments must be an array.'],
    [['a', A, null, Array(21).fill(1)], 'bad_arguments: Too many attachments'],
    [['a', A, null, ['x', 1]], 'bad_arguments: Attachment at index 1 is not a string.'],
    [['a'.repeat(9000), A], 'too_large: Message too large.'],
    [['', A], 'bad_arguments: Empty message not allowed']
  ]
  for (const [args, sentence] of rows) t.is(await prepare(...args), sentence)

  const { prepared, signature, nonce } = await signedMessage(alice, 'good')
  const post = (message: unknown, sign: unknown = signature, once: unknown = nonce) =>
    refusal(() => api.post(message as typeof prepared, sign as string, once as string))
  const other = (fields: object) => ({ dispatch: { ...prepared.dispatch, ...fields } })
  const wrong: [message: unknown, sentence: string][] = [
    [other({ msg: 'a'.repeat(9000), type: 'x' }), 'too_large: Prepared message too large.'],
    [null, 'bad_arguments: Invalid prepared message.'],
    [{}, 'bad_arguments: Invalid prepared message.'],
    [prepared.dispatch, 'bad_arguments: Invalid prepared message.'],
    [other({ more: 1 }), 'bad_arguments: Invalid prepared message.'],
    [other({ type: 'tx', deleted_by: A }), 'bad_arguments: Invalid type.'],
    [other({ deleted_by: A, pinned: true }), 'bad_arguments: deleted_by must be null'],
    [other({ pinned: true, pin_id: 1 }), 'bad_arguments: pinned must be false'],
    [other({ pin_id: 1, msg: 1 }), 'bad_arguments: pin_id must be null'],
    [other({ msg: 1 }), 'bad_arguments: Msg must be a string'],
    [other({ reply_to: 'x' }), 'bad_arguments: Reply to not a number.'],
    [other({ attachments: {} }), 'bad_arguments: attachments must be an array.'],
    [other({ address: A.toUpperCase() }), 'bad_arguments: Invalid address.'],
    [other({ address: B }), 'bad_arguments: Invalid signature. Please sign your prepared message.'],
    [other({ msg: 'bad' }), 'bad_arguments: Invalid signature. Please sign your prepared message.']
  ]
  for (const [message, sentence] of wrong) t.is(await post(message), sentence)
  t.is(await post(prepared, signature.toUpperCase(), 1), 'bad_arguments: Invalid signature.')
  t.is(await post(prepared, signature, nonce.slice(1)), 'bad_arguments: Invalid nonce.')
  const unsigned = 'bad_arguments: Invalid signature. Please sign your prepared message.'
  t.is(await post(prepared, signature, byte(1)), unsigned)
  t.is(await post(prepared), null, 'and it is good as it is')
})

test('a transaction: prepared, signed elsewhere, tried, sent', async (t) => {
  const dispatch = api.prepareTxCommand('ping')
  t.alike(dispatch, { type: 'ping', value: { msg: 'hi' } })
  t.is(api.prepareTxCommand('pong'), null)
  if (dispatch === null) return
  const signed = await signedTx(alice, dispatch)
  const before = await api.getTxLength(false)
  await send(signed, true)
  t.is(await api.getTxLength(false), before, 'nothing was written')
  const failing = await signedTx(alice, { type: 'fail', value: null })
  t.is(await refusal(() => send(failing, true)), 'contract_error: 7')
  const { n, tx } = (await send(signed)) as { n: number; tx: string }
  t.alike([n, tx], [before, signed.tx])
  t.is(((await api.getTx(before, false)) as { ipk: string }).ipk, A)
  t.is(((await send(failing)) as { error: unknown }).error, 7, 'on record')

  const rows: [change: object, sentence: string][] = [
    [{ dispatch: 1, address: 1 }, 'prepared_command must be an object.'],
    [{ dispatch: {} }, 'prepared_command.type must exist and be a string.'],
    [{ dispatch: { type: 'ping' } }, 'prepared_command.value is missing.'],
    [{ address: 'a', signature: 'a' }, 'Address length invalid.'],
    [{ signature: 'a', nonce: 'a' }, 'Signature length invalid.'],
    [{ nonce: 'a', address: A.toUpperCase() }, 'Nonce length invalid.'],
    [{ address: A.toUpperCase() }, 'Invalid address.'],
    [{ signature: 'X'.repeat(128) }, 'Invalid signature.'],
    [{ nonce: 'X'.repeat(64) }, 'Invalid nonce.'],
    [{ address: B }, 'Invalid signature.']
  ]
  for (const [change, sentence] of rows)
    t.is(await refusal(() => send({ ...signed, ...change } as SignedTx)), `bad_arguments: ${sentence}`)
  const other = { ...(await signedTx(alice, dispatch)), dispatch: { type: 'pong', value: 1 } }
  t.is(await refusal(() => send(other)), 'bad_arguments: Invalid TX.')
  const large = { ...signed, dispatch: { type: 'ping', value: 'x'.repeat(5000) } }
  t.is(await refusal(() => send(large)), 'too_large: prepared_command too large.')
  const malformed = 'bad_arguments: The hash of the command and the nonce are 32 bytes as hex.'
  t.is(await refusal(() => api.generateTx(A, 'x', byte(1))), malformed)
})

test('every read, of what is confirmed and of the latest', async (t) => {
  for (const line of [
    ...[`/set_mod --user ${A} --mod 1`, `/mute_status --user ${B} --muted 1`, '/set_nick --nick boss'],
    ...[`/set_whitelist_status --user ${A} --status 1`, '/enable_whitelist --enabled 1'],
    ...['/set_auto_add_writers --enabled 1', '/post --message one', '/post --message two']
  ]) {
    await exposed.run(line)
  }
  const mine = (await api.getUserMessageLength(key)) - 1
  const last = (await api.getMessageLength()) - 1
  await exposed.run(`/pin_message --id ${last} --pin 1`)
  await exposed.run(`/delete_message --id ${last - 1}`)
  const txs = await api.getUserTxLength(A)
  const tx = (await api.getUserTx(A, 0)) as { tx: string; ipk: string }
  const message = (await api.getMessage(last)) as { msg: string; pin_id: number }
  t.alike([txs > 0, tx.ipk, message.msg, message.pin_id], [true, A, 'two', 0])
  const rows: [
    name: string,
    args: unknown[],
    value: unknown,
    otherwise: [args: unknown[], value: unknown]
  ][] = [
    ['getAdmin', [], key, [[], key]],
    ['getWhitelistEnabled', [], true, [[], true]],
    ['getWhitelistStatus', [A], true, [[B], false]],
    ['getModStatus', [A], true, [[B], false]],
    ['getMuteStatus', [B], true, [[A], false]],
    ['getAutoAddWritersStatus', [], true, [[], true]],
    ['getChatStatus', [], true, [[], true]],
    ['getAddressFromNick', ['boss'], key, [['x'], null]],
    ['getPinnedMessageLength', [], 1, [[], 1]],
    ['getPinnedMessage', [0], { msg: last, pinned: true }, [[1], null]],
    ['getDeletedMessageLength', [], 1, [[], 1]],
    ['getDeletedMessage', [0], last - 1, [[1], null]],
    ['getMessageLength', [], last + 1, [[], last + 1]],
    ['getMessage', [last], message, [[last + 1], null]],
    ['getUserMessageLength', [key], mine + 1, [[byte(9)], 0]],
    ['getUserMessage', [key, mine], message, [[key, mine + 1], null]],
    ['getTxLength', [], 2, [[], 2]],
    ['getTx', [0], tx, [[9], null]],
    ['getTxData', [tx.tx], tx, [[byte(9)], null]],
    ['getUserTxLength', [A], txs, [[B], 0]],
    ['getUserTx', [A, 0], tx, [[A, 9], null]]
  ]
  t.alike(new Set(['getNick', ...rows.map(([name]) => name)]), STATE_READS)
  const read = (name: string, args: unknown[]) => (api[name] as (...args: unknown[]) => unknown)(...args)
  for (const [name, args, value, [others, otherwise]] of rows) {
    t.alike(await read(name, args), value, name)
    t.alike(await read(name, [...args, false]), value)
    t.alike(await read(name, others), otherwise)
    t.alike(await exposed.result(`/api --method ${name} --args '${JSON.stringify(args)}'`), value)
  }
  t.is(await StateApi.prototype.getNick.call(api, key), 'boss')
})

test('the last argument of a read says which state', async (t) => {
  const asked: boolean[] = []
  const reads = new StateApi(async (_key, confirmed) => {
    asked.push(confirmed)
    return confirmed ? 0 : 'msg/0'
  })
  for (const name of STATE_READS) {
    const read = reads[name as 'getUserMessage'].bind(reads) as (...args: unknown[]) => Promise<unknown>
    const places: unknown[] = Array(StateApi.prototype[name as 'getUserMessage'].length).fill('0')
    asked.length = 0
    await read(...places)
    t.alike([...new Set(asked)], [true], name)
    asked.length = 0
    await read(...places, false)
    t.alike([...new Set(asked)], [false], name)
  }
})

test('who it is, and what nobody may do unless it is said', async (t) => {
  const { bootstrap, writerKey } = exposed.desk
  t.alike([api.getPeerBootstrap(), api.getPeerWriterKey()], [bootstrap, writerKey])
  t.alike(
    [api.getPeerValidatorAddress(), await api.getPeerMsbBootstrap()],
    [null, (await exposed.desk.txContext()).mbs]
  )
  t.alike([api.msgExposed(), api.txExposed()], [true, true])

  const reader = await openTyped(scope, dht, ['--subnet-bootstrap', byte(7), '--api-tx-exposed', '1'], {
    app,
    apiMsgExposed: true
  })
  const closed = await openTyped(scope, dht, ['--subnet-bootstrap', byte(8)], {
    app,
    apiMsgExposed: 1 as unknown as boolean
  })
  const message = await signedMessage(alice, 'x')
  const calls = (its: typeof api) => [
    refusal(() => its.post(message.prepared, message.signature, message.nonce)),
    refusal(() => its.tx('', { type: '', value: null }, '', '', ''))
  ]
  const readers = reader.desk.subnet.protocol.api
  t.alike(await Promise.all(calls(readers)), [
    'not_writable: Peer is not writable.',
    'not_writable: Peer is not writable.'
  ])
  const closeds = closed.desk.subnet.protocol.api
  t.alike([closeds.msgExposed(), closeds.txExposed()], [false, false])
  t.alike(await Promise.all(calls(closeds)), [
    'denied: Posting messages not exposed in API.',
    'denied: Transactions not exposed in API.'
  ])
  const alone = new Protocol(null as never, null as never)
  t.is(await refusal(() => alone.api.getAdmin()), 'closed: There is no node behind this API.')
})

test('what an app adds can be called at the terminal, and nothing that writes', async (t) => {
  t.alike(await exposed.run('/api --method getSampleData'), ['"Some sample data"'])
  t.alike(await exposed.result('/api --method addUp --args [1,2]'), { sum: 3, admin: key })
  t.is(await exposed.result('/api --method nothing'), null)
  t.is(await exposed.result(`/api --method getNick --args '["x"]'`), 'not x', 'an app may put its own there')
  t.alike(await exposed.refused('/api --method fails'), ['command_failed', 'The shop is\u001b[2J closed.'])
  t.alike(await exposed.refused('/api --method returnsError'), ['command_failed', 'Sold out.'])
  t.is((await exposed.refused('/api --method bigint'))[0], 'unserialisable')
  for (const name of ['post', 'tx', 'generateNonce', 'constructor', 'toString', '__proto__', 'colour', 'x'])
    t.is((await exposed.refused(`/api --method ${name}`))[1].slice(0, 21), 'The API has no method', name)
  t.ok((await exposed.refused('/api --method getSampelData'))[1].endsWith('Did you mean getSampleData?'))
  for (const args of ['1', '{}', '[', '['.repeat(100) + ']'.repeat(100)])
    t.is((await exposed.refused(`/api --method addUp --args ${args}`))[0], 'bad_arguments', args)
  const names = ['getSampleData', 'addUp', 'fails', 'returnsError', 'bigint', 'nothing']
  t.alike(
    (await exposed.run('/help')).slice(-names.length),
    names.map((name) => `  /api --method ${name}`)
  )
  const { methods } = exposed.desk.contractSchema().api
  t.alike(
    Object.keys(methods).sort(),
    [...names, 'getNick', 'generateNonce', 'prepareTxCommand', 'generateTx', 'tx'].sort()
  )
})

test('the nodes close', async (t) => {
  await t.execution(scope.close())
})
