import test, { type Assertions } from 'brittle'
import fs from '#fs'
import path from '#path'
import { openAccess } from '../../../src/access/access.ts'
import { loadMainToken, type MainToken, protectSecretFiles } from '../../../src/access/main-token.ts'
import { IntercomError } from '../../../src/base/errors.ts'
import { createLog } from '../../../src/base/log.ts'
import { PeerStore } from '../../../src/store/peer-store.ts'
import { temporaryFolder } from '../../helpers/tmp.ts'

interface Flags {
  readonly scBridgeToken?: string
  readonly scBridgeTokenFile?: string
  readonly scBridgeTokens?: string
}

async function owner(t: Assertions, flags: Flags = {}, folder = path.join(temporaryFolder(t), 'alice')) {
  const lines: string[] = []
  const log = createLog({ level: 'debug', json: false, now: () => 0, write: (line) => lines.push(line) })
  const store = new PeerStore(folder, { now: () => 0 })
  await store.ready()
  t.teardown(() => store.close())
  const none = { scBridgeToken: null, scBridgeTokenFile: null, scBridgeTokens: null }
  return { config: { ...none, ...flags }, store, log, lines }
}

async function failure(promise: Promise<unknown>): Promise<IntercomError> {
  try {
    await promise
  } catch (error) {
    if (error instanceof IntercomError) return error
    throw error
  }
  throw new Error('expected an error')
}

function modeOf(file: string): number {
  return fs.statSync(file).mode & 0o777
}

test('a token is made once, private, and found again', async (t) => {
  const node = await owner(t)
  const [first, second] = (await Promise.all([loadMainToken(node), loadMainToken(node)])) as [
    MainToken,
    MainToken
  ]
  const file = node.store.file('sc-bridge.token')
  t.ok(/^[0-9a-f]{64}$/.test(first.token))
  t.is(first.file, file)
  t.is(second.token, first.token, 'two that ask at once get the same one')
  t.is([first, second].filter(({ made }) => made).length, 1)
  t.is(fs.readFileSync(file, 'utf-8'), `${first.token}\n`)
  t.is(modeOf(file), 0o600)
  t.alike(await loadMainToken(node), { token: first.token, file, made: false })
  t.alike(
    fs.readdirSync(node.store.folder).filter((name) => name.includes('token')),
    ['sc-bridge.token'],
    'nothing is left behind'
  )
  node.log.info(`the token is ${first.token}`, { token: first.token })
  t.absent(node.lines.join('\n').includes(first.token), 'the log masks it')
  t.is((await loadMainToken(await owner(t))).token === first.token, false, 'each store has its own')
})

test('a flag comes first, then the file that is named', async (t) => {
  const file = path.join(temporaryFolder(t), 'token')
  fs.writeFileSync(file, 'token-from-the-file-0123\r\n', { mode: 0o600 })
  const named = await owner(t, { scBridgeTokenFile: file })
  t.alike(await loadMainToken(named), { token: 'token-from-the-file-0123', file, made: false })
  const given = await owner(t, { scBridgeTokenFile: file, scBridgeToken: 'token-from-the-flag' })
  t.alike(await loadMainToken(given), { token: 'token-from-the-flag', file: null, made: false })
  t.absent(fs.existsSync(given.store.file('sc-bridge.token')), 'and none is made for nothing')
  t.is(given.lines.length, 0)
  const short = await owner(t, { scBridgeToken: 'short' })
  t.is((await loadMainToken(short)).token, 'short', 'deployed peers have such tokens')
  t.ok(short.lines[0]?.includes('shorter than 16'))
})

test('a flag with what nobody could present is refused', async (t) => {
  const rows: [token: string, says: string][] = [
    ['x'.repeat(2049), 'is longer than 2048 characters'],
    ['secret-of-mine-0123\n', 'control characters'],
    ['secret-of\0-mine-0123', 'control characters'],
    [' secret-of-mine-0123', 'white space at its ends'],
    ['secret-of-mine-0123\u00a0', 'white space at its ends'],
    ['secret-of-mine-0123 ', 'white space at its ends']
  ]
  for (const [scBridgeToken, says] of rows) {
    const node = await owner(t, { scBridgeToken })
    const error = await failure(loadMainToken(node))
    t.alike([error.code, error.exitCode], ['bad_flag', 2])
    t.ok(error.message.includes('--sc-bridge-token') && error.message.includes(says), error.message)
    t.ok(error.next.includes('openssl rand'))
    t.absent(error.message.includes('secret-of'), 'it is not shown')
  }
  for (const scBridgeToken of ['x'.repeat(2048), 'two words of mine'])
    t.is((await loadMainToken(await owner(t, { scBridgeToken }))).token, scBridgeToken)
})

