import { printable } from '../../src/base/text.ts'
import { withScript } from '../../src/commands/joiner-script.ts'
import type { CommandCaller, CommandOutput } from '../../src/commands/registry.ts'
import { subnetJoiner } from '../../src/config/subnet-joiner.ts'
import type { IntercomNode } from '../../src/node.ts'
import { SUBNET_OPERATIONS } from '../../src/subnet-plane.ts'
import { callApi } from './app/api-command.ts'
import { shown } from './app/captured.ts'
import { ProtocolCommands } from './app/commands.ts'
import type { SubnetDesk } from './desk.ts'
import { messagesLines, rolesLines } from './reading/lines.ts'
import { deployAnswer, settlementAnswer } from './reading/settlement-answers.ts'
import type { OperationAnswer } from './writing/operations.ts'

/** Binds the commands of the subnet, and those of its app. */
export function bindSubnetCommands({ commands, config, address }: IntercomNode, desk: SubnetDesk): void {
  for (const name of SUBNET_OPERATIONS)
    commands.bind(name, async (args, caller) => outputFor(caller, await desk.operate(name, args)))
  commands.bind('post', async (args, caller) => outputFor(caller, await desk.post(args)))
  commands.bind('set_nick', async (args, caller) => outputFor(caller, await desk.setNick(args)))
  commands.bind('roles', async () => {
    const result = await desk.roles()
    return { lines: rolesLines(result), result }
  })
  commands.bind('messages', async (args) => {
    const result = await desk.messages(args)
    return { lines: messagesLines(result), result }
  })
  commands.bind('get', async ({ key, confirmed = true, unconfirmed }) => {
    const result = await desk.get(key, confirmed && unconfirmed === undefined)
    return { lines: [printable(shown(result))], result }
  })
  commands.bind('joiner', ({ script }) => {
    const { line: joiner, note } = subnetJoiner(config, desk)
    const notes = note === null ? [] : [note]
    return withScript(script, ['Starts a peer that takes part in a subnet.', ...notes].join(' '), () => {
      return { lines: ['Others join with:', joiner, ...notes], result: { joiner, notes } }
    })
  })
  commands.bind('tx', ({ command, sim }) => desk.tx({ command, sim }))
  commands.bind('api', (call) => callApi(desk.subnet.protocol.api, call))
  commands.bind('msb', () => settlementAnswer(desk, address))
  commands.bind('deploy_subnet', () => deployAnswer(desk))
  commands.app = new ProtocolCommands(desk.subnet.protocol, desk.subnet.log)
}

/** Where the node has shown what was applied, only what is to be said besides. */
function outputFor({ seesLines }: CommandCaller, { lines, told, result }: OperationAnswer): CommandOutput {
  return { lines: seesLines === true ? lines.slice(told) : lines, result }
}
