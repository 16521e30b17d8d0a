import { quoted } from '../../src/base/text.ts'
import { withScript } from '../../src/commands/joiner-script.ts'
import type { IntercomNode } from '../../src/node.ts'
import { SidechannelDesk } from './desk.ts'
import type { Sidechannels } from './sidechannels.ts'
import { statsOutput } from './stats.ts'

/** Binds the `sc_*` commands of the command table, and offers the same to the other planes. */
export function bindSidechannelCommands(node: IntercomNode, sidechannels: Sidechannels): void {
  const desk = new SidechannelDesk(node, sidechannels)
  node.planes.sidechannel = desk
  node.commands.bind('sc_join', (args) => desk.join(args))
  node.commands.bind('sc_leave', (args) => desk.leave(args))
  node.commands.bind('sc_send', (args) => desk.send(args))
  node.commands.bind('sc_open', (args) => desk.open(args))
  node.commands.bind('sc_invite', ({ script, ...args }) => {
    const about = `Starts the peer that was invited to ${quoted(args.channel)}, and no other one: the store is "peer" unless you add another.`
    return withScript(script, about, () => desk.invite(args))
  })
  node.commands.bind('sc_welcome', ({ script, ...args }) =>
    withScript(script, `Starts a peer in ${quoted(args.channel)}.`, () => desk.welcome(args))
  )
  node.commands.bind('sc_pending', () => desk.pending())
  node.commands.bind('sc_accept', (args) => desk.accept(args))
  node.commands.bind('sc_stats', () => statsOutput(node, sidechannels))
}
