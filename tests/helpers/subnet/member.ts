import { type LoadedApp, loadApp } from '../../../features/subnet/app/load-app.ts'
import { type DeskOptions, SubnetDesk } from '../../../features/subnet/desk.ts'
import { ContractRunner } from '../../../features/subnet/engine/runner.ts'
import type { TransactionsOptions } from '../../../features/subnet/transactions/transactions.ts'
import type { TrialRunner } from '../../../features/subnet/transactions/trials.ts'
import type { Contract } from '../../../src/app/contract.ts'
import { Protocol } from '../../../src/app/protocol.ts'
import { hex32 } from '../../../src/base/hex.ts'
import type { HostPort } from '../../../src/config/types.ts'
import type { IntercomNode, NodeOptions } from '../../../src/node.ts'
import { prepareNode } from '../node.ts'
import { type Scope, temporaryFolder } from '../tmp.ts'
import { GoldenContract } from './golden-contract.ts'
import { byte } from './ops.ts'

/** An app without a folder. */
export function appOf(
  createContract: (protocol: Protocol) => Contract,
  more: Partial<LoadedApp> = {}
): LoadedApp {
  return {
    name: 'test',
    version: '1',
    hash: hex32(new Uint8Array(32)),
    findings: [],
    features: {},
    createProtocol: (peer, base) => new Protocol(peer, base),
    createContract,
    ...more
  }
}

export interface OpenMember {
  readonly node: IntercomNode
  readonly desk: SubnetDesk
  readonly lines: string[]
  /** Of the log of the node. */
  readonly logged: readonly string[]
  readonly folder: string
  close(): Promise<void>
}

export interface MemberOptions extends Partial<NodeOptions> {
  readonly transactions?: Partial<TransactionsOptions>
  readonly times?: DeskOptions['times']
  readonly apiMsgExposed?: boolean
  /** Not looked at where `--app` names a folder. */
  readonly app?: LoadedApp
  readonly folder?: string
}

/** A whole node with its subnet in the test's process. */
export async function openMember(
  t: Scope,
  dht: readonly HostPort[],
  flags: readonly string[] = [],
  {
    app = appOf((protocol) => new GoldenContract(protocol)),
    folder = temporaryFolder(t),
    transactions = {},
    times,
    apiMsgExposed,
    ...options
  }: MemberOptions = {}
): Promise<OpenMember> {
  const { node, lines: logged } = await prepareNode(t, dht, flags, folder, options)
  const desk = await createDesk(node, app, { transactions, times, apiMsgExposed })
  const lines: string[] = []
  desk.on('line', (line: string) => lines.push(line))
  t.teardown(() => desk.close(), { order: 20 })
  try {
    await desk.ready()
  } catch (error) {
    await node.close()
    throw error
  }
  return {
    node,
    desk,
    lines,
    logged,
    folder,
    async close() {
      await desk.close()
      await node.close()
    }
  }
}

/** An app in a folder is tried in a process of its own, as always; one without cannot be. */
async function createDesk(
  node: IntercomNode,
  app: LoadedApp,
  {
    transactions,
    ...options
  }: Pick<DeskOptions, 'times' | 'apiMsgExposed'> & { readonly transactions: Partial<TransactionsOptions> }
): Promise<SubnetDesk> {
  const { app: folder } = node.config
  if (folder !== null) return new SubnetDesk(node, { app: await loadApp(folder), transactions, ...options })
  const createTrialRunner = (): TrialRunner => {
    const runner = new ContractRunner(app.createContract(desk.subnet.protocol))
    const nothing = async () => {}
    return {
      run: (input, rules, store) =>
        runner.run(input, { get: (key) => store.get(key), put: nothing, del: nothing }, rules),
      close: nothing
    }
  }
  const desk: SubnetDesk = new SubnetDesk(node, {
    app,
    transactions: { createTrialRunner, ...transactions },
    ...options
  })
  return desk
}

/** Resolves once this holds; looked at again after each batch that is applied. */
export async function until(member: OpenMember, holds: () => boolean | Promise<boolean>): Promise<void> {
  const { subnet } = member.desk
  let changed = Promise.resolve()
  for (;;) {
    changed = new Promise((resolve) => {
      const done = () => {
        subnet.off('applied', done)
        subnet.off('writable', done)
        resolve()
      }
      subnet.on('applied', done)
      subnet.on('writable', done)
    })
    if (await holds()) return
    await changed
  }
}

export const someKey = byte(0xee)
