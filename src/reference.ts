import { errorsMarkdown } from './base/errors.ts'
import { bridgeAsyncApi } from './bridge/asyncapi.ts'
import type { ToJsonSchema } from './bridge/json-schema.ts'
import { bridgeMarkdown } from './bridge/reference.ts'
import { cliMarkdown } from './cli/reference.ts'
import { commandsMarkdown } from './commands/help.ts'
import { flagsMarkdown } from './config/help.ts'
import { metricsMarkdown } from './metrics/reference.ts'

/** The pages of docs/reference, which are made from the tables and never by hand. */
export function referencePages(toJson: ToJsonSchema): Readonly<Record<string, string>> {
  return {
    'bridge.asyncapi.json': `${JSON.stringify(bridgeAsyncApi(toJson), null, 2)}\n`,
    'bridge.md': bridgeMarkdown(toJson),
    'cli.md': cliMarkdown(),
    'commands.md': commandsMarkdown(),
    'errors.md': errorsMarkdown(),
    'flags.md': flagsMarkdown(),
    'metrics.md': metricsMarkdown()
  }
}
