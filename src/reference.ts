import { errorsMarkdown } from './base/errors.ts'
import { cliMarkdown } from './cli/reference.ts'
import { commandsMarkdown } from './commands/help.ts'
import { flagsMarkdown } from './config/help.ts'
import { metricsMarkdown } from './metrics/reference.ts'

/** The pages of docs/reference, which are made from the tables and never by hand. */
export function referencePages(): Readonly<Record<string, string>> {
  return {
    'cli.md': cliMarkdown(),
    'commands.md': commandsMarkdown(),
    'errors.md': errorsMarkdown(),
    'flags.md': flagsMarkdown(),
    'metrics.md': metricsMarkdown()
  }
}
