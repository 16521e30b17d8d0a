import type { BridgeClient } from '#client'
import type { Resolved } from '../config/resolve.ts'
import type { BridgeSubcommand, SubcommandArgs } from '../config/subcommands.ts'
import { openClient } from './connect.ts'
import { findEndpoint } from './endpoint.ts'
import { readMessage } from './input.ts'
import type { CliIo } from './io.ts'
import { jsonLine } from './lines.ts'
import { checkListen, listen } from './listen.ts'
import { type Answer, type AskContext, type AskingSubcommand, REQUESTS } from './requests.ts'

/** Finds the node, asks it, prints what it answers. Fails with what is to be said instead. */
export async function ask<S extends BridgeSubcommand>(
  subcommand: S,
  args: SubcommandArgs<S>,
  resolved: Resolved,
  io: CliIo
): Promise<void> {
  const listening = subcommand === 'listen' ? (args as SubcommandArgs<'listen'>) : null
  if (listening !== null) checkListen(listening)
  const endpoint = findEndpoint(resolved, args.url, io.now())
  // Before anything is connected: whoever types it may take an hour.
  const message = subcommand === 'send' ? await readMessage(args as SubcommandArgs<'send'>, io.input) : null
  const client = await openClient(endpoint)
  try {
    if (listening !== null) await listen(client, listening, io)
    else print(await request(subcommand as AskingSubcommand, client, args, { message, now: io.now() }), io)
  } finally {
    // The end of the process does the rest.
    void client.close()
  }
}

function request<S extends AskingSubcommand>(
  subcommand: S,
  client: BridgeClient,
  args: object,
  context: AskContext
): Promise<Answer> {
  // The row of a subcommand takes the arguments of that one; the compiler cannot follow it through the union.
  const handle = REQUESTS[subcommand] as (
    client: BridgeClient,
    args: object,
    context: AskContext
  ) => Promise<Answer>
  return handle(client, args, context)
}

function print({ reply, lines, failure }: Answer, io: CliIo): void {
  for (const line of io.json ? [jsonLine(withoutId(reply))] : lines) io.print(line)
  if (failure !== undefined) throw failure
}

/** The number of a request means something on its connection only. */
function withoutId(reply: object): object {
  const { id: _, ...fields } = reply as { id?: unknown }
  return fields
}
