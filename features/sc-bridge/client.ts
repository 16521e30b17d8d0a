import type { Access } from '../../src/access/tokens.ts'
import type { Log } from '../../src/base/log.ts'
import { BUSY, MOST_GUESSES, PENDING } from '../../src/bridge/limits.ts'
import { type CheckedRequest, parseRequest } from '../../src/bridge/parse.ts'
import { type Capability, REQUESTS, type RequestType } from '../../src/bridge/protocol.ts'
import type { CheckedFields, ErrorReply, ReplyFields } from '../../src/bridge/types.ts'
import type { Lease } from '../../src/http/acceptor.ts'
import { textFrame } from '../../src/websocket/frames.ts'
import type { WebSocketConnection } from '../../src/websocket/socket.ts'
import type { FeedEvent } from './feed.ts'
import { type Filter, messageIn, parseFilter } from './filter.ts'
import { Following } from './following.ts'
import type { Hub } from './hub.ts'
import { LateAnswers } from './late-answers.ts'
import { Outflow } from './outflow.ts'
import { forbidden, forbiddenType, namesIn } from './permission.ts'
import { refusal, refused } from './refusals.ts'
import { resumption } from './resume.ts'
import { Watching } from './watching.ts'

/** One connection: who it is, what it follows, and what waits for it. */
export class BridgeClient {
  readonly watching: Watching
  readonly #hub: Hub
  readonly #connection: WebSocketConnection
  readonly #lease: Lease
  readonly #log: Log
  readonly #outflow: Outflow
  readonly #following = new Following()
  /** To wrong tokens. */
  readonly #answers = new LateAnswers()
  /** Its commands run one at a time, in order. */
  readonly #caller = { ask: async () => null }
  #access: Access | null = null
  #filter: Filter | null
  #failures = 0
  #underWay = 0

