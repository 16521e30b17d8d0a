import { TokenBucket } from '../../../src/base/bucket.ts'
import { messageOf } from '../../../src/base/errors.ts'
import { type Hex32, isHex32 } from '../../../src/base/hex.ts'
import type { Log } from '../../../src/base/log.ts'
import type { Session } from '../../../src/network/protocols.ts'
import { KEYS } from '../engine/state-keys.ts'
import type { Subnet } from '../subnet.ts'
import { encodeMessage, type MemberMessage } from './messages.ts'

/** Each one becomes a block of the log, for ever. Whoever has many identities has the budget of all, no more. */
const BUDGETS = { one: { perSecond: 0.1, burst: 4 }, all: { perSecond: 0.2, burst: 32 } } as const
const MOST_NEIGHBOURS = 1024
/** At a time. */
const MOST_PENDING = 64
const MOST_TURNS = 16
/** In ms, between two requests of a reader to one neighbour: doubled each time up to this. */
const LONGEST_WAIT = 300_000

/** In ms. */
export interface InvitationTimes {
  /** Between the first two requests of a reader to one neighbour. */
  readonly askAgain: number
  /** How long each further writer waits for the ones before it to have done it. */
  readonly turn: number
}

export interface InvitationsOptions {
  readonly log: Log
  readonly now: () => number
  readonly times: InvitationTimes
}

/**
 * "Invite my key": how a reader asks its neighbours to be made a writer, where the admin allows that to all. Both
 * ends of it: asks while this peer cannot write, and adds others while it can.
 */
export class Invitations {
  readonly #subnet: Subnet
  readonly #log: Log
  readonly #now: () => number
  readonly #times: InvitationTimes
  readonly #budgets = new Map<Hex32, TokenBucket>()
  readonly #all: TokenBucket
  /** Somebody has to wait because of it, and that was said. */
  #complained = false
  /** Keys that are being added. */
  readonly #pending = new Set<Hex32>()
  readonly #asked = new Map<Session, { at: number; wait: number }>()
  readonly #timers = new Set<ReturnType<typeof setTimeout>>()
  #retry: ReturnType<typeof setTimeout> | null = null
  #closed = false

  constructor(subnet: Subnet, { log, now, times }: InvitationsOptions) {
    this.#subnet = subnet
    this.#log = log
    this.#now = now
    this.#times = times
    this.#all = new TokenBucket(BUDGETS.all.perSecond, BUDGETS.all.burst, this.#now())
  }

  handleOpen(session: Session): void {
    this.#asked.set(session, { at: Number.NEGATIVE_INFINITY, wait: this.#times.askAgain / 2 })
    void this.ask()
  }

  handleClose(session: Session): void {
    this.#asked.delete(session)
  }

