import type { Hex32 } from '../../src/base/hex.ts'
import { parseTokenText } from '../../src/base/token-text.ts'
import type { IntercomNode } from '../../src/node.ts'
import { GrantBook } from './book.ts'
import { Channel } from './channel.ts'
import {
  createInvite,
  createWelcome,
  type Invite,
  parseInvite,
  verifyWelcome,
  type Welcome
} from './grants.ts'
import { type ChannelName, ENTRY_CHANNEL } from './names.ts'
import { type ChannelPolicy, channelPolicy, configuredOwner } from './policy/channel-policy.ts'

/** What a join, a send or a request may bring along. Values as they came, nothing verified. */
export interface Credentials {
  readonly invite?: unknown
  readonly welcome?: unknown
  /** The channel's owner, where none is configured. */
  readonly owner?: Hex32
}

export type CredentialFault = 'uninvited' | 'bad_invite' | 'bad_welcome' | 'other_owner'

/** Who owns which channel, and what this node may show or hand out for it: from flags, kept, or given. */
export class Keyring {
  readonly #node: IntercomNode
  readonly #book: GrantBook

  constructor(node: IntercomNode) {
    this.#node = node
    this.#book = new GrantBook(
      node.store,
      node.config.sidechannelPersist,
      4 * node.config.sidechannelMaxChannels
    )
  }

  open(): void {
    this.#book.open()
  }

  /** Those that were joined when the node ran last. */
  joined(): ChannelName[] {
    return [...this.#book.entries()].filter(([, grants]) => grants.joined).map(([name]) => name)
  }

  policyOf(name: ChannelName, owner = this.#book.get(name).owner ?? null): ChannelPolicy {
    return channelPolicy(this.#node.config, name, this.#node.key, owner)
  }

  /**
   * The channel as it would be with these credentials on top of what is known. On its own, so that a refusal
   * leaves no trace.
   */
  admit(name: ChannelName, credentials: Credentials, known: Channel | null): Channel | CredentialFault {
    const now = this.#node.now()
    const { owner } = this.policyOf(name)
    if (credentials.owner !== undefined && owner !== null && owner !== credentials.owner) return 'other_owner'
    const channel = new Channel(this.policyOf(name, credentials.owner ?? owner), this.#node.key)
    const { welcome, invite } = this.#book.get(name)
    for (const value of [this.#configured('sidechannelWelcome', name), welcome, known?.welcome])
      channel.acceptWelcome(value)
    for (const value of [this.#configured('sidechannelInvite', name), invite, known?.invite])
      channel.acceptInvite(value, now)
    const fault = takeGiven(channel, credentials, now)
    if (fault !== null) return fault
    return channel.maySelf(now) ? channel : 'uninvited'
  }

  /** For the next start. */
  keep({ policy: { channel, owner }, invite, welcome }: Channel): void {
    if (channel === ENTRY_CHANNEL) return
    // What the flags say is theirs to say at the next start.
    const granted = configuredOwner(this.#node.config, channel) === null ? owner : null
    this.#book.update(channel, {
      joined: true,
      ...(granted === null ? {} : { owner: granted }),
      ...(invite === null ? {} : { invite }),
      ...(welcome === null ? {} : { welcome })
    })
  }

  /** Invites and welcomes go; whoever made a channel theirs keeps it. `false`: there was nothing to forget. */
  forget(name: ChannelName): boolean {
    const { owner, ...granted } = this.#book.get(name)
    const isOwner = this.policyOf(name).owner === this.#node.key
    if (Object.keys(granted).length === 0 && (owner === undefined || isOwner)) return false
    this.#book.forget(name)
    if (isOwner) this.#book.update(name, { owner: this.#node.key })
    return true
  }

  /** Signs a welcome and, where there is no owner, makes this peer the owner (spec/sidechannel 1.7). */
  createWelcome(name: ChannelName, text: string): Welcome | 'owner_only' {
    const { key, now, signer } = this.#node
    const owner = this.policyOf(name).owner ?? key
    if (name === ENTRY_CHANNEL || owner !== key) return 'owner_only'
    const welcome = createWelcome({ channel: name, text, issuedAt: now() }, signer)
    this.#book.update(name, { owner, welcome })
    return welcome
  }

  createInvite(name: ChannelName, invitee: Hex32, ttlSeconds: number, welcome: Welcome | null): Invite {
    const { address, now, signer } = this.#node
    const issuedAt = now()
    return createInvite(
      {
        ...{ channel: name, inviteePubKey: invitee, inviterAddress: address, issuedAt },
        expiresAt: issuedAt + ttlSeconds * 1000,
        ...(welcome === null ? {} : { welcome })
      },
      signer
    )
  }

  welcomeOf(name: ChannelName, known: Channel | null): Welcome | null {
    if (known?.welcome) return known.welcome
    const { owner } = this.policyOf(name)
    const verdicts = [this.#configured('sidechannelWelcome', name), this.#book.get(name).welcome].map(
      (value) => verifyWelcome(value, name, owner)
    )
    return verdicts.find((verdict) => verdict.ok)?.welcome ?? null
  }

  /**
   * Deployed peers look for an invite made out to who sends the request (spec/sidechannel 1.8): ours, or one
   * that an inviter makes out to itself.
   */
  inviteToShow(name: ChannelName, known: Channel | null): Invite | null {
    const { inviteRequired, inviters } = this.policyOf(name)
    if (!inviteRequired) return null
    const { config, key } = this.#node
    if (!inviters.has(key)) return known?.invite ?? this.#book.get(name).invite ?? null
    return this.createInvite(name, key, config.sidechannelInviteTtl, this.welcomeOf(name, known))
  }

  /** From the flag; checked at the start. */
  #configured(flag: 'sidechannelWelcome' | 'sidechannelInvite', name: ChannelName): unknown {
    const texts = this.#node.config[flag]
    const text = texts !== null && Object.hasOwn(texts, name) ? texts[name] : undefined
    return text === undefined ? undefined : (parseTokenText(text) ?? undefined)
  }
}

function takeGiven(channel: Channel, credentials: Credentials, now: number): CredentialFault | null {
  const { invite, welcome } = credentials
  const { inviteRequired, welcomeRequired } = channel.policy
  if (invite !== undefined && inviteRequired && !channel.acceptInvite(invite, now)) return 'bad_invite'
  // Where no invite is asked for, one may still bring the welcome.
  if (invite !== undefined && !inviteRequired) channel.acceptWelcome(parseInvite(invite)?.welcome)
  return welcome !== undefined && welcomeRequired && !channel.acceptWelcome(welcome) ? 'bad_welcome' : null
}
