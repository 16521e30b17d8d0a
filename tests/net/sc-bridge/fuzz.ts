import b4a from 'b4a'
import fc from 'fast-check'
import { isSubnetRequest, REQUESTS, type RequestType } from '../../../src/bridge/protocol.ts'
import { COMMAND_NAMES, commandRow } from '../../../src/commands/table.ts'
import { TOKEN } from '../../helpers/bridge.ts'
import { seedKeyPair } from '../../helpers/swarm.ts'
import { captures, nested } from '../../unit/sidechannel/helpers.ts'

/** The text of a request; most are JSON, many are nearly sound. */
export type RequestText = string

const KEY = b4a.toString(seedKeyPair(7).publicKey, 'hex')
const FIELDS = [
  ...['channel', 'channels', 'message', 'invite', 'welcome', 'owner', 'via', 'since', 'epoch', 'filter'],
  ...[
    'key',
    'prefix',
    'prefixes',
    'after',
    'limit',
    'confirmed',
    'chat',
    'dispatch',
    'sim',
    'operation',
    'args'
  ],
  ...['command', 'text', 'pubkey', 'ttl', 'token', '__proto__', 'constructor', 'toJSON', 'id', 'type']
]

function values(): fc.Arbitrary<unknown> {
  const { welcome_pub1, invite_priv1 } = captures()
  return fc.oneof(
    fc.jsonValue({ maxDepth: 5 }),
    fc.constantFrom<unknown>(
      ...[null, true, -0, -1, 0, 1, 1.5, 2 ** 31, 2 ** 53, -(2 ** 53), 1e308, 5e-324, '', ' ', '0', 'NaN'],
      ...[
        '0000intercom',
        ' lobby ',
        'priv1',
        'pub1',
        '__proto__',
        'a,b',
        'a:b',
        'x'.repeat(128),
        'x'.repeat(129)
      ],
      ...[
        '\ud800',
        '\u0000',
        '\u202e',
        '\ufeff',
        '@/etc/passwd',
        '@',
        'b64:',
        '{',
        '[]',
        KEY,
        KEY.toUpperCase()
      ],
      ...[[], {}, [[]], [null], { '': 0 }, ['lobby', 'lobby'], { lobby: 0 }, { lobby: 2 ** 53 - 1 }],
      ...[
        welcome_pub1,
        invite_priv1,
        JSON.stringify(invite_priv1),
        { payload: {}, sig: '' },
        { sig: KEY + KEY }
      ],
      ...[
        { control: 'open_channel', channel: 'plaza' },
        { control: 'auth', invite: {} },
        { control: 'welcome' }
      ],
      ...[{ toJSON: 1, toString: 2, valueOf: 3, length: -1 }, 'y'.repeat(70_000), 'x+y|'.repeat(1000)]
    ),
    fc.constantFrom(...COMMAND_NAMES.map((name) => commandRow(name).example), '/nope', '/sc_join --channel')
  )
}

/** A request of a known kind, with some of its fields changed, left out or added. */
function nearlySound(about: 'anything' | 'subnet'): fc.Arbitrary<object> {
  const kinds = Object.entries(REQUESTS).filter(
    ([type]) => type !== 'auth' && (about === 'anything' || isSubnetRequest(type as RequestType))
  )
  const kind = fc.constantFrom(...kinds).map(([type, { example }]) => ({
    ...(JSON.parse(JSON.stringify(example).replaceAll('<hex>', KEY)) as object),
    type
  }))
  const names = FIELDS.filter((name) => name !== 'type')
  const changes = fc.dictionary(fc.constantFrom(...names), values(), { maxKeys: 3 })
  const left = fc.constantFrom(null, ...FIELDS)
  return fc.tuple(kind, changes, left).map(([request, changed, without]) => {
    const fields = Object.entries({ ...request, ...changed }).filter(([name]) => name !== without)
    return Object.fromEntries(fields)
  })
}

/** Texts with a few letters changed, doubled, cut or put in. */
function mutated(texts: fc.Arbitrary<string>): fc.Arbitrary<string> {
  const change = fc.record({
    at: fc.nat(),
    kind: fc.nat(3),
    more: fc.constantFrom('"', '{', '}', '\\', ',', '[', '0', '\u0000')
  })
  return fc.tuple(texts, fc.array(change, { minLength: 1, maxLength: 4 })).map(([text, changes]) => {
    let out = text
    for (const { at, kind, more } of changes) {
      const from = at % (out.length + 1)
      if (kind === 0) out = out.slice(0, from)
      else if (kind === 1) out = out.slice(0, from) + more + out.slice(from)
      else if (kind === 2) out = out.slice(0, from) + more + out.slice(from + 1)
      else out = out.slice(0, from) + out.slice(from, from + 20) + out.slice(from)
    }
    // The word for a token is a guess only with "auth" before it, which no request here begins with.
    return out.isWellFormed() ? out : out.toWellFormed()
  })
}

/** As deep as it can be without being too long; neither runtime may run out of stack. */
const DEEP = [
  `{"type":${nested(200_000)}}`,
  `{"type":"send","channel":"0000intercom","message":${nested(200_000)}}`,
  `{"type":"join","channel":"lobby","invite":{"payload":${nested(100_000, '{"a":', '}').replace('}', '0}')}}}`,
  `{"type":"send","channel":"0000intercom","message":1,"welcome":{"payload":${nested(200_000)}}}`,
  `{"type":"subscribe","since":{"a":${nested(200_000)}}}`,
  nested(200_000),
  `{"a":${nested(200_000)},"type":"ping"}`
]

export function requestTexts(about: 'anything' | 'subnet' = 'anything'): fc.Arbitrary<RequestText> {
  const known = nearlySound(about)
  const anything = fc.dictionary(fc.constantFrom(...FIELDS), values(), { maxKeys: 6 })
  const texts = fc.oneof(
    { weight: 6, arbitrary: known },
    { weight: 2, arbitrary: anything },
    { weight: 1, arbitrary: fc.constant({ type: 'auth', token: TOKEN }) }
  )
  const json = texts.map((request) => JSON.stringify(request))
  return fc.oneof(
    { weight: 10, arbitrary: json },
    { weight: 3, arbitrary: mutated(known.map((request) => JSON.stringify(request))) },
    { weight: 1, arbitrary: fc.json() },
    { weight: 1, arbitrary: fc.string({ unit: 'grapheme' }).filter((text) => text.isWellFormed()) },
    { weight: 1, arbitrary: fc.constantFrom(...DEEP) }
  )
}

/** The id that has to be in the reply; null for none. */
export function idOf(text: RequestText): number | null {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return null
    const { id } = value as { id?: unknown }
    return Number.isSafeInteger(id) ? (id as number) : null
  } catch {
    // Not JSON.
    return null
  }
}
