import type { Assertions } from 'brittle'
import test from 'brittle'
import fs from '#fs'
import path from '#path'
import process from '#process'
import type { ErrorCode } from '../../../src/base/errors.ts'
import { type Endpoint, findEndpoint } from '../../../src/cli/endpoint.ts'
import { errorOf } from '../../helpers/errors.ts'
import { resolveIn, storesFolder } from '../../helpers/stores.ts'

const NOW = 1_700_000_000_000
const BRIDGE = { host: '127.0.0.1', port: 50_001, tls: false }

interface Around {
  readonly words?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  readonly url?: string
}

/** A store of a node that is well, its token in a file; fields as they are changed. */
function storeOf(t: Assertions, change: object = {}, files: Readonly<Record<string, string>> = {}): string {
  const folder = storesFolder(t, { 'peer/CORESTORE': '', 'peer/sc-bridge.token': 'of-the-store\n', ...files })
  const run = {
    ...{ pid: process.pid, startedAt: NOW - 5000, readyAt: NOW - 4000, heartbeatAt: NOW - 1000 },
    ...{ bridge: BRIDGE, metrics: null, tokenFile: path.join(folder, 'peer', 'sc-bridge.token') },
    ...change
  }
  fs.writeFileSync(path.join(folder, 'peer', 'run.json'), JSON.stringify(run))
  return folder
}

function find(folder: string, { words = [], env = {}, url }: Around = {}): Endpoint {
  return findEndpoint(resolveIn(folder, words, env), url, NOW)
}

test('the node says where it is and where its token stands', (t) => {
  const folder = storeOf(t)
  const tokenFrom = `"${path.join(folder, 'peer', 'sc-bridge.token')}"`
  t.alike(find(folder), { url: 'ws://127.0.0.1:50001', token: 'of-the-store', tokenFrom, ca: null })
  const secure = storeOf(t, { bridge: { ...BRIDGE, host: '::', tls: true } })
  t.is(find(secure).url, 'wss://[::1]:50001')
  t.is(find(storeOf(t, { bridge: { ...BRIDGE, host: '0.0.0.0' } })).url, 'ws://127.0.0.1:50001')
})

test('flags and environment win', (t) => {
  const folder = storeOf(t, {}, { token: 'of-a-file\n' })
  const file = path.join(folder, 'token')
  const rows: [Around, Partial<Endpoint>][] = [
    [{ words: ['--sc-bridge-port', '50002'] }, { url: 'ws://127.0.0.1:50002' }],
    [{ env: { SC_BRIDGE_PORT: '50002' } }, { url: 'ws://127.0.0.1:50002' }],
    [{ env: { SC_BRIDGE_PORT: '0' } }, { url: 'ws://127.0.0.1:50001' }],
    [{ env: { SC_BRIDGE_HOST: '127.0.0.1' } }, { url: 'ws://127.0.0.1:50001' }],
    [{ words: ['--sc-bridge-host', 'localhost'] }, { url: 'ws://localhost:49222', token: 'of-the-store' }],
    [{ words: ['--sc-bridge-token', 'typed'] }, { token: 'typed' }],
    [{ env: { SC_BRIDGE_TOKEN: 'set' } }, { token: 'set' }],
    [{ words: ['--sc-bridge-token-file', file] }, { token: 'of-a-file' }],
    [{ words: ['--sc-bridge-token-file', file], env: { SC_BRIDGE_TOKEN: 'set' } }, { token: 'of-a-file' }],
    [{ words: ['--sc-bridge-token', 'typed', '--sc-bridge-token-file', file] }, { token: 'typed' }],
    [{ url: 'ws://localhost:7' }, { url: 'ws://localhost:7', token: 'of-the-store' }],
    [
      { url: 'wss://bridge.example', words: ['--sc-bridge-token', 'typed', '--sc-bridge-tls-cert', file] },
      { url: 'wss://bridge.example', token: 'typed', ca: 'of-a-file\n' }
    ],
    [{ words: ['--sc-bridge-tls-cert', file] }, { url: 'wss://127.0.0.1:50001', ca: 'of-a-file\n' }]
  ]
  for (const [around, expected] of rows) {
    const found = find(folder, around)
    for (const [key, value] of Object.entries(expected)) {
      t.is(found[key as keyof Endpoint], value, JSON.stringify(around).replaceAll(folder, ''))
    }
  }
})