  constructor(hub: Hub, connection: WebSocketConnection, lease: Lease) {
    this.#hub = hub
    this.#connection = connection
    this.#lease = lease
    lease.onend = (reason) => {
      if (reason === 'expired' && this.#answers.giveNow()) this.close(1008, 'Unauthorized.')
      else if (reason === 'expired') this.close(1008, `Authenticate within ${PENDING.timeMs / 1000} seconds.`)
      else this.close(1013, 'Too many connections wait to authenticate: try again.')
    }
    this.#log = hub.log
    this.#filter = parseFilter(hub.defaultFilter)
    this.#outflow = new Outflow(connection, {
      history: hub.history,
      wants: (channel, frame) => this.#follows(channel) && this.#passes(channel, () => messageIn(frame)),
      lagged: (dropped, channels, subnet) => {
        hub.counts.dropped(dropped)
        return textFrame(JSON.stringify({ type: 'lagged', dropped, channels, ...subnet }))
      }
    })
    this.watching = new Watching({
      outflow: this.#outflow,
      may: () => this.mayUseSubnet && this.may('read'),
      sent: hub.counts.sent
    })
    this.#outflow.reply(textFrame(JSON.stringify(hub.hello())))
  }

  get authenticated(): boolean {
    return this.#access !== null
  }

  get waitingBytes(): number {
    return this.#outflow.waitingBytes
  }

  /** An event for everybody it concerns; `message` is what filters look at. */
  deliver(event: FeedEvent, message: unknown): void {
    if (!this.#access?.capabilities.has('read')) return
    if (event.channel !== null) {
      if (!this.#follows(event.channel) || !this.#passes(event.channel, () => message)) return
    }
    this.#outflow.event(event)
    this.#hub.counts.sent()
  }

  handleText(text: string): void {
    const parsed = parseRequest(text)
    if (parsed.ok && parsed.request.type === 'auth') {
      this.#authenticate(parsed.id, parsed.request.fields.token)
      return
    }
    if (this.#access === null) {
      this.#hub.counts.request(parsed.ok ? parsed.request.type : (parsed.type ?? 'other'), 'unauthorized')
      this.#reply(parsed.id, refusal('unauthorized', 'Unauthorized.'))
      return
    }
    this.#outflow.release()
    const { type } = parsed.ok ? parsed.request : parsed
    // Before what is wrong with its fields: whoever may not ask at all need not mend them.
    const fault = type === null ? null : forbiddenType(type, this.#access, this.#hub)
    if (fault !== null) this.#refuse(parsed.id, type, fault)
    else if (parsed.ok) this.#run(parsed.id, parsed.request, this.#access)
    else this.#refuse(parsed.id, type, refusal(parsed.code, parsed.error))
  }

  handleDrain(): void {
    this.#outflow.handleDrain()
    this.#readOn()
  }

  handleClose(): void {
    this.#outflow.handleClose()
    this.#answers.clear()
  }

  close(code: number, reason: string): void {
    this.#connection.close(code, reason)
  }

  /** Adds channels to those that are followed; none at all means every channel. */
  subscribe(fields: CheckedFields<'subscribe'>): ReplyFields<'subscribed'> {
    const names = namesIn(fields)
    const plan = resumption(fields, names, {
      history: this.#hub.history,
      epoch: this.#hub.epoch,
      followed: () => this.#followed(names)
    })
    this.#following.add(names)
    const replays = Object.entries(plan.replay ?? {})
    if (replays.length > 0)
      this.#outflow.resumeAll(new Map(replays.map(([channel, { from }]) => [channel, from])))
    return { ...this.#subscribed(), ...plan }
  }

  unsubscribe(fields: CheckedFields<'unsubscribe'>): ReplyFields<'subscribed'> {
    const names = namesIn(fields)
    if (names.length === 0) this.#following.clear()
    this.#following.remove(names)
    // With the last one gone every channel is followed, these too.
    for (const name of names) if (!this.#follows(name)) this.#outflow.stop(name)
    return this.#subscribed()
  }

  filter(text: string): ReplyFields<'filter_set'> {
    this.#filter = parseFilter(text)
    return { filter: text }
  }

  mayUse(channel: string): boolean {
    const channels: ReadonlySet<string> | null = this.#access?.channels ?? null
    return channels?.has(channel) ?? true
  }

  /** The subnet is no channel: whoever is for some of those only has no business there. */
  get mayUseSubnet(): boolean {
    return this.#access?.channels === null
  }

  may(capability: Capability): boolean {
    return this.#access?.capabilities.has(capability) ?? false
  }

  get caller() {
    return this.#caller
  }

  #subscribed(): ReplyFields<'subscribed'> {
    const positions = this.#followed([]).map((channel) => [channel, this.#hub.history.last(channel)])
    return {
      channels: this.#following.named,
      epoch: this.#hub.epoch,
      positions: Object.fromEntries(positions)
    }
  }

  /** The channels that there were messages of, as far as this client follows them, or is about to. */
  #followed(more: readonly string[]): string[] {
    return this.#hub.history.channels().filter((name) => this.#follows(name) || more.includes(name))
  }

  #follows(channel: string): boolean {
    return this.mayUse(channel) && this.#following.has(channel)
  }

  #passes(channel: string, message: () => unknown): boolean {
    const { filterChannels } = this.#hub
    if (this.#filter === null || (filterChannels !== null && !filterChannels.has(channel))) return true
    return this.#filter(message())
  }

  #authenticate(id: number | null, token: string): void {
    const access = this.#hub.authenticate(token)
    if (access !== null) {
      this.#access = access
      this.#lease.release()
      this.#hub.counts.request('auth', 'ok')
      this.#connection.limit = this.#hub.maxFrameBytes
      this.#connection.budget = null
      this.watching.narrow()
      this.#outflow.hold()
      this.#reply(id, { type: 'auth_ok' })
      return
    }
    this.#failures++
    this.#hub.counts.request('auth', 'unauthorized')
    this.#hub.counts.wrongToken()
    const delay = this.#hub.throttle.fail(this.#lease.remoteAddress, this.#hub.now())
    this.#hub.complainOfToken({ address: this.#lease.remoteAddress, attempt: this.#failures })
    const last = this.#failures >= MOST_GUESSES
    // What it sends meanwhile would only be more guesses.
    if (last) this.#connection.pause()
    this.#answers.add(delay, () => {
      this.#reply(id, refusal('unauthorized', 'Unauthorized.'))
      if (last) this.close(1008, 'Unauthorized.')
    })
  }

  #run(id: number | null, request: CheckedRequest, access: Access): void {
    const { type } = request
    const fault = forbidden(request, access, this.#hub)
    if (fault !== null) {
      this.#refuse(id, type, fault)
      return
    }
    const answer = (fields: object) => {
      this.#reply(id, { type: REQUESTS[type].reply, ...fields })
      this.#hub.counts.request(type, 'ok')
      this.#log.debug('request', { request: type })
    }
    const fail = (error: unknown) => {
      const reply = refused(type, error)
      if (reply.code === 'internal')
        this.#log.error('a request failed', { request: type, error: reply.detail ?? '' })
      this.#refuse(id, type, reply)
    }
    try {
      const fields = this.#hub.handle(this, request)
      // What is known at once is answered in the order in which it was asked.
      if (!(fields instanceof Promise)) answer(fields)
      else this.#wait(fields.then(answer).catch(fail))
    } catch (error) {
      fail(error)
    }
  }

  #wait(answered: Promise<void>): void {
    this.#underWay++
    this.#readOn()
    void answered.finally(() => {
      this.#underWay--
      this.#readOn()
    })
  }

  #refuse(id: number | null, type: RequestType | null, reply: ErrorReply): void {
    this.#hub.counts.request(type ?? 'other', reply.code)
    this.#log.debug('refused', { request: type ?? 'unknown', code: reply.code })
    this.#reply(id, reply)
  }

  #reply(id: number | null, fields: object & { readonly type: string }): void {
    const { type, ...rest } = fields
    this.#outflow.reply(textFrame(JSON.stringify(id === null ? fields : { type, id, ...rest })))
    this.#readOn()
  }

  /** A client that asks faster than it reads the answers is read more slowly. */
  #readOn(): void {
    const busy = this.#underWay >= BUSY.requests || this.#outflow.replyBytes > BUSY.replyBytes
    if (busy) this.#connection.pause()
    else if (this.#failures < MOST_GUESSES) this.#connection.resume()
  }
}
