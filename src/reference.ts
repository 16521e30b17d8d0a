import { errorsMarkdown } from './base/errors.ts'
import { bridgeAsyncApi } from './bridge/asyncapi.ts'
import { bridgeMarkdown } from './bridge/reference.ts'
import { cliMarkdown } from './cli/reference.ts'
import { commandsMarkdown } from './commands/help.ts'
import { flagsMarkdown } from './config/help.ts'
import { doctorMarkdown } from './doctor/reference.ts'
import { metricsMarkdown } from './metrics/reference.ts'
import { openApi } from './rpc/openapi.ts'
import { rpcMarkdown } from './rpc/reference.ts'
import type { ToJsonSchema } from './schema/json-schema.ts'
import { decisionsMarkdown } from './setup/help.ts'

/** The pages of docs/reference, which are made from the tables and never by hand. */
export function referencePages(toJson: ToJsonSchema): Readonly<Record<string, string>> {
  return {
    'bridge.asyncapi.json': `${JSON.stringify(bridgeAsyncApi(toJson), null, 2)}\n`,
    'bridge.md': bridgeMarkdown(toJson),
    'cli.md': cliMarkdown(),
    'commands.md': commandsMarkdown(),
    'doctor.md': doctorMarkdown(),
    'decisions.md': decisionsMarkdown(),
    'errors.md': errorsMarkdown(),
    'flags.md': flagsMarkdown(),
    'metrics.md': metricsMarkdown(),
    'rpc.md': rpcMarkdown(toJson),
    'rpc.openapi.json': `${JSON.stringify(openApi(toJson), null, 2)}\n`
  }
}
