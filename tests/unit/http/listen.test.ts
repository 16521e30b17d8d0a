import test from 'brittle'
import { createLog } from '../../../src/base/log.ts'
import { createComplaint } from '../../../src/http/complaint.ts'
import { listenError } from '../../../src/http/listen.ts'

const FLAGS = { host: '--my-host', port: '--my-port' }

test('each error of the system says which flag to change', (t) => {
  const rows: [code: string, ours: string, names: string][] = [
    ['EADDRINUSE', 'port_in_use', '--my-port'],
    ['EACCES', 'port_in_use', '--my-port'],
    ['EPERM', 'port_in_use', '--my-port'],
    ['EADDRNOTAVAIL', 'bad_flag', '--my-host'],
    ['ENOTFOUND', 'bad_flag', '--my-host'],
    ['EAI_AGAIN', 'bad_flag', '--my-host'],
    ['EAFNOSUPPORT', 'bad_flag', '--my-host']
  ]
  for (const [code, ours, names] of rows) {
    const error = listenError(
      Object.assign(new Error('bad\nday'), { code }),
      { host: 'a\nb', port: 80 },
      FLAGS
    )
    t.is(error.code, ours, code)
    t.ok(error.message.includes(names) && error.next.includes(names), error.message)
    t.absent(/\n/.test(error.message + error.next), 'one line')
  }
})

test('a complaint that others can cause is heard once a minute, with its number', (t) => {
  const lines: string[] = []
  let now = 1000
  const log = createLog({ level: 'warn', json: false, now: () => 0, write: (line) => lines.push(line) })
  const complain = createComplaint(log, 'it happened', () => now)
  for (let i = 0; i < 5; i++) complain({ reason: 'x' })
  t.alike(lines, ['00:00:00 warn  node: it happened reason=x times=1'])
  now += 60_000
  complain()
  t.is(lines[1], '00:00:00 warn  node: it happened times=5')
})