  /** Asks whoever was not asked lately; to be called whenever it may have become of use. */
  async ask(): Promise<void> {
    try {
      const subnet = this.#subnet
      // A writer that has split off may not write, and yet is one.
      if (this.#closed || subnet.failed || subnet.base.writable || this.#asked.size === 0) return
      if ((await subnet.read(KEYS.autoAddWriters)) !== 'on') return
      if ((await subnet.read(KEYS.banned(subnet.writerKey))) !== null) return
      for (const [session, asked] of this.#asked) this.#askOne(session, asked)
      this.#retryLater()
    } catch (error) {
      if (!this.#closed) this.#log.warn('cannot ask to become a writer', { error: messageOf(error) })
    }
  }

  close(): void {
    this.#closed = true
    for (const timer of this.#timers) clearTimeout(timer)
    if (this.#retry !== null) clearTimeout(this.#retry)
  }

  /** A request of a neighbour; what does not fit, or comes too often, is left. */
  handle({ inviteMyKey, bootstrap, to }: MemberMessage, neighbour: Hex32): void {
    const subnet = this.#subnet
    if (!isHex32(inviteMyKey) || !subnet.writable || this.#closed) return
    if (typeof bootstrap !== 'string' || bootstrap.toLowerCase() !== subnet.bootstrap) return
    if (to !== subnet.peerKey || this.#pending.has(inviteMyKey)) return
    if (this.#pending.size >= MOST_PENDING || !this.#budget(neighbour).take(1, this.#now())) return
    this.#pending.add(inviteMyKey)
    this.#add(inviteMyKey)
      .catch((error: unknown) => {
        if (!this.#closed)
          this.#log.warn('cannot add a writer', { key: inviteMyKey, error: messageOf(error) })
      })
      .finally(() => this.#pending.delete(inviteMyKey))
  }

  async #add(key: Hex32): Promise<void> {
    if (!(await this.#isWanted(key))) return
    const turn = await this.#turn(key)
    if (turn > 0) await this.#wait(turn * this.#times.turn)
    if (this.#closed || !this.#subnet.writable || !(await this.#isWanted(key))) return
    if (this.#mayAppend()) await this.#subnet.append({ type: 'autoAddWriter', key })
  }

  /** Taken only for what goes into the log, so that nothing else uses it up. */
  #mayAppend(): boolean {
    const now = this.#now()
    if (this.#all.isFull(now)) this.#complained = false
    if (this.#all.take(1, now)) return true
    if (!this.#complained) this.#log.warn('many ask to become writers at a time; some of them have to wait')
    this.#complained = true
    return false
  }

  async #isWanted(key: Hex32): Promise<boolean> {
    const subnet = this.#subnet
    if ((await subnet.read(KEYS.autoAddWriters)) !== 'on') return false
    if ((await subnet.read(KEYS.banned(key))) !== null) return false
    const member = await subnet.member(key)
    return member === null || member.isRemoved
  }

  /** How many writers come before this one for that key: each of them has the same list. */
  async #turn(key: Hex32): Promise<number> {
    const own = distance(this.#subnet.writerKey, key)
    let turn = 0
    for (const { key: writer } of await this.#subnet.writers()) {
      if (distance(writer, key) < own) turn++
      if (turn === MOST_TURNS) break
    }
    return turn
  }

  #wait(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        this.#timers.delete(timer)
        resolve()
      }, ms)
      this.#timers.add(timer)
    })
  }

  #budget(neighbour: Hex32): TokenBucket {
    let budget = this.#budgets.get(neighbour)
    if (budget === undefined) {
      if (this.#budgets.size >= MOST_NEIGHBOURS) this.#forgetFull()
      budget = new TokenBucket(BUDGETS.one.perSecond, BUDGETS.one.burst, this.#now())
      this.#budgets.set(neighbour, budget)
    }
    return budget
  }

  #forgetFull(): void {
    for (const [key, budget] of this.#budgets) if (budget.isFull(this.#now())) this.#budgets.delete(key)
    // Where they come faster than that, those who came first start anew: the budget of all holds.
    for (const key of this.#budgets.keys()) {
      if (this.#budgets.size < MOST_NEIGHBOURS) break
      this.#budgets.delete(key)
    }
  }

  #askOne(session: Session, asked: { at: number; wait: number }): void {
    const now = this.#now()
    const since = now - asked.at
    // A clock that was set back says nothing of how long it is ago.
    if (since >= 0 && since < asked.wait) return
    const { writerKey: inviteMyKey, bootstrap } = this.#subnet
    session.send(encodeMessage({ inviteMyKey, bootstrap, to: session.neighbour.key }))
    asked.at = now
    asked.wait = Math.min(2 * asked.wait, LONGEST_WAIT)
  }

  #retryLater(): void {
    if (this.#retry !== null || this.#closed) return
    this.#retry = setTimeout(() => {
      this.#retry = null
      void this.ask()
    }, this.#times.askAgain)
  }
}

/** Another order of writers for each key. */
function distance(writer: string, key: string): string {
  let out = ''
  for (let i = 0; i < 16; i++)
    out += (Number.parseInt(writer[i] as string, 16) ^ Number.parseInt(key[i] as string, 16)).toString(16)
  return out
}