test('what the config file of the node says counts last', (t) => {
  const config = {
    'peer/config.json': JSON.stringify({ 'sc-bridge-token': 'of-the-config', 'sc-bridge-port': 9 })
  }
  const folder = storeOf(t, { tokenFile: null }, config)
  const found = { url: 'ws://127.0.0.1:50001', token: 'of-the-config', tokenFrom: 'config.json', ca: null }
  t.alike(find(folder), found)
  t.is(find(folder, { env: { SC_BRIDGE_TOKEN: 'set' } }).token, 'set')
})

test('a token of this machine goes to no other by itself', (t) => {
  const config = { 'peer/config.json': JSON.stringify({ 'sc-bridge-token': 'of-the-config' }) }
  for (const folder of [storeOf(t), storeOf(t, {}, config)]) {
    for (const around of [{ words: ['--sc-bridge-host', '10.0.0.9'] }, { url: 'wss://evil.example' }]) {
      const error = errorOf(t, () => find(folder, around))
      t.is(error.code, 'no_token')
      t.ok(/stays on this machine/.test(error.message), error.message)
      t.is(find(folder, { ...around, env: { SC_BRIDGE_TOKEN: 'meant-for-it' } }).token, 'meant-for-it')
    }
  }
})

test('each reason why there is nothing to connect to has its own sentence and next step', (t) => {
  const empty = storesFolder(t, { 'alice/CORESTORE': '', 'bob/CORESTORE': '', 'notes.txt': '' })
  const stopped = storesFolder(t, { 'peer/CORESTORE': '' })
  const rows: [string, string, ErrorCode, RegExp, RegExp][] = [
    [
      'no store',
      empty,
      'no_node',
      /^There is no store ".*\/peer"\. There are: alice, bob\.$/,
      /--peer-store-name/
    ],
    [
      'no stores',
      `${empty}/none`,
      'no_node',
      /^There is no store ".*\/none\/peer"\.$/,
      /start peer --sc-bridge 1/
    ],
    [
      'stopped',
      stopped,
      'no_node',
      /^No node runs on the store ".*"\.$/,
      /npm start -- start peer --sc-bridge 1/
    ],
    [
      'killed',
      storeOf(t, { pid: 2 ** 22 + 1 }),
      'no_node',
      /process 4194305 ended without closing/,
      /start peer/
    ],
    ['silent', storeOf(t, { heartbeatAt: NOW - 120_000 }), 'no_node', /no sign of life for 2 min/, /Ctrl-Z/],
    ['starting', storeOf(t, { bridge: null, readyAt: null }), 'no_node', /still starting/, /Try again/],
    [
      'without',
      storeOf(t, { bridge: null }),
      'bridge_off',
      /runs without SC-Bridge/,
      /start it with --sc-bridge 1/
    ],
    [
      'broken',
      storesFolder(t, { 'peer/run.json': '{' }),
      'no_node',
      /run\.json .* cannot be read/,
      /--sc-bridge-port/
    ]
  ]
  for (const [what, folder, code, message, next] of rows) {
    const error = errorOf(t, () => find(folder))
    t.is(error.code, code, what)
    t.is(error.exitCode, 3, what)
    t.ok(message.test(error.message), `${what}: ${error.message}`)
    t.ok(next.test(error.next), `${what}: ${error.next}`)
  }
})

test('without a token it says how to give one', (t) => {
  const gone = path.join(storesFolder(t), 'gone')
  const blank = storesFolder(t, { token: '\n' })
  const rows: [string, Around, RegExp][] = [
    [storeOf(t, { tokenFile: null }), {}, /was given its token at its start/],
    [storeOf(t, { tokenFile: gone }), {}, /token file ".*gone" cannot be read \(ENOENT\)/],
    [storeOf(t), { words: ['--sc-bridge-token-file', path.join(blank, 'token')] }, /token" is empty/],
    [storesFolder(t), { words: ['--sc-bridge-port', '5'] }, /No token: no node runs on the store/]
  ]
  for (const [folder, around, message] of rows) {
    const error = errorOf(t, () => find(folder, around))
    t.is(error.code, 'no_token')
    t.is(error.exitCode, 4)
    t.ok(message.test(error.message), error.message)
    t.ok(/--sc-bridge-token-file/.test(error.next) && /SC_BRIDGE_TOKEN/.test(error.next), error.next)
  }
})

test('a certificate that cannot be read is named', (t) => {
  const error = errorOf(t, () => find(storeOf(t), { words: ['--sc-bridge-tls-cert', '/no/such.pem'] }))
  t.is(error.code, 'bad_flag')
  t.ok(/--sc-bridge-tls-cert.*such\.pem.*ENOENT/.test(error.message), error.message)
})
