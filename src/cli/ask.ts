import type { BridgeClient } from '#client'
import type { Resolved } from '../config/resolve.ts'
import {
  type BridgeSubcommand,
  type FollowingSubcommand,
  isFollowing,
  type SubcommandArgs
} from '../config/subcommands.ts'
import { openClient } from './connect.ts'
import { findEndpoint } from './endpoint.ts'
import { readMessage } from './input.ts'
import type { CliIo } from './io.ts'
import { jsonLine } from './lines.ts'
import { checkListen, listen } from './listen.ts'
import { type Answer, type AskContext, type AskingSubcommand, REQUESTS } from './requests.ts'
import { chat, watch } from './watch.ts'

/** Finds the node, asks it, prints what it answers. Fails with what is to be said instead. */
export async function ask<S extends BridgeSubcommand>(
  subcommand: S,
  args: SubcommandArgs<S>,
  resolved: Resolved,
  io: CliIo
): Promise<void> {
  if (subcommand === 'listen') checkListen(args as SubcommandArgs<'listen'>)
  const endpoint = findEndpoint(resolved, args.url, io.now())
  // Before anything is connected: whoever types it may take an hour.
  const message = await messageOf(subcommand, args, io)
  const client = await openClient(endpoint)
  try {
    if (isFollowing(subcommand)) await followers[subcommand](client, args, io)
    else print(await request(subcommand as AskingSubcommand, client, args, { message, now: io.now() }), io)
  } finally {
    // The end of the process does the rest.
    void client.close()
  }
}

type Follow = (client: BridgeClient, args: object, io: CliIo) => Promise<void>

// Each takes the arguments of its own row; the compiler cannot follow it through the union.
const followers = { listen, watch, chat } as unknown as Readonly<Record<FollowingSubcommand, Follow>>

/** What is to be sent, by those who send something. */
async function messageOf(subcommand: BridgeSubcommand, args: object, { input }: CliIo): Promise<unknown> {
  if (subcommand === 'send') return readMessage(args as SubcommandArgs<'send'>, input)
  if (subcommand === 'post') return readMessage(args as SubcommandArgs<'post'>, input)
  if (subcommand === 'tx') return readMessage({ message: (args as SubcommandArgs<'tx'>).command }, input)
  return null
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
