import { printable } from '../../../src/base/text.ts'
import type { ChatMessage } from '../../../src/subnet-plane.ts'
import type { Applied, AppliedEvent, AppliedOperation } from '../engine/events.ts'

/** More than can be undone and applied again between two confirmations, as a rule. */
const REMEMBERED = 16_384
/** Who has been away is not shown all of it. */
const MOST_LINES = 40

export interface Told {
  readonly lines: readonly string[]
  readonly messages: readonly (ChatMessage & { readonly signature: string | null })[]
}

/** What is worth telling people and programs of a batch, each operation once however often it is applied. */
export class Teller {
  readonly #told = new Set<string>()
  /** Messages up to here need no word any more. */
  #messages: number

  constructor(messages: number) {
    this.#messages = messages
  }

  /** How many messages there were when the last one was told. */
  get messages(): number {
    return this.#messages
  }

  tell({ operations }: Applied): Told {
    const fresh = operations.filter((operation) => operation.accepted && this.#isNew(operation.id))
    const lines = fresh.flatMap(({ events }) =>
      events.flatMap(({ line }) => (line === null ? [] : [printable(line)]))
    )
    const messages = fresh.flatMap(messagesOf)
    for (const { n } of messages) this.#messages = Math.max(this.#messages, n + 1)
    return { lines: shortened(lines), messages }
  }

  /** Of messages up to the one before `until` that were not applied here, but are in the state. */
  tellStored(messages: readonly ChatMessage[], until: number): Told {
    const fresh = messages.filter(({ n, message }) => n >= this.#messages && message !== null)
    this.#messages = Math.max(this.#messages, until)
    const lines = fresh.map(({ n, nick, address, message }) =>
      printable(`#${n + 1} | ${nick ?? address}: ${message}`)
    )
    return { lines: shortened(lines), messages: fresh.map((message) => ({ ...message, signature: null })) }
  }

  /** Nothing is known of what was before: it is not told. */
  skipTo(messages: number): void {
    this.#messages = messages
  }

  #isNew(id: string): boolean {
    if (this.#told.has(id)) return false
    this.#told.add(id)
    if (this.#told.size > REMEMBERED) {
      const [oldest] = this.#told
      if (oldest !== undefined) this.#told.delete(oldest)
    }
    return true
  }
}

function shortened(lines: readonly string[]): readonly string[] {
  const left = lines.length - MOST_LINES
  if (left <= 0) return lines
  return [`(${left} earlier lines of the subnet are not shown)`, ...lines.slice(-MOST_LINES)]
}

function messagesOf({ id, events }: AppliedOperation): (ChatMessage & { signature: string })[] {
  return events.filter(({ op }) => op === 'msg').map((event) => ({ ...messageOf(event), signature: id }))
}

function messageOf({ details }: AppliedEvent): ChatMessage {
  const { n, who, message } = details as { n: number; who: string; message: Record<string, unknown> }
  return { ...chatMessage(n, message), nick: who === message.address ? null : who }
}

/** A stored message; contracts of ruleset 1 can put anything in its place. */
export function chatMessage(n: number, stored: Readonly<Record<string, unknown>>): ChatMessage {
  const { address, msg, attachments, reply_to: replyTo, pinned, deleted_by: deletedBy } = stored
  return {
    n,
    address: typeof address === 'string' ? address : '',
    nick: null,
    message: typeof msg === 'string' ? msg : null,
    attachments: Array.isArray(attachments) ? attachments.filter((item) => typeof item === 'string') : [],
    replyTo: typeof replyTo === 'number' ? replyTo : null,
    pinned: pinned === true,
    deletedBy: typeof deletedBy === 'string' ? deletedBy : null
  }
}
