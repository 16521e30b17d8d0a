import test from 'brittle'
import fs from '#fs'
import path from '#path'
import { replyToError } from '../../../features/rpc/replies.ts'
import { refused } from '../../../features/sc-bridge/refusals.ts'
import { ERRORS, type ErrorCode, IntercomError } from '../../../src/base/errors.ts'
import { PROJECT } from '../../helpers/peer.ts'

/** These end a start or an import: no request ever meets them. */
const AT_START: ReadonlySet<ErrorCode> = new Set([
  ...(['app_missing', 'bad_flag', 'import_refused', 'store_broken', 'store_locked'] as const),
  'subnet_mismatch'
])

/** Every code that the sources of the subnet name. */
function codesIn(folder: string): Set<ErrorCode> {
  const codes = new Set<ErrorCode>()
  for (const entry of fs.readdirSync(folder, { withFileTypes: true })) {
    const file = path.join(folder, entry.name)
    const found = entry.isDirectory() ? codesIn(file) : literals(fs.readFileSync(file, 'utf-8'))
    for (const code of found) codes.add(code)
  }
  return codes
}

function literals(source: string): ErrorCode[] {
  const texts = [...source.matchAll(/'(\w+)'/g)].map(([, text = '']) => text)
  return texts.filter((text): text is ErrorCode => Object.hasOwn(ERRORS, text))
}

const codes = codesIn(path.join(PROJECT, 'features', 'subnet'))
const atRequests = [...codes].filter((code) => !AT_START.has(code))

test('what the subnet throws is told by the RPC in its own words, as no fault of the node', (t) => {
  t.ok(atRequests.includes('timed_out') && atRequests.length > 15, `${atRequests.length} codes`)
  for (const code of atRequests) {
    const faults: unknown[] = []
    const error = new IntercomError(code, 'The sentence.', { next: 'The step.' })
    const { status, body } = replyToError(error, (fault) => faults.push(fault))
    t.ok(status >= 400 && status !== 500, `${code}: ${status}`)
    const told = JSON.parse(body)
    t.alike([told.error, told.next, faults], ['The sentence.', 'The step.', []], code)
  }
})

test('what the subnet throws is told by the bridge in its own words, as no fault of the node', (t) => {
  for (const code of atRequests) {
    const { code: told, error, next } = refused('get', new IntercomError(code, 'Why.', { next: 'The step.' }))
    t.not(told, 'internal', code)
    t.alike([error, next], ['Why.', 'The step.'], code)
  }
})

test('codes are excepted that the subnet has', (t) => {
  for (const code of AT_START) t.ok(codes.has(code), code)
})
