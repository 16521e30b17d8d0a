import type { BridgeClient } from '#client'
import { IntercomError } from '../base/errors.ts'
import { printable, quoted } from '../base/text.ts'
import { commandWord } from '../commands/parse.ts'
import type { BridgeSubcommand, FollowingSubcommand, SubcommandArgs } from '../config/subcommands.ts'
import {
  infoLines,
  inviteLines,
  joinedLines,
  leftLines,
  openLines,
  peersLines,
  sentLines,
  statsLines,
  welcomeLines
} from './lines.ts'
import {
  entriesLines,
  postedLines,
  rolesLines,
  stateLines,
  subnetStatsLines,
  txLines
} from './subnet-lines.ts'

// A command may derive keys, count files, or wait for the one before it.
const COMMAND_TIME = 60_000

/** What a subcommand answers: the same to people and to programs. */
export interface Answer {
  readonly lines: readonly string[]
  readonly reply: object
  /** The node did as it was asked, and it came to nothing. */
  readonly failure?: IntercomError
}

export interface AskContext {
  /** What `send`, `post` and `tx` are to send. */
  readonly message: unknown
  readonly now: number
}

/** Those that ask once and are answered once. */
export type AskingSubcommand = Exclude<BridgeSubcommand, FollowingSubcommand>

export const REQUESTS: {
  readonly [S in AskingSubcommand]: (
    client: BridgeClient,
    args: SubcommandArgs<S>,
    context: AskContext
  ) => Promise<Answer>
} = {
  async send(client, { channel, invite, welcome }, { message }) {
    const reply = await client.send(channel, message, defined({ invite, welcome }))
    return { reply, lines: sentLines(reply) }
  },
  async join(client, { channel, invite, welcome, owner }) {
    const reply = await client.join(channel, defined({ invite, welcome, owner }))
    return { reply, lines: joinedLines(reply) }
  },
  async leave(client, { channel }) {
    const reply = await client.leave(channel)
    if (reply.ok) return { reply, lines: leftLines(reply) }
    const failure = new IntercomError(
      'not_joined',
      `Not left: this peer is not in ${quoted(channel)}, or it is the entry.`,
      {
        next: 'List the channels with: npm start -- stats'
      }
    )
    return { reply, lines: [], failure }
  },
  async open(client, { channel, via, invite, welcome }) {
    const reply = await client.open(channel, defined({ via, invite, welcome }))
    return { reply, lines: openLines(reply) }
  },
  async invite(client, { channel, pubkey, ttl, welcome }) {
    const reply = await client.invite(channel, pubkey, defined({ ttl, welcome }))
    return { reply, lines: inviteLines(reply) }
  },
  async welcome(client, { channel, text }) {
    const reply = await client.welcome(channel, text)
    return { reply, lines: welcomeLines(reply) }
  },
  async peers(client, _, { now }) {
    const reply = await client.peers()
    return { reply, lines: peersLines(reply, now) }
  },
  async stats(client) {
    const reply = await client.stats()
    return { reply, lines: statsLines(reply) }
  },
  async info(client) {
    const reply = await client.info()
    return { reply, lines: infoLines(reply) }
  },
  async get(client, { key, unconfirmed }) {
    const reply = await client.get(key, { confirmed: unconfirmed !== true })
    return { reply, lines: stateLines(reply) }
  },
  async list(client, { prefix = '', after, limit, unconfirmed }) {
    const reply = await client.list(prefix, { ...defined({ after, limit }), confirmed: unconfirmed !== true })
    return { reply, lines: entriesLines(reply) }
  },
  async tx(client, { sim }, { message }) {
    const fields = { command: message as string, sim: sim === true }
    const reply = await client.request('tx', fields, { timeoutMs: COMMAND_TIME })
    const lines = txLines(reply)
    if (reply.error === null) return { reply, lines }
    return { reply, lines, failure: new IntercomError('contract_error', `The app says: ${reply.error}`) }
  },
  async post(client, { 'reply-to': reply_to }, { message }) {
    const reply = await client.post(message as string, defined({ reply_to }))
    return { reply, lines: postedLines(reply) }
  },
  async roles(client) {
    const reply = await client.roles()
    return { reply, lines: rolesLines(reply) }
  },
  async 'subnet-stats'(client) {
    const reply = await client.subnetStats()
    return { reply, lines: subnetStatsLines(reply) }
  },
  async cli(client, { line }) {
    const reply = await client.cli(commandLine(line), { timeoutMs: COMMAND_TIME })
    const lines = reply.output.map(printable)
    if (reply.ok) return { reply, lines }
    return {
      reply,
      lines,
      failure: new IntercomError('command_failed', reply.error ?? 'The command failed.', { next: '' })
    }
  }
}

/** One word is a whole line; of several, each was one word of it to the shell as well. */
function commandLine(words: readonly string[]): string {
  const [only, ...more] = words
  return more.length === 0 ? (only ?? '') : words.map(lineWord).join(' ')
}

/** In quotes a flag would be a value. */
function lineWord(word: string): string {
  const [, flag, value] = /^(--[\w-]+)(?:=(.*))?$/s.exec(word) ?? []
  if (flag === undefined) return commandWord(word)
  return value === undefined ? flag : `${flag}=${commandWord(value)}`
}

/** The client takes what is given and no more. */
function defined<T extends object>(fields: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>
  }
}