test('a token file that others could read is closed to them', async (t) => {
  const node = await owner(t)
  const file = node.store.file('sc-bridge.token')
  fs.writeFileSync(file, 'my-own-token-0123456789')
  fs.chmodSync(file, 0o640)
  t.is((await loadMainToken(node)).token, 'my-own-token-0123456789')
  t.is(modeOf(file), 0o600)
  t.is(node.lines.length, 1)
  t.ok(node.lines[0]?.includes('was readable by others'))
  await loadMainToken(node)
  t.is(node.lines.length, 1, 'said once')

  const other = path.join(temporaryFolder(t), 'token')
  fs.writeFileSync(other, 'my-own-token-0123456789')
  const named = await owner(t, { scBridgeTokenFile: other })
  fs.chmodSync(other, 0o640)
  await loadMainToken(named)
  t.is(modeOf(other), 0o640, 'a group may be meant to read it')
  fs.chmodSync(other, 0o644)
  await loadMainToken(named)
  t.is(modeOf(other), 0o600)
})

test('files of more tokens are closed to others too, and a group is left', async (t) => {
  const node = await owner(t)
  const file = path.join(temporaryFolder(t), 'tokens.json')
  fs.writeFileSync(file, '{}')
  for (const [mode, then, lines] of [
    [0o644, 0o600, 1],
    [0o600, 0o600, 1],
    [0o640, 0o640, 1]
  ] as const) {
    fs.chmodSync(file, mode)
    protectSecretFiles([file], node.log)
    t.alike([modeOf(file), node.lines.length], [then, lines])
  }
  t.ok(node.lines[0]?.includes('was readable by others') && node.lines[0].includes(file))
})

test('a file that holds no token is refused, with what to do, and left as it is', async (t) => {
  const folder = temporaryFolder(t)
  const file = path.join(folder, 'token')
  const rows: [content: string, says: string][] = [
    ['', 'is empty'],
    ['\n\n', 'is empty'],
    ['fifteen-letters\n', 'shorter than 16'],
    ['two lines of-it\nand another one', 'white space'],
    ['with-a-zero-byte\0-in-it', 'white space or control'],
    ['x'.repeat(3000), 'longer than 2048'],
    ['x'.repeat(2_000_000), 'cannot be read']
  ]
  const node = await owner(t, { scBridgeTokenFile: file })
  for (const [content, says] of rows) {
    fs.writeFileSync(file, content, { mode: 0o600 })
    const error = await failure(loadMainToken(node))
    t.is(error.code, 'token_file')
    t.ok(error.message.includes(says) && error.message.includes(file), error.message)
    t.ok(error.next.length > 0)
    t.absent(error.message.includes('fifteen-letters'), 'what stands in it is not shown')
    t.is(fs.readFileSync(file, 'utf-8'), content)
  }
  fs.unlinkSync(file)
  t.ok((await failure(loadMainToken(node))).message.includes('is not there'))
  fs.mkdirSync(file)
  t.ok((await failure(loadMainToken(node))).message.includes('cannot be read (not a file)'))

  const own = await owner(t)
  fs.writeFileSync(own.store.file('sc-bridge.token'), '')
  const error = await failure(loadMainToken(own))
  t.ok(error.message.includes('is empty') && error.next.includes('Remove it'), error.next)
  fs.unlinkSync(own.store.file('sc-bridge.token'))
  fs.symlinkSync('/nowhere/at/all', own.store.file('sc-bridge.token'))
  t.is((await failure(loadMainToken(own))).code, 'token_file', 'a link to nowhere')
})

test('the main token and the others open the same door', async (t) => {
  const reader = 'reader-token-0123456789'
  const node = await owner(t, { scBridgeTokens: JSON.stringify({ [reader]: ['read'] }) })
  const { main, authenticate } = await openAccess(node)
  t.is(authenticate(main.token)?.capabilities.has('admin'), true)
  t.is(authenticate(reader)?.capabilities.has('admin'), false)
  t.is(authenticate('no-such-token-0123456789'), null)
  node.log.info(reader)
  t.absent(node.lines.join('\n').includes(reader))

  const both = { scBridgeToken: reader, scBridgeTokens: JSON.stringify({ [reader]: ['read'] }) }
  const error = await failure(openAccess(await owner(t, both)))
  t.is(error.code, 'bad_flag')
  t.ok(error.message.includes('entry 1 is the main token'))
})
