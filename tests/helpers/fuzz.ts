import b4a from 'b4a'
import type { Assertions } from 'brittle'
import fc from 'fast-check'
import { controlOf } from '../../features/sidechannel/control.ts'
import { parseInvite, parseWelcome, verifyInvite, verifyWelcome } from '../../features/sidechannel/grants.ts'
import { checkShape } from '../../features/sidechannel/policy/shape.ts'
import { checkPow } from '../../features/sidechannel/pow.ts'
import { decodeMessage, encodeMessage, jsonBytes, verifyMessage } from '../../features/sidechannel/wire.ts'
import { canonicalJson } from '../../src/base/canonical.ts'
import { depthWithin } from '../../src/base/depth.ts'
import { parseTokenText, tokenText } from '../../src/base/token-text.ts'
import { channelMap, list } from '../../src/config/collections.ts'
import { channel, hexKey, text } from '../../src/config/types.ts'
import { captures, naiveCanonical, owner, vectors } from '../unit/sidechannel/helpers.ts'
import { readsTheSame, soundStreams } from '../unit/websocket/helpers.ts'
import { fuzzSeeds } from './fuzz-seeds.ts'
import { mutated } from './mutated.ts'
import { frameOf } from './raw-peer.ts'

type Target = keyof ReturnType<typeof fuzzSeeds>

const utf8 = (value: unknown) => b4a.from(typeof value === 'string' ? value : JSON.stringify(value))

/** Each returns whether what must hold holds; none may throw. */
function properties(): Record<
  Target,
  fc.IPropertyWithHooks<[Uint8Array]> | fc.IPropertyWithHooks<[unknown]>
> {
  const { messages, welcome, invite } = vectors()
  const frames = messages.map(({ wire }) => b4a.from(wire, 'hex'))
  const tokens = [welcome.object, invite.object, welcome.b64, invite.b64, captures().invite_priv1]
  const readFile = () => 'what a file holds'
  const parsers = [
    list(channel, '<list>'),
    list(hexKey, '<list>'),
    channelMap(hexKey, 'last', '<map>'),
    channelMap(text('<text>'), 'first', '<map>')
  ]
  const written = [
    'room,plaza, a b',
    `room:${owner.publicKey},a:b:${owner.publicKey}`,
    `room:b64:${welcome.b64}`
  ]
  return {
    decoder: fc.property(
      fc.oneof(mutated(frames), fc.uint8Array({ maxLength: 400 }), fc.json().map(frameOf)),
      (frame) => {
        const message = checkShape(decodeMessage(frame))
        if (jsonBytes(frame) > frame.byteLength) return false
        if (message === null) return true
        controlOf(message)
        checkPow(message, 4)
        verifyMessage(message)
        const again = checkShape(decodeMessage(encodeMessage(message)))
        return JSON.stringify(again) === JSON.stringify(message)
      }
    ),
    canonical: fc.property(fc.oneof(fc.jsonValue({ maxDepth: 8 }), fc.anything({ maxDepth: 4 })), (value) => {
      const json = toJson(value)
      if (json === undefined) return true
      const parsed: unknown = JSON.parse(json)
      const made = canonicalJson(parsed)
      return depthWithin(parsed) ? made === naiveCanonical(parsed) : made === null
    }),
    grants: fc.property(mutated(tokens.map(utf8)), (bytes) => {
      const value = parseTokenText(b4a.toString(bytes))
      if (value === null) return true
      const context = {
        channel: 'priv1',
        presenter: owner.publicKey,
        inviters: new Set([owner.publicKey]),
        now: 0
      }
      verifyInvite(value, context)
      verifyWelcome(value, 'priv1', owner.publicKey)
      const grant = parseInvite(value) ?? parseWelcome(value)
      return grant === null || JSON.stringify(parseTokenText(tokenText(grant))) === JSON.stringify(grant)
    }),
    websocket: fc.property(fc.oneof(mutated(soundStreams()), fc.uint8Array({ maxLength: 400 })), (bytes) =>
      readsTheSame(bytes, 300)
    ),
    lists: fc.property(mutated(written.map(utf8)), (bytes) => {
      return parsers.every((parser) => {
        const parsed = parser.parse(b4a.toString(bytes), readFile)
        return parsed === undefined || parser.show(parsed as never).length > 0
      })
    })
  }
}

/** As JSON.stringify; what it refuses is not what is looked for here. */
function toJson(value: unknown): string | undefined {
  try {
    return JSON.stringify(value)
  } catch {
    // A bigint, or a `toJSON` that was made up.
    return undefined
  }
}

/** The stored seeds first, then whatever comes, for so long. */
export function fuzz(t: Assertions, target: Target, milliseconds: number): void {
  const property = properties()[target] as fc.IPropertyWithHooks<[unknown]>
  for (const seed of fuzzSeeds()[target]) fc.assert(property, { seed, numRuns: 300 })
  const details = fc.check(property, {
    numRuns: Number.MAX_SAFE_INTEGER,
    interruptAfterTimeLimit: milliseconds,
    markInterruptAsFailure: false
  })
  t.comment(`${target}: ${details.numRuns} runs, seed ${details.seed}`)
  t.absent(details.failed, `${target} ${details.failed ? fc.defaultReportMessage(details) : ''}`)
}
