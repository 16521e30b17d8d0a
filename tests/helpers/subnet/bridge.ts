import { SubnetDesk } from '../../../features/subnet/desk.ts'
import { RULESETS } from '../../../features/subnet/engine/rules.ts'
import { ContractRunner } from '../../../features/subnet/engine/runner.ts'
import type { TrialRunner } from '../../../features/subnet/transactions/trials.ts'
import { Contract } from '../../../src/app/contract.ts'
import { Protocol } from '../../../src/app/protocol.ts'
import type { HostPort } from '../../../src/config/types.ts'
import type { NodeOptions } from '../../../src/node.ts'
import { addBridge, BRIDGE_FLAGS, type OpenedBridge } from '../bridge.ts'
import { prepareNode } from '../node.ts'
import { startDht } from '../swarm.ts'
import type { Scope } from '../tmp.ts'
import { appOf } from './member.ts'

const rules = RULESETS[2]

/** Keys and their values. */
type Entries = Readonly<Record<string, unknown>>

/** Writes what it is told to. */
export class BoardContract extends Contract {
  constructor(protocol: unknown = null) {
    super(protocol)
    this.addFunction('set')
    this.addFunction('fail')
    this.addFeature('board_feature', () => this.#write((this.op as { readonly value: Entries }).value))
  }

  set(): Promise<string> {
    return this.#write(this.value as Entries)
  }

  async #write(entries: Entries): Promise<string> {
    for (const [key, value] of Object.entries(entries)) {
      if (value === null) await this.del(key)
      else await this.put(key, letters(value) ?? value)
    }
    return `${Object.keys(entries).length} set`
  }

  fail(): Error {
    return new Error('not like this')
  }
}

export class BoardProtocol extends Protocol {
  override mapTxCommand(command: string) {
    if (command === 'fail') return { type: 'fail', value: null }
    return command.startsWith('set ') ? { type: 'set', value: this.safeJsonParse(command.slice(4)) } : null
  }
}

export interface SubnetBridge extends OpenedBridge {
  readonly desk: SubnetDesk
  /** One batch, as the admin's feature. */
  put(...entries: Entries[]): Promise<void>
  /** Says something in the chat. */
  say(...texts: string[]): Promise<void>
}

export interface SubnetBridgeOptions extends Partial<NodeOptions> {
  readonly dht?: readonly HostPort[]
  readonly folder?: string
}

/** A node with its bridge and a subnet of its own, of which it is the admin, with the chat on. */
export async function openSubnetBridge(
  t: Scope,
  flags: readonly string[] = [],
  { dht, folder, ...options }: SubnetBridgeOptions = {}
): Promise<SubnetBridge> {
  const bootstrap = dht ?? (await startDht(t))
  const { node, start } = await prepareNode(t, bootstrap, [...BRIDGE_FLAGS, ...flags], folder, options)
  const desk = new SubnetDesk(node, {
    app: appOf((protocol) => new BoardContract(protocol), {
      createProtocol: (peer, base) => new BoardProtocol(peer, base)
    }),
    transactions: { createTrialRunner: createRunner }
  })
  t.teardown(() => desk.close(), { order: 20 })
  await desk.ready()
  const { subnet } = desk
  if (desk.writable && (await desk.get('admin', false)) === null) {
    await subnet.append({ type: 'addAdmin', key: node.key, rules: 2, settlement: 'local' })
    await subnet.append(subnet.pen.a(rules, 'setChatStatus', 'on'))
  }
  const opened = await addBridge(t, await start())
  return {
    ...opened,
    desk,
    async put(...entries) {
      const ops = entries.map((value) => subnet.pen.feature(rules, 'board', 'set', value))
      for (const outcome of await Promise.all(ops.map((op) => subnet.append(op))))
        if (outcome?.accepted === false) throw new Error('refused')
    },
    async say(...texts) {
      const more = { attachments: [], deleted_by: null, reply_to: null, pinned: false, pin_id: null }
      const ops = texts.map((msg) => subnet.pen.b(rules, 'msg', { msg, address: node.key, ...more }))
      await Promise.all(ops.map((op) => subnet.append(op)))
    }
  }
}

/** In this process: the app has no folder that another one could load it from. */
function createRunner(): TrialRunner {
  const runner = new ContractRunner(new BoardContract())
  const nothing = async () => {}
  return {
    run: (input, rules, { get }) => runner.run(input, { get, put: nothing, del: nothing }, rules),
    close: nothing
  }
}

/** `{ letters: 3 }` is `xxx`: operations are small, values need not be. */
function letters(value: unknown): string | null {
  if (typeof value !== 'object' || value === null) return null
  const { letters: count } = value as { letters?: unknown }
  return typeof count === 'number' ? 'x'.repeat(count) : null
}
