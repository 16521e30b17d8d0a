import type { BridgeClient, ChatGap, StateGap } from '#client'
import { quoted } from '../base/text.ts'
import type { SubcommandArgs } from '../config/subcommands.ts'
import { follow } from './follow.ts'
import type { CliIo } from './io.ts'
import { jsonLine } from './lines.ts'
import { changeLine, chatLine } from './subnet-lines.ts'

/** The latest value of each key that changes. */
export async function watch(client: BridgeClient, args: SubcommandArgs<'watch'>, io: CliIo): Promise<void> {
  const { prefix, count, timeout } = args
  const prefixes = prefix.length === 0 ? [''] : prefix
  const onGap = (gap: StateGap) => printGap(gap, 'changes were missed: list the keys again.', io)
  const changes = client.changes({ prefixes, onGap })
  await changes.ready
  const what =
    prefix.length === 0
      ? 'every key'
      : `keys that begin with ${prefix.map((text) => quoted(text)).join(', ')}`
  io.note(`Watching ${what}. Ctrl-C ends.`, { type: 'watching', prefixes })
  await follow(changes, { count, timeout, noun: 'change' }, io, (change) =>
    io.json ? jsonLine(change) : changeLine(change)
  )
}

export async function chat(client: BridgeClient, args: SubcommandArgs<'chat'>, io: CliIo): Promise<void> {
  const { count, timeout } = args
  const onGap = (gap: ChatGap) => printGap(gap, 'messages were missed.', io)
  const messages = client.chat({ onGap })
  await messages.ready
  io.note('Listening to the chat. Ctrl-C ends.', { type: 'watching', chat: true })
  await follow(messages, { count, timeout, noun: 'message' }, io, (message) =>
    io.json ? jsonLine(message) : chatLine(message)
  )
}

/** What is missing stands between what came before and after it. */
function printGap(gap: StateGap | ChatGap, what: string, io: CliIo): void {
  if (io.json) io.print(jsonLine({ type: 'gap', ...gap }))
  else io.note(`intercom: ${what}`, gap)
}
