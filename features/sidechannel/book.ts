import fs from '#fs'
import { IntercomError, messageOf, systemCode } from '../../src/base/errors.ts'
import { type Hex32, isHex32 } from '../../src/base/hex.ts'
import { quoted } from '../../src/base/text.ts'
import type { PeerStore } from '../../src/store/peer-store.ts'
import { type Invite, parseInvite, parseWelcome, type Welcome } from './grants.ts'
import { type ChannelName, channelName } from './names.ts'

/** What is known of a channel beyond the flags. */
export interface Grants {
  /** Who became its owner by `/sc_welcome` or at a join. */
  owner?: Hex32
  /** Signed by the owner; verified when it is put to use. */
  welcome?: Welcome
  /** Ours; verified when it is put to use. */
  invite?: Invite
  /** Joined at the next start too. */
  joined?: boolean
}

/** The grants of all channels, kept in the store (spec/sidechannel 2.8) unless that was turned off. */
export class GrantBook {
  readonly #store: PeerStore
  readonly #persist: boolean
  readonly #most: number
  readonly #grants = new Map<ChannelName, Grants>()

  /** `most`: of how many channels something is kept. */
  constructor(store: PeerStore, persist: boolean, most: number) {
    this.#store = store
    this.#persist = persist
    this.#most = most
  }

  /** Reads what an earlier run kept; entries that are no grants are left out. */
  open(): void {
    if (!this.#persist) return
    for (const [name, value] of Object.entries(this.#read())) {
      const channel = channelName(name)
      if (channel !== null && typeof value === 'object' && value !== null)
        this.#grants.set(channel, toGrants(value))
    }
  }

  get(channel: ChannelName): Readonly<Grants> {
    return this.#grants.get(channel) ?? {}
  }

  entries(): IterableIterator<[ChannelName, Grants]> {
    return this.#grants.entries()
  }

  update(channel: ChannelName, change: Grants): void {
    const before = this.#grants.get(channel)
    const after = { ...before, ...change }
    if (before !== undefined && JSON.stringify(after) === JSON.stringify(before)) return
    if (before === undefined && this.#grants.size >= this.#most) throw full(this.#most)
    // Written first: what is not kept must not look as if it were.
    this.#write(new Map(this.#grants).set(channel, after))
    this.#grants.set(channel, after)
  }

  forget(channel: ChannelName): void {
    if (!this.#grants.has(channel)) return
    const left = new Map(this.#grants)
    left.delete(channel)
    this.#write(left)
    this.#grants.delete(channel)
  }

  #read(): object {
    const file = this.#store.file('sidechannels.json')
    try {
      const content: unknown = JSON.parse(fs.readFileSync(file, 'utf-8'))
      if (typeof content === 'object' && content !== null) return content
      throw new SyntaxError('it holds no object')
    } catch (error) {
      if (systemCode(error) === 'ENOENT') return {}
      const next = 'Mend the file, or move it away: invites and welcomes then have to be given again.'
      throw new IntercomError('store_broken', `Cannot read ${quoted(file)} (${messageOf(error)}).`, {
        next,
        cause: error
      })
    }
  }

  #write(grants: ReadonlyMap<ChannelName, Grants>): void {
    if (!this.#persist) return
    this.#store.writeFile('sidechannels.json', `${JSON.stringify(Object.fromEntries(grants), null, 1)}\n`)
  }
}

/** The file is written whole at each change, so it cannot grow for ever. */
function full(most: number): IntercomError {
  return new IntercomError('denied', `Grants of ${most} channels are kept already.`, {
    next: 'Forget some with /sc_leave, or raise --sidechannel-max-channels.'
  })
}

function toGrants(value: object): Grants {
  const { owner, welcome, invite, joined } = value as Record<string, unknown>
  const knownWelcome = parseWelcome(welcome)
  const knownInvite = parseInvite(invite)
  return {
    ...(isHex32(owner) ? { owner } : {}),
    ...(knownWelcome === null ? {} : { welcome: knownWelcome }),
    ...(knownInvite === null ? {} : { invite: knownInvite }),
    ...(joined === true ? { joined } : {})
  }
}
