import b4a from 'b4a'
import type { MessageOperation } from '../../../src/app/prepared-message.ts'
import { IntercomError, messageOf } from '../../../src/base/errors.ts'
import type { Hex32 } from '../../../src/base/hex.ts'
import { printable } from '../../../src/base/text.ts'
import { checkArguments } from '../../../src/commands/parse.ts'
import { type CommandArgs, commandRow } from '../../../src/commands/table.ts'
import { subnetJoiner } from '../../../src/config/subnet-joiner.ts'
import type { IntercomNode } from '../../../src/node.ts'
import type { Answer } from '../../../src/planes.ts'
import type { AppName, OperationResult, SubnetOperation } from '../../../src/subnet-plane.ts'
import type { AppliedEvent } from '../engine/events.ts'
import { operationId } from '../engine/operation-id.ts'
import { RULESETS } from '../engine/rules.ts'
import type { Subnet } from '../subnet.ts'
import type { Attempts } from './attempts.ts'
import * as guards from './guards.ts'
import type { Op, Pen } from './pen.ts'

interface Asking extends guards.Asking {
  readonly pen: Pen
  readonly app: AppName
}

interface OperationRow<N extends SubnetOperation> {
  /** What must hold besides the role that the command table asks for. */
  readonly check?: (args: CommandArgs<N>, asking: Asking) => Promise<void>
  readonly build: (args: CommandArgs<N>, asking: Asking) => Op
}

/** The answer of an operation. Its first lines are those that the node shows by itself when it is applied. */
export interface OperationAnswer<R extends OperationResult = OperationResult> extends Answer<R> {
  readonly told: number
}

interface Written extends OperationAnswer {
  readonly events: readonly AppliedEvent[]
}

const removal: OperationRow<'remove_writer' | 'remove_indexer'> = {
  async check({ key }, asking) {
    await guards.assertMember(asking, key)
    await guards.assertNotLastIndexer(asking, key)
  },
  build: ({ key }, { pen, rules }) => pen.a(rules, 'removeWriter', key, { op: 'remove_writer' })
}

/** What each command writes; who may is in the command table. The order of fields is that of deployed peers. */
const OPERATIONS: { readonly [N in SubnetOperation]: OperationRow<N> } = {
  // The choice of the ruleset goes with it: nothing can come before.
  add_admin: { build: ({ address }) => ({ type: 'addAdmin', key: address, rules: 2, settlement: 'local' }) },
  update_admin: {
    build: ({ address: admin }, { pen, rules, own }) => pen.b(rules, 'updateAdmin', { admin, address: own })
  },
  add_indexer: {
    build: ({ key }, { pen, rules }) => pen.a(rules, 'addIndexer', key, { op: 'append_writer' })
  },
  add_writer: {
    // An indexer becomes a plain writer by it.
    check: ({ key }, asking) => guards.assertNotLastIndexer(asking, key),
    build: ({ key }, { pen, rules }) => pen.a(rules, 'addWriter', key, { op: 'append_writer' })
  },
  remove_writer: removal,
  remove_indexer: removal,
  unban: {
    check: ({ key }, asking) => guards.assertBanned(asking, key),
    build: ({ key }, { pen, rules }) => pen.a(rules, 'unban', key)
  },
  set_auto_add_writers: {
    build: ({ enabled }, { pen, rules }) => pen.a(rules, 'setAutoAddWriters', onOff(enabled))
  },
  enable_transactions: {
    build: ({ enabled = true }, { pen, rules, own }) =>
      pen.b(rules, 'enableTransactions', { enabled, address: own })
  },
  set_app: {
    check: async (_, { rules }) => guards.assertNewRules(rules),
    build: (_, { pen, rules, own, app: { name, version, hash } }) =>
      pen.b(rules, 'setApp', { name, version, hash, address: own })
  },
  set_chat_status: {
    build: ({ enabled }, { pen, rules }) => pen.a(rules, 'setChatStatus', onOff(enabled))
  },
  set_mod: {
    build: ({ user, mod }, { pen, rules, own }) => pen.b(rules, 'setMod', { user, mod, address: own })
  },
  mute_status: {
    check: ({ user }, asking) => guards.assertBelow(asking, user),
    build: ({ user, muted }, { pen, rules, own }) => pen.b(rules, 'muteStatus', { user, muted, address: own })
  },
  delete_message: {
    check: ({ id }, asking) => guards.assertDeletable(asking, id),
    build: ({ id }, { pen, rules, own }) => pen.b(rules, 'deleteMessage', { id, address: own })
  },
  pin_message: {
    check: ({ id }, asking) => guards.assertMessage(asking, id),
    build: ({ id, pin: pinned }, { pen, rules, own }) =>
      pen.b(rules, 'pinMessage', { id, pinned, address: own })
  },
  unpin_message: {
    check: ({ pin_id }, asking) => guards.assertPin(asking, pin_id),
    build: ({ pin_id: id }, { pen, rules, own }) => pen.b(rules, 'unpinMessage', { id, address: own })
  },
  enable_whitelist: {
    build: ({ enabled }, { pen, rules, own }) => pen.b(rules, 'enableWhitelist', { enabled, address: own })
  },
  set_whitelist_status: {
    build: ({ user, status }, { pen, rules, own }) =>
      pen.b(rules, 'setWhitelistStatus', { user, status, address: own })
  }
}

