import { IntercomError, toIntercomError } from '../../src/base/errors.ts'
import { quoted } from '../../src/base/text.ts'
import { parseTokenText } from '../../src/base/token-text.ts'
import type { IntercomNode } from '../../src/node.ts'
import type { Handed, HandedOver } from '../../src/planes.ts'
import { Keyring } from './credentials.ts'
import { parseInvite, parseWelcome, verifyInvite, verifyWelcome } from './grants.ts'
import type { ChannelName } from './names.ts'
import { circumstancesOf, joinRefused } from './refusals.ts'

/** What an invite says of itself, before there is a peer to ask; null: it is none. */
export function inviteFacts(token: object, now: number) {
  const invite = parseInvite(token)
  if (invite === null) return null
  const { channel, inviteePubKey: presenter, inviterPubKey: by, expiresAt } = invite.payload
  // Of its signature alone: the time is told apart.
  const verdict = verifyInvite(invite, { channel, presenter, inviters: new Set([by]), now: 0 })
  return { channel, by, to: presenter, isSigned: verdict.ok, expired: now >= expiresAt }
}

export function welcomeFacts(token: object) {
  const welcome = parseWelcome(token)
  if (welcome === null) return null
  const { channel, ownerPubKey: by } = welcome.payload
  return { channel, by, to: null, isSigned: verifyWelcome(welcome, channel, by).ok, expired: false }
}

/**
 * Keeps invites and welcomes that the first run brought as if they had come with a join, before the sidechannels
 * open: they then find them in the store.
 */
export function takeHanded(node: IntercomNode, handed: readonly Handed[]): HandedOver[] {
  const keyring = new Keyring(node)
  keyring.open()
  return handed.map((each) => {
    try {
      return { ...each, ...takeOne(node, keyring, each) }
    } catch (error) {
      // One that cannot be kept must not keep the node from starting.
      return { ...each, channel: null, fault: toIntercomError(error) }
    }
  })
}

function takeOne(node: IntercomNode, keyring: Keyring, { kind, text }: Handed) {
  const token = parseTokenText<object>(text)
  const parsed = kind === 'invites' ? parseInvite(token) : parseWelcome(token)
  if (parsed === null) return { channel: null, fault: notOne(kind, text) }
  const channel: ChannelName = parsed.payload.channel
  const credentials = kind === 'invites' ? { invite: token } : { welcome: token }
  const admitted = keyring.admit(channel, credentials, null)
  if (typeof admitted === 'string')
    return {
      channel: null,
      fault: joinRefused(admitted, circumstancesOf(node, keyring.policyOf(channel), credentials))
    }
  keyring.keep(admitted)
  return { channel, fault: null }
}

function notOne(kind: Handed['kind'], text: string): IntercomError {
  const what = `What ${kind} of firstRun in config.json holds is none: ${quoted(text, 40)}.`
  const next = 'Take it out of the file, and give the right one to "npm start -- init".'
  return new IntercomError(kind === 'invites' ? 'bad_invite' : 'bad_welcome', what, { next })
}
