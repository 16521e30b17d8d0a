import test from 'brittle'
import { IntercomError } from '../../../src/base/errors.ts'
import { type CommandOutcome, CommandRegistry } from '../../../src/commands/registry.ts'

const NOBODY = { ask: async () => null }

function summary(outcome: CommandOutcome): string {
  return outcome.ok ? outcome.output.lines.join('\n') : `${outcome.error.code}: ${outcome.error.message}`
}

/** Resolves once everything that is ready to run has run. */
function idle(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0))
}

test('a bound command gets its checked arguments and gives its output', async (t) => {
  const registry = new CommandRegistry()
  registry.bind('help', ({ command }) => ({ lines: [`about ${command}`], result: { command } }))
  registry.bind('get_keys', ({ yes }) => ({ lines: [String(yes)], result: yes }))
  const outcome = await registry.run('/help stats', NOBODY)
  t.alike(outcome, { ok: true, output: { lines: ['about stats'], result: { command: 'stats' } } })
  t.is(summary(await registry.run('/help', NOBODY)), 'about undefined')
  t.is(summary(await registry.run('/get_keys --yes off', NOBODY)), 'false')
})

test('a handler can ask the one who typed', async (t) => {
  const registry = new CommandRegistry()
  registry.bind('get_keys', async (_, caller) => ({
    lines: [String(await caller.ask('Sure?'))],
    result: null
  }))
  const asked: string[] = []
  const caller = {
    ask: async (question: string) => {
      asked.push(question)
      return 'yes'
    }
  }
  t.is(summary(await registry.run('/get_keys', caller)), 'yes')
  t.alike(asked, ['Sure?'])
  t.is(summary(await registry.run('/get_keys', NOBODY)), 'null')
})

test('commands run in order, one at a time', async (t) => {
  const registry = new CommandRegistry()
  const events: string[] = []
  const waiting: (() => void)[] = []
  registry.bind('help', async ({ command }) => {
    events.push(`start ${command}`)
    await new Promise<void>((resolve) => waiting.push(resolve))
    events.push(`end ${command}`)
    return { lines: [], result: null }
  })
  const runs = ['a', 'b', 'c'].map((name) => registry.run(`/help ${name}`, NOBODY))
  for (let i = 1; i <= 3; i++) {
    await idle()
    t.is(waiting.length, i, `${i} started`)
    waiting[i - 1]?.()
  }
  await Promise.all(runs)
  t.alike(events, ['start a', 'end a', 'start b', 'end b', 'start c', 'end c'])
})

test('it never throws: whatever a handler throws becomes an outcome', async (t) => {
  const registry = new CommandRegistry()
  let thrown: unknown
  registry.bind('stats', () => {
    throw thrown
  })
  registry.bind('help', async () => {
    throw thrown
  })
  const withoutText = Object.create(null)
  const rows: [unknown, string][] = [
    [new TypeError('x is not a function'), 'internal: x is not a function'],
    [new IntercomError('not_confirmed', 'Not confirmed.'), 'not_confirmed: Not confirmed.'],
    ['text', 'internal: text'],
    [undefined, 'internal: undefined'],
    [null, 'internal: null'],
    [Symbol('s'), 'internal: Symbol(s)'],
    [withoutText, 'internal: [object Object]']
  ]
  for (const [value, expected] of rows) {
    thrown = value
    t.is(summary(await registry.run('/stats', NOBODY)), expected)
    t.is(summary(await registry.run('/help', NOBODY)), expected)
  }
  thrown = new TypeError('kept')
  const outcome = await registry.run('/stats', NOBODY)
  t.is(outcome.ok ? null : outcome.error.cause, thrown, 'the cause is kept')
})

test('what fails does not stop what follows', async (t) => {
  const registry = new CommandRegistry()
  registry.bind('stats', () => ({ lines: ['fine'], result: null }))
  registry.bind('help', () => {
    throw Object.create(null)
  })
  const lines = ['/nope', '/help', '/stats --x', '/stats', '', '/exit']
  const outcomes = await Promise.all(lines.map((line) => registry.run(line, NOBODY)))
  t.alike(
    outcomes.map((outcome) => (outcome.ok ? 'ok' : outcome.error.code)),
    ['unknown_command', 'internal', 'bad_arguments', 'ok', 'unknown_command', 'closed']
  )
  t.is(summary(outcomes[5] as CommandOutcome), 'closed: /exit is not available yet.')
})

test('what is in no table is asked of the app, and what it does not know either is unknown', async (t) => {
  const registry = new CommandRegistry()
  registry.bind('help', ({ command }) => {
    throw new IntercomError('unknown_command', `no ${command}`)
  })
  const asked: string[] = []
  registry.app = {
    rows: [{ name: 'offer', help: 'Offer.', example: '/offer' }],
    options: async () => [],
    async run(line) {
      asked.push(line)
      return line.startsWith('/offer') ? { lines: ['offered'], result: 1 } : null
    }
  }
  t.is(summary(await registry.run('/offer --what tea', NOBODY)), 'offered')
  t.is(
    summary(await registry.run('/ofer', NOBODY)),
    'unknown_command: Unknown command /ofer. Did you mean /offer?'
  )
  t.is(
    summary(await registry.run('/help x', NOBODY)),
    'unknown_command: no x',
    'a known command is not asked for'
  )
  t.is(summary(await registry.run('/roles', NOBODY)), 'no_subnet: /roles: this peer is in no subnet.')
  t.alike(asked, ['/offer --what tea', '/ofer'])
})

test('a command is bound once', (t) => {
  const registry = new CommandRegistry()
  const handler = () => ({ lines: [], result: null })
  registry.bind('stats', handler)
  t.exception(() => registry.bind('stats', handler), /stats has a handler already/)
})
