import type { IntercomNode } from '../../src/node.ts'
import type { Sidechannels } from './sidechannels.ts'

/** Binds the `sc_*` commands of the command table. */
export function bindSidechannelCommands(_node: IntercomNode, _sidechannels: Sidechannels): void {}
