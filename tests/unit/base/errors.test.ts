import test from 'brittle'
import {
  ERRORS,
  type ErrorCode,
  errorsMarkdown,
  IntercomError,
  messageOf,
  notJson,
  systemCode,
  toIntercomError
} from '../../../src/base/errors.ts'

const CODES = Object.entries(ERRORS) as [ErrorCode, { exit: number; next: string }][]

test('every code has an exit code and a next step in a whole sentence', (t) => {
  for (const [code, { exit, next }] of CODES) {
    t.ok(/^[a-z]+(_[a-z]+)*$/.test(code), code)
    t.ok(exit >= 1 && exit <= 4, `${code}: ${exit}`)
    t.ok(/^[A-Z].*\.$/.test(next) && !next.includes('\n'), next)
  }
})

test('an error carries its code, exit code, next step and cause', (t) => {
  for (const [code, { exit, next }] of CODES) {
    const error = new IntercomError(code, 'What happened.')
    t.alike([error.code, error.exitCode, error.next, error.message], [code, exit, next, 'What happened.'])
    t.ok(error instanceof Error && error.name === 'IntercomError')
    t.absent('cause' in error)
  }
  const cause = new Error('why')
  const error = new IntercomError('store_broken', 'What happened.', { next: 'Do this.', cause })
  t.is(error.next, 'Do this.')
  t.is(error.cause, cause)
})

test('what else was thrown becomes an internal error', (t) => {
  const own = new IntercomError('closed', 'Closed.')
  t.is(toIntercomError(own), own)
  const cause = new RangeError('too far')
  const error = toIntercomError(cause)
  t.alike([error.code, error.message, error.cause], ['internal', 'too far', cause])
  t.is(toIntercomError(undefined).message, 'undefined')
})

test('anything has a message', (t) => {
  const rows: [unknown, string][] = [
    [new Error('text'), 'text'],
    ['text', 'text'],
    [0, '0'],
    [null, 'null'],
    [undefined, 'undefined'],
    [Symbol('s'), 'Symbol(s)'],
    [{ message: 'x' }, '[object Object]'],
    [Object.create(null), '[object Object]']
  ]
  for (const [value, message] of rows) t.is(messageOf(value), message)
})

test('why a text is not JSON, without a word of it', (t) => {
  const rows = [
    ['{"token":"hunter2"', /^Expected ',' or '}' after property value in JSON at position 18/],
    ['hunter2', /^Unexpected token 'h'$/],
    [`{"a": 1,\n"token": hunter2 and ${'more '.repeat(20)}`, /^Unexpected token 'h'$/]
  ] as const
  for (const [text, why] of rows) {
    try {
      JSON.parse(text)
      t.fail('it is JSON')
    } catch (error) {
      t.ok(why.test(notJson(error)), notJson(error))
      t.absent(/hunter2|token"/.test(notJson(error)))
    }
  }
})

test('the code of a system error, if it has one', (t) => {
  t.is(systemCode(Object.assign(new Error('x'), { code: 'ENOENT' })), 'ENOENT')
  for (const value of [new Error('x'), { code: 5 }, null, undefined, 'ENOENT']) t.is(systemCode(value), null)
})

test('the reference has a whole row for every code', (t) => {
  const rows = errorsMarkdown()
    .split('\n')
    .filter((line) => line.startsWith('| `'))
  t.alike(
    rows,
    CODES.map(
      ([code, { exit, next }]) =>
        `| \`${code}\` | ${exit} | ${next.replaceAll('<', '&lt;').replaceAll('|', '\\|')} |`
    )
  )
})
