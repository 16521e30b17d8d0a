import type Hyperbee from 'hyperbee'
import type { ViewCore } from 'hyperbee'
import { toHex } from '../../../src/base/hex.ts'
import type {
  AppStatus,
  ChatMessage,
  ListArgs,
  StateEntry,
  SubnetRoles,
  SubnetStats
} from '../../../src/subnet-plane.ts'
import { KEYS } from '../engine/state-keys.ts'
import { whenHere } from '../log/failures.ts'
import type { Subnet } from '../subnet.ts'
import { chatMessage } from './told.ts'

const LIST = { usual: 100, most: 1000 } as const
/** Of one role; nobody can look at more. */
const MOST_NAMES = 10_000
/** Greater than any key with the prefix before it. */
const LAST = '\u{10ffff}'

/** Everything that only looks at the state. */
export class Reader {
  readonly #subnet: Subnet
  readonly #app: Omit<AppStatus, 'inForce'>

  constructor(subnet: Subnet, app: Omit<AppStatus, 'inForce'>) {
    this.#subnet = subnet
    this.#app = app
  }

  get(key: string, confirmed = true): Promise<unknown> {
    return confirmed ? this.#subnet.readConfirmed(key) : this.#subnet.read(key)
  }

  async list({ prefix, after, limit = LIST.usual, confirmed = true }: ListArgs): Promise<StateEntry[]> {
    const view = confirmed ? this.#subnet.confirmedView() : this.#subnet.base.view.snapshot()
    if (view === null) return []
    try {
      return await whenHere(entries(view, prefix, { after, limit: Math.min(limit, LIST.most) }))
    } finally {
      await view.close()
    }
  }

  async stats(): Promise<SubnetStats> {
    const subnet = this.#subnet
    if (subnet.failed) return this.#failedStats()
    const { base } = subnet
    const { core } = base.view
    const writers = await subnet.writers()
    return {
      bootstrap: subnet.bootstrap,
      channel: subnet.channel,
      writerKey: subnet.writerKey,
      admin: await subnet.state().admin(),
      ruleset: (await subnet.rules())?.version ?? null,
      settlement: await subnet.settlementKind(),
      isIndexer: base.isIndexer,
      isWriter: base.writable,
      indexers: writers.filter(({ indexer }) => indexer).length,
      writers: writers.length,
      viewLength: core.length,
      signedLength: core.signedLength,
      viewHash: await hashOf(() => core),
      systemLength: base.system.core.length,
      systemHash: await hashOf(() => base.system.core),
      interrupted: subnet.interrupted,
      split: subnet.split,
      differingIndexers: subnet.differingIndexers,
      app: await this.app()
    }
  }

  /** What can be told without the state. */
  #failedStats(): SubnetStats {
    const { bootstrap, channel, writerKey, interrupted } = this.#subnet
    return {
      ...{ bootstrap, channel, writerKey, interrupted },
      ...{ admin: null, ruleset: null, settlement: 'local', isIndexer: false, isWriter: false },
      ...{ indexers: 0, writers: 0, viewLength: 0, signedLength: 0, viewHash: '' },
      ...{ split: false, differingIndexers: [] },
      ...{ systemLength: 0, systemHash: '', app: { ...this.#app, inForce: null } }
    }
  }

  async app(state = this.#subnet.state()): Promise<AppStatus> {
    const record = await state.record(KEYS.app)
    const inForce =
      record === null
        ? null
        : { name: String(record.name), version: String(record.version), hash: String(record.hash) }
    return { ...this.#app, inForce }
  }

  async roles(): Promise<SubnetRoles> {
    const snapshot = this.#subnet.base.view.snapshot()
    const switched = async (key: string, usual: boolean) => {
      const value = (await whenHere(snapshot.get(key)))?.value
      return value === undefined ? usual : value === true || value === 'on'
    }
    const names = async (prefix: string) =>
      (await whenHere(entries(snapshot, prefix, { limit: MOST_NAMES })))
        .filter(({ value }) => value === true)
        .map(({ key }) => key.slice(prefix.length))
    try {
      return {
        admin: await this.#subnet.state().admin(),
        ruleset: (await this.#subnet.rules())?.version ?? null,
        autoAddWriters: await switched(KEYS.autoAddWriters, false),
        chat: await switched(KEYS.chatStatus, false),
        transactions: await switched(KEYS.transactions, true),
        whitelist: await switched(KEYS.whitelist, false),
        writers: await this.#subnet.writers(),
        mods: await names(KEYS.mod('')),
        muted: await names(KEYS.muted('')),
        whitelisted: await names(KEYS.whitelisted('')),
        banned: await names(KEYS.banned(''))
      }
    } finally {
      await snapshot.close()
    }
  }

  /** The last ones, unless it is said from where. */
  async messages({
    from,
    limit = LIST.usual
  }: {
    readonly from?: number | undefined
    readonly limit?: number | undefined
  }): Promise<{ total: number; messages: ChatMessage[] }> {
    const state = this.#subnet.state()
    const total = await state.count(KEYS.messages)
    const first = from ?? Math.max(0, total - limit)
    const messages: ChatMessage[] = []
    for (let n = first; n < Math.min(total, first + Math.min(limit, LIST.most)); n++) {
      const stored = await state.record(KEYS.message(n))
      if (stored === null) continue
      const message = chatMessage(n, stored)
      const nick = await state.get(KEYS.nick(message.address))
      messages.push({ ...message, nick: typeof nick === 'string' ? nick : null })
    }
    return { total, messages }
  }
}

async function entries(
  view: Hyperbee,
  prefix: string,
  { after, limit }: { readonly after?: string | undefined; readonly limit: number }
): Promise<StateEntry[]> {
  const from = after !== undefined && after >= prefix ? { gt: after } : { gte: prefix }
  const found: StateEntry[] = []
  for await (const { key, value } of view.createReadStream({ ...from, lt: prefix + LAST, limit })) {
    found.push({ key, value })
  }
  return found
}

/** A reorder can shorten it while it is being hashed; and once the indexers have changed it is another one. */
async function hashOf(coreNow: () => Pick<ViewCore, 'length' | 'treeHash'>): Promise<string> {
  for (let tries = 3; ; tries--) {
    const core = coreNow()
    const { length } = core
    if (length === 0) return ''
    try {
      return toHex(await core.treeHash(length))
    } catch (error) {
      if (tries === 0) throw error
    }
  }
}
