import {
  decodeMessage,
  encodeMessage,
  type MemberMessage
} from '../../../features/subnet/members/messages.ts'
import { subnetProtocol, subnetTopic } from '../../../features/subnet/members/place.ts'
import { type Deferred, deferred } from '../../../src/base/deferred.ts'
import type { Hex32 } from '../../../src/base/hex.ts'
import type { HostPort } from '../../../src/config/types.ts'
import type { Session } from '../../../src/network/protocols.ts'
import { prepareNode } from '../node.ts'
import type { Scope } from '../tmp.ts'

/** A neighbour that meets the members of a subnet and says whatever a test wants. */
export interface Stranger {
  readonly key: Hex32
  /** What was sent to it. */
  readonly heard: MemberMessage[]
  /** Resolves once it has met that member. */
  meets(member: Hex32): Promise<Session>
  say(to: Session, message: object): void
  /** Sends a transaction; resolves with the answer to it. */
  relay(to: Session, transaction: unknown, after?: string): Promise<MemberMessage>
}

export async function openStranger(
  t: Scope,
  dht: readonly HostPort[],
  bootstrap: Hex32,
  answer: (message: MemberMessage) => object | null = () => null
): Promise<Stranger> {
  const { node } = await prepareNode(t, dht)
  const heard: MemberMessage[] = []
  const answers = new Map<unknown, Deferred<MemberMessage>>()
  const met = new Map<Hex32, Deferred<Session>>()
  const meeting = (member: Hex32) => {
    const known = met.get(member) ?? deferred<Session>()
    met.set(member, known)
    return known
  }
  const say = (to: Session, message: object) => void to.send(encodeMessage(message))
  node.network.protocol(subnetProtocol(bootstrap), {
    onopen: (session) => meeting(session.neighbour.key).resolve(session),
    onmessage(session, bytes) {
      const message = decodeMessage(bytes)
      if (message === null) return
      heard.push(message)
      answers.get(message.relayed)?.resolve(message)
      const said = answer(message)
      if (said !== null) say(session, said)
    }
  })
  await node.network.join(subnetTopic(bootstrap))
  let ids = 0
  return {
    key: node.key,
    heard,
    meets: (member) => meeting(member).promise,
    say,
    relay(to, transaction, after) {
      const id = ++ids
      const answered = deferred<MemberMessage>()
      answers.set(id, answered)
      say(to, { relayTx: transaction, id, after })
      return answered.promise
    }
  }
}
