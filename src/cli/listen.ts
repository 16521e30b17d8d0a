import { type BridgeClient, BridgeError, type Gap } from '#client'
import { IntercomError } from '../base/errors.ts'
import { quoted } from '../base/text.ts'
import { seeHelp } from '../config/argv.ts'
import type { SubcommandArgs } from '../config/subcommands.ts'
import { follow } from './follow.ts'
import type { CliIo } from './io.ts'
import { jsonLine, messageLine } from './lines.ts'

type ListenArgs = SubcommandArgs<'listen'>

/** What can be seen to be wrong before there is a connection. */
export function checkListen({ channel, since, epoch }: ListenArgs): void {
  const next = seeHelp('listen')
  if (since !== undefined && channel.length !== 1) {
    throw new IntercomError('bad_arguments', '--since counts the messages of one channel: name one.', {
      next
    })
  }
  if (epoch !== undefined && since === undefined) {
    throw new IntercomError('bad_arguments', '--epoch says what --since counts in: give both.', { next })
  }
}

export async function listen(client: BridgeClient, args: ListenArgs, io: CliIo): Promise<void> {
  const { channel: channels, count, timeout, filter, since, epoch } = args
  if (filter !== undefined) await client.setFilter(filter)
  const messages = client.messages({
    ...(channels.length > 0 && { channels }),
    ...(since !== undefined && { since: { [channels[0] ?? '']: since } }),
    ...(epoch !== undefined && { epoch }),
    onGap: (gap) => printGap(gap, io)
  })
  await messages.ready
  await noteStart(client, channels, io)
  let last: number | null = null
  try {
    await follow(messages, { count, timeout, noun: 'message' }, io, (message) => {
      last = message.seq
      return io.json ? jsonLine(message) : messageLine(message)
    })
  } catch (error) {
    throw channels.length === 1 ? withPlace(error, last ?? since ?? null, client.epoch) : error
  }
}

/** What is missing stands between what came before and after it. */
function printGap(gap: Gap, io: CliIo): void {
  if (io.json) {
    io.print(jsonLine({ type: 'gap', ...gap }))
    return
  }
  const { channel, from, to, reason } = gap
  const which =
    to === null
      ? `from number ${from} on, maybe none`
      : from === to
        ? `number ${from}`
        : `numbers ${from} to ${to}`
  io.note(`intercom: messages in ${quoted(channel, 512)} were missed (${reason}): ${which}.`, gap)
}

async function noteStart(client: BridgeClient, channels: readonly string[], io: CliIo): Promise<void> {
  const { channels: joined } = await client.stats()
  const names = channels.length > 0 ? channels : joined
  const what = names.map((name) => quoted(name, 512)).join(', ')
  io.note(`Listening to ${what}. Ctrl-C ends.`, { type: 'listening', channels: names, epoch: client.epoch })
  const missing = channels.filter((name) => !joined.includes(name))
  if (missing.length === 0) return
  const list = missing.map((name) => quoted(name, 512)).join(', ')
  io.note(`intercom: this peer is not in ${list}: nothing is heard until it joins.`, {
    type: 'not_joined',
    channels: missing
  })
}

/** How to go on where a lost connection broke off. */
function withPlace(error: unknown, seq: number | null, epoch: string | null): unknown {
  if (!(error instanceof BridgeError) || error.code !== 'closed' || seq === null || epoch === null)
    return error
  return new BridgeError('closed', error.message, {
    ...(error.detail !== null && { detail: error.detail }),
    next: `Once the node runs, go on with --since ${seq} --epoch ${epoch}.`,
    cause: error
  })
}
