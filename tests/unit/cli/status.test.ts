import test from 'brittle'
import { exitCodeOf, type NodeState, START_MS, statusLines, statusOf } from '../../../src/cli/status.ts'
import { parseRunInfo, type RunState } from '../../../src/run-file.ts'

const NOW = 1_795_000_000_000
const OK = { status: 'ok', failed: [] }
const DHT = { check: 'dht', detail: 'the DHT does not answer: new peers are not found' }

function run(state: RunState['state'], change: object = {}): RunState {
  if (state === 'absent' || state === 'unreadable') return { state, info: null }
  const fields = {
    pid: 7,
    startedAt: NOW - 90_000,
    readyAt: NOW - 89_000,
    heartbeatAt: NOW - 4000,
    health: OK
  }
  const info = parseRunInfo(JSON.stringify({ ...fields, ...change }))
  if (info === null) throw new Error('no run file')
  return { state, info }
}

const ROWS: readonly (readonly [
  what: string,
  run: RunState,
  state: NodeState,
  exit: number,
  problem: string
])[] = [
  ['nothing is there', run('absent'), 'stopped', 3, ''],
  ['killed', run('dead'), 'killed', 3, 'process 7 ended without closing its store'],
  ['garbage', run('unreadable'), 'unreadable', 1, 'run.json cannot be read'],
  ['silent', run('silent', { heartbeatAt: NOW - 45_000 }), 'silent', 1, 'no sign of life for 45 s'],
  ['all is well', run('running'), 'healthy', 0, ''],
  ['of an earlier version', run('running', { health: null }), 'healthy', 0, ''],
  ['degraded', run('running', { health: { status: 'degraded', failed: [DHT] } }), 'degraded', 1, DHT.detail],
  [
    'the DHT is still to come',
    run('running', { health: { status: 'starting', failed: [] } }),
    'starting',
    1,
    ''
  ],
  [
    'a clock that was set back',
    run('running', { heartbeatAt: NOW + 3_600_000 }),
    'silent',
    1,
    'the last sign of life is in the future'
  ],
  ['begun', run('running', { readyAt: null, startedAt: NOW - START_MS }), 'starting', 1, ''],
  [
    'begun long ago',
    run('running', { readyAt: null, startedAt: NOW - START_MS - 1 }),
    'degraded',
    1,
    'not ready 1 min after its start'
  ]
]

test('what run.json says is judged', (t) => {
  for (const [what, state, expected, exit, problem] of ROWS) {
    const status = statusOf('/s/stores/alice', state, NOW)
    t.is(status.state, expected, what)
    t.is(status.healthy, exit === 0)
    t.is(exitCodeOf(status), exit, `${what}: ${exit}`)
    t.is(status.problems.length, problem === '' ? 0 : 1)
    t.ok(statusLines(status).join('\n').includes(problem))
    t.is(status.peer, 'alice')
  }
})

test('a node that is gone has neither an uptime nor an address', (t) => {
  const bridge = { host: '::1', port: 5, tls: true }
  const typo = statusOf('stores/alcie', { state: 'absent', info: null }, NOW, false)
  t.is(exitCodeOf(typo), 3)
  t.ok(statusLines(typo).some((line) => line.includes('there is no such store')))
  const here = statusOf('stores/alice', run('running', { bridge }), NOW)
  t.is(here.uptimeSeconds, 90)
  t.is(here.heartbeatAgeSeconds, 4)
  t.ok(statusLines(here).includes('  SC-Bridge  wss://[::1]:5'))
  const gone = statusOf('stores/alice', run('dead', { bridge }), NOW)
  t.alike([gone.uptimeSeconds, gone.bridge, gone.pid], [null, null, 7])
})

test('what others wrote into the file cannot reach the terminal', (t) => {
  const bad = {
    status: '\u001b[31m',
    failed: [{ check: '\u001b[2J', detail: 'a\nb\u202e' }, 5, { check: 1 }]
  }
  const odd = run('running', { readyAt: 1e300, health: bad, bridge: { host: '\u001b]0;x', port: 1 } })
  const lines = statusLines(statusOf('stores/a', odd, NOW))
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  for (const line of lines) t.absent(/[\u0000-\u001f\u202e]/.test(line), line)
  t.ok(lines.some((line) => line.includes('a\\nb')))
})
