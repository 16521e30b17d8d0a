import b4a from 'b4a'
import { isErrorLike, safeJsonParse, safeJsonStringify } from '../../../src/app/json.ts'
import { addedMethods, type ProtocolApi } from '../../../src/app/protocol-api.ts'
import { STATE_READS } from '../../../src/app/state-api.ts'
import { jsonDepthWithin } from '../../../src/base/depth.ts'
import { IntercomError, messageOf } from '../../../src/base/errors.ts'
import { nearest, printable, quoted } from '../../../src/base/text.ts'
import type { CommandOutput } from '../../../src/commands/registry.ts'
import { asked } from './commands.ts'

type Method = (...args: readonly unknown[]) => unknown

/** What the app added, and the reads of the state; nothing that writes for others. */
export async function callApi(
  api: ProtocolApi,
  { method, args = '[]' }: { readonly method: string; readonly args?: string | undefined }
): Promise<CommandOutput> {
  if (!addedMethods(api).includes(method) && !STATE_READS.has(method)) throw unknownMethod(api, method)
  const given = argumentsOf(args)
  const { value, lines } = await asked(() => (api[method] as Method)(...given))
  return answer(value, lines)
}

function argumentsOf(json: string): readonly unknown[] {
  const args = jsonDepthWithin(b4a.from(json)) ? safeJsonParse(json) : undefined
  if (Array.isArray(args)) return args
  throw new IntercomError(
    'bad_arguments',
    `Invalid --args of /api. Expected a JSON array. Got ${quoted(json)}.`
  )
}

/** As everybody gets it, in the process or over a socket: as JSON. */
function answer(value: unknown, printed: readonly string[]): CommandOutput {
  // An error that was returned is one, too.
  if (isErrorLike(value)) throw new IntercomError('command_failed', messageOf(value))
  const json = safeJsonStringify(value ?? null)
  if (json === null)
    throw new IntercomError('unserialisable', 'What this method returns cannot be shown: it is not JSON.', {
      next: 'Tell whoever wrote the app.'
    })
  return { lines: [...printed, printable(json)], result: JSON.parse(json) }
}

function unknownMethod(api: ProtocolApi, method: string): IntercomError {
  const methods = [...addedMethods(api), ...STATE_READS]
  const near = nearest(method, methods)
  const hint = near.length > 0 ? ` Did you mean ${near.join(' or ')}?` : ''
  return new IntercomError('bad_arguments', `The API has no method ${quoted(method)} for this.${hint}`, {
    next: `There are: ${printable(methods.join(', '))}.`
  })
}
