import { printable, quoted } from '../../src/base/text.ts'
import { commandWord } from '../../src/commands/parse.ts'
import type { OpenRequest } from './requests.ts'
import type { Received } from './sidechannels.ts'

/** What others wrote, safe to print on one line. */
export function receivedLine({ channel, message, verified }: Received): string {
  const text = typeof message.message === 'string' ? message.message : JSON.stringify(message.message)
  return `[${printable(channel)}] ${message.from}${verified ? '' : ' (unverified)'}: ${printable(text)}`
}

export function requestLine({ channel, from }: OpenRequest): string {
  return `[open request] ${from} asks to open ${quoted(channel)}: /sc_accept --channel ${commandWord(channel)}`
}