/** What people ask of the subnet that becomes one operation: the checks before it, and the answer after it. */
export class Operations {
  readonly #node: IntercomNode
  readonly #subnet: Subnet
  readonly #app: AppName
  readonly #attempts: Attempts

  constructor(node: IntercomNode, subnet: Subnet, app: AppName, attempts: Attempts) {
    this.#attempts = attempts
    this.#node = node
    this.#subnet = subnet
    this.#app = app
  }

  async operate(name: SubnetOperation, given: Readonly<Record<string, unknown>>): Promise<OperationAnswer> {
    const args = checkArguments(name, given)
    // The row of a name takes the arguments of that name; the compiler cannot follow it through the union.
    const { check, build } = OPERATIONS[name] as unknown as OperationRow<'add_writer'>
    const checked = args as CommandArgs<'add_writer'>
    const asking = await this.#asking(name === 'add_admin')
    await guards.assertRole(commandRow(name).who, asking, args.id)
    guards.assertWritable(this.#subnet)
    await check?.(checked, asking)
    const { lines, told, result } = await this.#write(build(checked, asking))
    const answer = { lines, told, result }
    return name === 'add_admin' ? this.#withFirstSteps(answer, args.address === asking.own) : answer
  }

  async post({
    message,
    reply_to,
    attachments = []
  }: {
    readonly message: string
    readonly reply_to?: number | undefined
    readonly attachments?: readonly string[] | undefined
  }): Promise<OperationAnswer<OperationResult & { readonly n: number | null }>> {
    const args = checkArguments('post', { message, reply_to }) as CommandArgs<'post'>
    const asking = await this.#asking()
    if (args.message === '') throw new IntercomError('bad_arguments', 'Empty message not allowed')
    guards.assertAttachments(attachments)
    await guards.assertChat(asking)
    guards.assertWritable(this.#subnet)
    await guards.assertMaySpeak(asking)
    const op = asking.pen.b(asking.rules, 'msg', {
      msg: args.message,
      address: asking.own,
      attachments,
      deleted_by: null,
      reply_to: args.reply_to ?? null,
      pinned: false,
      pin_id: null
    })
    if (b4a.byteLength(JSON.stringify(op)) > this.#subnet.protocol.msgMaxBytes())
      throw new IntercomError('too_large', 'Message too large.')
    return this.#say(op, asking.own, asking)
  }

  /** A message that somebody else signed; that the signature is good is known. */
  async postSigned(
    op: MessageOperation
  ): Promise<OperationAnswer<OperationResult & { readonly n: number | null }>> {
    const { address } = op.value.dispatch
    const asking = await this.#asking()
    await guards.assertChat(asking)
    guards.assertWritable(this.#subnet)
    await guards.assertMaySpeak({ ...asking, own: address as Hex32 })
    await guards.assertUnspent(asking, op.hash)
    return this.#say({ ...op }, address, asking)
  }

  async setNick(given: {
    readonly nick: string
    readonly user?: string | undefined
  }): Promise<OperationAnswer> {
    const { nick, user } = checkArguments('set_nick', given) as CommandArgs<'set_nick'>
    const asking = await this.#asking()
    const { pen, rules, own } = asking
    const address = user ?? own
    if (address !== own) {
      await guards.assertRole('admin or mod', asking, null)
      await guards.assertBelow(asking, address)
    }
    await guards.assertChat(asking)
    guards.assertWritable(this.#subnet)
    await guards.assertNick(asking, nick)
    const { lines, told, result } = await this.#write(
      pen.b(rules, 'setNick', { nick, address, initiator: own })
    )
    return { lines, told, result }
  }

  async #asking(isFirst = false): Promise<Asking> {
    const subnet = this.#subnet
    subnet.assertRunning()
    // Whoever names the first admin chooses the rules.
    const rules = isFirst ? RULESETS[2] : await guards.rulesInForce(subnet)
    return { subnet, state: subnet.state(), rules, own: this.#node.key, pen: subnet.pen, app: this.#app }
  }

  async #say(
    op: Op,
    address: string,
    { rules }: Asking
  ): Promise<OperationAnswer<OperationResult & { readonly n: number | null }>> {
    const { dispatch } = op.value as { readonly dispatch: { readonly type: string } }
    await this.#attempts.message(dispatch, address, rules)
    const { lines, told, result, events } = await this.#write(op)
    const n = events.find((event) => event.op === 'msg')?.details.n
    return { lines, told, result: { ...result, n: typeof n === 'number' ? n : null } }
  }

  async #write(op: Op): Promise<Written> {
    const type = String(op.type)
    const applied = await this.#subnet.append(op)
    if (applied?.accepted === false)
      throw new IntercomError('subnet_refused', `The subnet refused this operation (${type}).`)
    const result = { type, id: operationId(op) }
    if (applied === null) {
      const waits = 'It stands in the log of this peer and waits there for operations of others.'
      return { lines: [waits], told: 0, result, events: [] }
    }
    const lines = applied.events.flatMap(({ line }) => (line === null ? [] : [printable(line)]))
    return { lines, told: lines.length, result, events: applied.events }
  }

  /** What there is to do once there is an admin. */
  async #withFirstSteps({ lines, told, result }: OperationAnswer, isOwn: boolean): Promise<OperationAnswer> {
    const note = 'The admin records the app that is in force with /set_app.'
    const app = isOwn ? await this.#recordApp() : { lines: [note], told: 0 }
    const { bootstrap, channel } = this.#subnet
    const { line: joiner, note: need } = subnetJoiner(this.#node.config, {
      bootstrap,
      channel,
      app: this.#app
    })
    const notes = need === null ? [] : [need]
    const withJoiner = { ...result, joiner }
    return {
      lines: [...lines, ...app.lines, 'Others join with:', joiner, ...notes],
      told: told + app.told,
      result: withJoiner
    }
  }

  /** So that peers with another app are warned. That it fails takes nothing from the admin. */
  async #recordApp(): Promise<Pick<OperationAnswer, 'lines' | 'told'>> {
    try {
      return await this.operate('set_app', {})
    } catch (error) {
      return {
        lines: [printable(`The app is not recorded yet (${messageOf(error)}): /set_app does it.`)],
        told: 0
      }
    }
  }
}

function onOff(enabled: boolean): 'on' | 'off' {
  return enabled ? 'on' : 'off'
}
