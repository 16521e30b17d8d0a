import { printable } from '../../src/base/text.ts'
import type { OpenRequest } from './requests.ts'
import type { Received } from './sidechannels.ts'

/** What others wrote, safe to print on one line. */
export function receivedLine({ channel, message, verified }: Received): string {
  const text = typeof message.message === 'string' ? message.message : JSON.stringify(message.message)
  return `[${printable(channel)}] ${message.from}${verified ? '' : ' (unverified)'}: ${printable(text)}`
}

export function requestLine({ channel, from }: OpenRequest): string {
  return `[open request] ${from} asks to open ${printable(JSON.stringify(channel))}: /sc_accept or /sc_pending`
}
