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
} else if (subcommand === 'status') {
  const { runStatus } = await import('./cli/run-status.ts')
  await runStatus(words)
} else if (subcommand === 'init') {
  const [{ runInit }, { inviteFacts, welcomeFacts }] = await Promise.all([
    import('./setup/run.ts'),
    import('../features/sidechannel/handed.ts')
  ])
  await runInit(words, { invite: inviteFacts, welcome: welcomeFacts })
} else {
  const { runProgram } = await import('./program.ts')
  await runProgram(words)
}
