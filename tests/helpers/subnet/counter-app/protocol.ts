import type { Command } from '../../../../src/app/protocol.ts'
import { Protocol } from '../../../../src/app/protocol.ts'

/** `add <name>`, `forget <name>`, `fail`, `loop`. */
export default class CounterProtocol extends Protocol {
  override mapTxCommand(command: string): Command | null {
    const [type, name] = command.split(' ') as [string, string?]
    if (type === 'throw') throw new TypeError('no such \u001b[31mword')
    if (type === 'junk') return { type: 'junk', value: undefined }
    if (type === 'add' || type === 'forget') return { type, value: { name } }
    return type === 'fail' || type === 'loop' ? { type, value: null } : null
  }
}
