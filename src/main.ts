import { findSubcommand } from './config/argv.ts'
import { isBridgeSubcommand } from './config/subcommands.ts'
import { commandLine } from './pear.ts'

const words = commandLine()
const subcommand = findSubcommand(words)

// Loaded by what is asked for: a command to a running node must not wait for the libraries of one.
if (subcommand !== null && isBridgeSubcommand(subcommand)) {
  const { runCli } = await import('./cli/run.ts')
  await runCli(words)
} else if (subcommand === 'doctor') {
  const { runDoctor } = await import('./doctor/run.ts')
  await runDoctor(words)
} else {
  const { runProgram } = await import('./program.ts')
  await runProgram(words)
}
