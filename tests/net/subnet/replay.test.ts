import type { ApplyHost, ApplyNode } from 'autobase'
import test, { type Assertions } from 'brittle'
import Corestore from 'corestore'
import Hyperbee from 'hyperbee'
import { type Apply, createApply } from '../../../features/subnet/engine/apply.ts'
import { localVerifier } from '../../../features/subnet/engine/local-settlement.ts'
import { ContractRunner } from '../../../features/subnet/engine/runner.ts'
import { toHex } from '../../../src/base/hex.ts'
import { random } from '../../helpers/random.ts'
import { GoldenContract } from '../../helpers/subnet/golden-contract.ts'
import { limits } from '../../helpers/subnet/peer.ts'
import { Story } from '../../helpers/subnet/story.ts'
import { temporaryFolder } from '../../helpers/tmp.ts'

/** What an engine was given in one call, and what Autobase answered it. */
interface Call {
  readonly nodes: readonly ApplyNode[]
  readonly key: Uint8Array
  readonly answers: readonly unknown[]
  /** Of the view, after it. */
  readonly length: number
}

/** The calls that count: those that were taken back are not among them. */
function recording(calls: Call[]): (apply: Apply) => Apply {
  return (apply) => async (nodes, view, host) => {
    while ((calls.at(-1)?.length ?? 0) > view.core.length) calls.pop()
    const answers: unknown[] = []
    const kept = structuredClone(nodes.map(({ value, from }) => ({ value, from: { key: from.key } })))
    await apply(nodes, view, listening(host, answers))
    calls.push({ nodes: kept, key: host.key, answers, length: view.core.length })
  }
}

function listening(host: ApplyHost, answers: unknown[]): ApplyHost {
  const { key, system } = host
  return {
    key,
    system: {
      indexers: system.indexers,
      pendingIndexers: system.pendingIndexers,
      async get(writer) {
        const member = await system.get(writer)
        answers.push(member)
        return member
      }
    },
    removeable(writer) {
      const removeable = host.removeable(writer)
      answers.push(removeable)
      return removeable
    },
    addWriter: (writer, options) => host.addWriter(writer, options),
    removeWriter: (writer) => host.removeWriter(writer),
    interrupt: (reason) => host.interrupt(reason)
  }
}

function answering({ key, answers }: Call): ApplyHost {
  const left = [...answers]
  return {
    key,
    system: { indexers: [], pendingIndexers: [], get: async () => left.shift() as never },
    removeable: () => left.shift() as boolean,
    addWriter: async () => {},
    removeWriter: async () => {},
    interrupt(reason) {
      throw new Error(reason)
    }
  }
}

/** Another engine, with another contract, and no Autobase. */
async function replay(t: Assertions, calls: readonly Call[]): Promise<string> {
  const store = new Corestore(temporaryFolder(t))
  t.teardown(() => store.close())
  const core = store.get({ name: 'view' })
  const view = new Hyperbee(core, { extension: false, keyEncoding: 'utf-8', valueEncoding: 'json' })
  await view.ready()
  const apply = createApply({
    contract: new ContractRunner(new GoldenContract()),
    settlements: { local: localVerifier },
    limits
  })
  for (const call of calls) await apply(call.nodes, view, answering(call))
  return `${core.length} ${toHex(await core.treeHash())}`
}

for (const rules of [1, 2] as const) {
  test(`ruleset ${rules}: the same log from zero is the same state`, { timeout: 120_000 }, async (t) => {
    const seed = Date.now() % 1_000_000
    t.comment(`seed ${seed}`)
    const story = await Story.open(t, random(seed), { rules, peers: 3, indexers: 2 })
    for (let round = 0; round < 4; round++) await story.round()
    await story.transact()
    const calls: Call[] = []
    const reader = await story.read({ around: recording(calls) })
    const { length, hash } = await reader.view()
    t.is(calls.at(-1)?.length, length, 'all of it was applied here')
    t.alike(await story.peers[0]?.view(), { length, hash }, 'who reads it later has the same')
    t.is(await replay(t, calls), `${length} ${hash}`, 'another engine makes the same of it')
  })
}
