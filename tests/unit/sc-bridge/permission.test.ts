import test from 'brittle'
import { forbidden, forbiddenType } from '../../../features/sc-bridge/permission.ts'
import type { Access } from '../../../src/access/tokens.ts'
import { parseRequest } from '../../../src/bridge/parse.ts'
import {
  CAPABILITIES,
  type Capability,
  isSubnetRequest,
  REQUESTS,
  type RequestType
} from '../../../src/bridge/protocol.ts'

const RULES = { allowsCli: true, entryChannel: 'entry' }
const ALL = Object.keys(CAPABILITIES) as Capability[]

function access(capabilities: readonly Capability[], channels: readonly string[] | null = null): Access {
  return { capabilities: new Set(capabilities), channels: channels && new Set(channels) }
}

/** The code of the refusal; null when it is allowed. */
function verdict(request: object, given: Access): string | null {
  const parsed = parseRequest(JSON.stringify(request))
  if (!parsed.ok) throw new Error(parsed.error)
  return forbidden(parsed.request, given, RULES)?.code ?? null
}

test('each type needs its capability', (t) => {
  for (const [type, { needs }] of Object.entries(REQUESTS) as [RequestType, { needs: Capability | null }][]) {
    t.is(forbiddenType(type, access(ALL), RULES), null, type)
    t.is(forbiddenType(type, access(needs === null ? [] : [needs]), RULES), null)
    const others = ALL.filter((capability) => capability !== needs)
    t.is(forbiddenType(type, access(others), RULES)?.code ?? null, needs === null ? null : 'forbidden')
  }
})

test('terminal commands: where they are off, and for tokens of some channels', (t) => {
  t.is(forbiddenType('cli', access(ALL), { ...RULES, allowsCli: false })?.code, 'disabled')
  t.is(forbiddenType('cli', access([]), { ...RULES, allowsCli: false })?.code, 'disabled')
  t.is(forbiddenType('cli', access(ALL, ['a']), RULES)?.code, 'forbidden')
})

test('the subnet is not for tokens of some channels', (t) => {
  const limited = access(ALL, ['a'])
  for (const type of Object.keys(REQUESTS) as RequestType[]) {
    const refused = forbiddenType(type, limited, RULES)
    t.is(refused?.code ?? null, type === 'cli' || isSubnetRequest(type) ? 'forbidden' : null, type)
  }
  t.is(
    forbiddenType('get', limited, RULES)?.error,
    'This token may not use the subnet: it is for some channels only.'
  )
  const needs = { read: 'get', send: 'tx', admin: 'operate' } as const
  for (const [capability, type] of Object.entries(needs)) t.is(REQUESTS[type].needs, capability as Capability)
})

test('channels', (t) => {
  const limited = access(ALL, ['a'])
  const rows: [request: object, code: string | null][] = [
    [{ type: 'join', channel: 'a' }, null],
    [{ type: 'join', channel: ' a ' }, null],
    [{ type: 'join', channel: 'A' }, 'forbidden'],
    [{ type: 'subscribe' }, null],
    [{ type: 'subscribe', channels: ['a'] }, null],
    [{ type: 'subscribe', channel: 'a', channels: ['b'] }, 'forbidden'],
    [{ type: 'open', channel: 'a', via: 'a' }, null],
    [{ type: 'open', channel: 'a', via: 'b' }, 'forbidden'],
    [{ type: 'open', channel: 'b', via: 'a' }, 'forbidden'],
    [{ type: 'open', channel: 'a' }, 'forbidden'],
    [{ type: 'stats' }, null]
  ]
  for (const [request, code] of rows) {
    t.is(verdict(request, limited), code, JSON.stringify(request))
    t.is(verdict(request, access(ALL)), null)
  }
})

test('a request to open a channel that is sent as a message', (t) => {
  const send = (message: unknown) => ({ type: 'send', channel: 'a', message })
  const open = send({ control: 'open_channel', channel: 'b' })
  t.is(verdict(open, access(['send'])), 'forbidden', 'needs what open needs')
  t.is(verdict(open, access(['send', 'join'])), null)
  t.is(verdict(open, access(ALL, ['a'])), 'forbidden')
  t.is(verdict(open, access(ALL, ['a', 'b'])), null)
  t.is(verdict(send({ control: 'open_channel', channel: ' a ' }), access(ALL, ['a'])), null)
  for (const channel of [null, '', 7, ['a'], undefined])
    t.is(verdict(send({ control: 'open_channel', channel }), access(ALL, ['a'])), 'forbidden')
  for (const message of [null, 'open_channel', { control: 'mine' }, [{ control: 'open_channel' }]])
    t.is(verdict(send(message), access(['send'], ['a'])), null, JSON.stringify(message))
})
