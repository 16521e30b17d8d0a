import test from 'brittle'
import fc from 'fast-check'
import { createLog, LOG_LEVELS, type Log, type LogFields, type LogLevel } from '../../../src/base/log.ts'

const NOON = Date.UTC(2026, 10, 20, 12, 34, 56, 789)

function logTo(lines: string[], level: LogLevel = 'debug', json = false): Log {
  return createLog({ level, json, write: (line) => lines.push(line), now: () => NOON })
}

test('a line of text', (t) => {
  const lines: string[] = []
  const log = logTo(lines)
  log.info('listening', { port: 5, host: 'a b', open: true, peer: null })
  log.area('network').error('gone')
  log.area('network').area('dht').warn('slow')
  t.alike(lines, [
    '12:34:56 info  node: listening port=5 host=a b open=true peer=null',
    '12:34:56 error network: gone',
    '12:34:56 warn  dht: slow'
  ])
})

test('a line of JSON', (t) => {
  const lines: string[] = []
  logTo(lines, 'debug', true).area('network').info('listening', { port: 5, open: true, peer: null })
  t.alike(JSON.parse(lines[0] ?? ''), {
    time: '2026-11-20T12:34:56.789Z',
    level: 'info',
    area: 'network',
    message: 'listening',
    port: 5,
    open: true,
    peer: null
  })
})

test('a field cannot stand in for what every line has', (t) => {
  const lines: string[] = []
  const log = logTo(lines, 'debug', true)
  // @ts-expect-error one of the names of the line itself
  log.warn('real', { level: 'error' })
  // @ts-expect-error the others, and one that is free
  log.warn('real', { time: 'x', area: 'x', message: 'forged', port: 5 })
  for (const line of lines) {
    const { port, ...fixed } = JSON.parse(line)
    t.alike(fixed, { time: '2026-11-20T12:34:56.789Z', level: 'warn', area: 'node', message: 'real' })
  }
  t.is(JSON.parse(lines[1] ?? '').port, 5)
})

test('a level shows itself and what is more important', (t) => {
  for (const [most, level] of LOG_LEVELS.entries()) {
    const lines: string[] = []
    const log = logTo(lines, level, true)
    for (const name of LOG_LEVELS) log[name](name)
    t.alike(
      lines.map((line) => JSON.parse(line).level),
      LOG_LEVELS.slice(0, most + 1)
    )
  }
})

const texts = fc.string({
  unit: fc.oneof(
    fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
    fc.constantFrom(
      '\n',
      '\r',
      '\u001b',
      '\u007f',
      '\u009b',
      '\u202e',
      '\u2028',
      '\u2066',
      '\ud800',
      '"',
      '\\'
    )
  )
})
const fieldsOf = fc.dictionary(
  fc.constantFrom('peer', 'error', 'file', 'bytes'),
  fc.oneof(texts, fc.double(), fc.boolean(), fc.constant(null))
)
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
const ACTIVE = /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]/

test('one visible line a call, whatever the text', (t) => {
  fc.assert(
    fc.property(texts, fieldsOf, fc.boolean(), (message, fields, json) => {
      const lines: string[] = []
      logTo(lines, 'debug', json).info(message, fields as LogFields)
      return lines.length === 1 && !ACTIVE.test(lines[0] ?? '\n')
    })
  )
  t.pass()
})

test('a JSON line gives back what was logged', (t) => {
  fc.assert(
    fc.property(texts, fieldsOf, (message, fields) => {
      const lines: string[] = []
      logTo(lines, 'debug', true).warn(message, fields as LogFields)
      const { time, level, area, ...rest } = JSON.parse(lines[0] ?? '')
      const expected = JSON.parse(JSON.stringify({ message, ...fields }))
      return time && level === 'warn' && area === 'node' && JSON.stringify(rest) === JSON.stringify(expected)
    })
  )
  t.pass()
})

const CANARY = 'canary "7\\1" \n9☃'

test('secrets are masked, in every form they can take', (t) => {
  for (const json of [false, true]) {
    const lines: string[] = []
    const log = logTo(lines, 'debug', json)
    log.area('a').secret(CANARY)
    log.info(`got ${CANARY}.`, { token: CANARY, twice: CANARY + CANARY })
    log.area('b').error('reply', { body: JSON.stringify({ token: CANARY }) })
    log.error(JSON.stringify({ token: CANARY }))
    t.is(lines.length, 3)
    for (const line of lines) t.absent(/canary|☃/.test(line), line)
    t.ok(lines[0]?.includes('got ***.'))
    t.ok(lines[0]?.includes('******'))
    if (json) for (const line of lines) t.ok(JSON.parse(line).message.length > 0)
  }
})

test('a secret within another does not leave the rest of it to be read', (t) => {
  for (const secrets of [
    ['hunter', 'hunter2-and-more'],
    ['hunter2-and-more', 'hunter']
  ]) {
    const lines: string[] = []
    const log = logTo(lines)
    for (const secret of secrets) log.secret(secret)
    log.info('hunter2-and-more')
    t.is(lines[0], '12:34:56 info  node: ***')
  }
})

test('short texts and parts of the format are not masked away', (t) => {
  const lines: string[] = []
  const log = logTo(lines, 'debug', true)
  for (const secret of ['info', '', '","area":"', 'message', '"level":"info"']) log.secret(secret)
  log.info('the message is info', { 'message-id': 'x' })
  t.alike(JSON.parse(lines[0] ?? ''), {
    time: '2026-11-20T12:34:56.789Z',
    level: 'info',
    area: 'node',
    message: 'the *** is info',
    'message-id': 'x'
  })
})

test('no secret is ever read in a line, and JSON stays JSON', (t) => {
  const secret = fc.string({ unit: 'grapheme', minLength: 6, maxLength: 20 })
  fc.assert(
    fc.property(
      fc.array(secret, { minLength: 1, maxLength: 4 }),
      texts,
      fc.boolean(),
      (secrets, around, json) => {
        const lines: string[] = []
        const log = logTo(lines, 'debug', json)
        for (const text of secrets) log.secret(text)
        for (const text of secrets) log.info(around + text, { x: text, y: JSON.stringify([text, around]) })
        if (!json)
          return secrets.every((text) => text.trim() === '' || !lines.some((line) => line.includes(text)))
        return lines.every((line) => {
          const { message, x, y } = JSON.parse(line)
          return secrets.every((text) => ![message, x, y].some((value) => value.includes(text)))
        })
      }
    ),
    { numRuns: 500 }
  )
  t.pass()
})
