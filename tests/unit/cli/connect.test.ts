import test from 'brittle'
import { BridgeError } from '#client'
import { explained } from '../../../src/cli/connect.ts'
import { failureOf } from '../../../src/cli/failure.ts'
import { failureLine } from '../../../src/cli/failure-line.ts'

const AT = { url: 'ws://h:1', tokenFrom: 'SC_BRIDGE_TOKEN' }

test('why there is no connection, and what to do', (t) => {
  const rows: [string, RegExp, RegExp][] = [
    ['connect ECONNREFUSED 127.0.0.1:1', /\(nobody listens there\)/, /--sc-bridge 1/],
    ['ENOTFOUND: unknown node or service', /\(the name does not resolve\)/, /host/],
    [
      'CERTIFICATE_VERIFY_FAILED: Handshake failed',
      /\(its certificate is not trusted\)/,
      /--sc-bridge-tls-cert/
    ],
    ['WRONG_VERSION_NUMBER', /\(it speaks no TLS\)/, /ws:/],
    ['CONNECTION_LOST: x', /\(it hung up\)/, /wss:/],
    ['INVALID_UPGRADE_STATUS: Expected an upgrade, got status 403', /\(it refuses this Host\)/, /allow-host/],
    ['INVALID_UPGRADE_STATUS: Expected an upgrade, got status 200', /no SC-Bridge/, /host and port/],
    ['some\u001b[2J thing', /\(some\\e\[2J thing\)/, /node runs/]
  ]
  for (const [detail, message, next] of rows) {
    const error = explained(new BridgeError('cannot_connect', 'x', { detail }), AT)
    t.ok(message.test(error.message), error.message)
    t.ok(next.test(error.next), error.next)
    t.is(failureOf(error).exit, 3)
  }
})

test('a refused token is not repeated, its place is', (t) => {
  const failure = failureOf(explained(new BridgeError('unauthorized', 'Unauthorized.'), AT))
  t.is(failure.exit, 4)
  t.is(failure.error, 'The node refused the token from SC_BRIDGE_TOKEN.')
})

test('exit codes', (t) => {
  const codes = {
    ...{ cannot_connect: 3, protocol: 3, timeout: 3, closed: 3, unauthorized: 4, forbidden: 4 },
    ...{ bad_request: 1, denied: 1, uninvited: 1, owner_only: 1, too_large: 1, disabled: 1, internal: 1 }
  } as const
  for (const [code, exit] of Object.entries(codes)) {
    t.is(failureOf(new BridgeError(code as keyof typeof codes, 'x')).exit, exit, code)
  }
})

test('what the node says is one safe line, or one object', (t) => {
  const error = new BridgeError('denied', 'Send denied (a\u001b[2Jb).', { detail: 'c\nd', next: 'Do e.' })
  t.is(failureLine(failureOf(error), false), 'intercom: Send denied (a\\e[2Jb). c\\nd Do e.')
  t.alike(JSON.parse(failureLine(failureOf(error), true)), {
    ...{ type: 'error', code: 'denied', error: 'Send denied (a\u001b[2Jb).', detail: 'c\nd', next: 'Do e.' }
  })
})
