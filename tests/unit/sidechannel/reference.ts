import b4a from 'b4a'
import sodium from 'sodium-universal'
import type { ChannelPolicy } from '../../../features/sidechannel/policy/channel-policy.ts'
import type { DropReason } from '../../../src/base/reasons.ts'
import { naiveCanonical } from './helpers.ts'

export interface World {
  self: string
  policy: ChannelPolicy
  welcomed: boolean
  selfInvitedUntil: number
  allowUnsigned: boolean
  maxBytes: number
  maxSkewMs: number
  rate: number
  burst: number
}

type Fields = Record<string, unknown>

export function naiveVerify(signed: unknown, sig: unknown, key: unknown): boolean {
  if (typeof sig !== 'string' || !/^[0-9a-f]{128}$/.test(sig)) return false
  const bytes = b4a.from(naiveCanonical(signed))
  return sodium.crypto_sign_verify_detached(b4a.from(sig, 'hex'), bytes, b4a.from(String(key), 'hex'))
}

export function naiveZeroBits(fields: Fields, nonce: unknown): number {
  const { id, channel, from, origin, message, ts } = fields
  const hash = b4a.alloc(32)
  sodium.crypto_hash_sha256(hash, b4a.from(naiveCanonical({ id, channel, from, origin, message, ts, nonce })))
  const bits = [...hash].map((byte) => byte.toString(2).padStart(8, '0')).join('')
  return bits.indexOf('1') === -1 ? 256 : bits.indexOf('1')
}

/** The specification's order, written down without a thought for speed: the reason, or 'accept'. */
export function createReference(world: World) {
  const { policy } = world
  const levels = new Map<string, { left: number; at: number }>()
  const strikes: { who: string; at: number }[] = []
  const blocks: { who: string; at: number }[] = []
  const seen: { key: string; until: number }[] = []

  const take = (who: string, cost: number, rate: number, burst: number, now: number): boolean => {
    // In thousandths of a byte, so that nothing is rounded.
    const level = levels.get(who) ?? { left: burst * 1000, at: now }
    const left = Math.min(burst * 1000, level.left + (now - level.at) * rate)
    const enough = cost * 1000 <= left
    levels.set(who, { left: enough ? left - cost * 1000 : left, at: now })
    return enough
  }
  const isBlocked = (who: string, now: number) => blocks.some((b) => b.who === who && now < b.at + 30_000)
  const strike = (who: string, now: number): false => {
    const last = blocks.findLast((b) => b.who === who)?.at ?? -1
    strikes.push({ who, at: now })
    const recent = strikes.filter((s) => s.who === who && s.at > now - 5000 && (s.at > last || last < 0))
    if (recent.length >= 3) blocks.push({ who, at: now })
    return false
  }
  const was = (key: string, now: number) => seen.some((s) => s.key === key && now < s.until)

  return (json: string, neighbour: string, invitedUntil: number, now: number): DropReason | 'accept' => {
    const bytes = b4a.byteLength(json)
    const wire = bytes + (bytes < 0xfd ? 1 : bytes <= 0xffff ? 3 : 5)
    if (isBlocked(neighbour, now)) return 'blocked'
    if (!take(neighbour, wire, world.rate * 16, world.burst * 16, now))
      return strike(neighbour, now) || 'rate'
    if (bytes > world.maxBytes) return 'size'
    let m: Fields | null = null
    try {
      m = JSON.parse(json)
    } catch {
      m = null
    }
    if (m?.type !== 'sidechannel' || typeof m.ts !== 'number' || typeof m.id !== 'string') {
      if (!take(`malformed ${neighbour}`, 1, 1, 16, now)) strike(neighbour, now)
      return 'shape'
    }
    const { id, channel, from, origin, message, ts, sig } = m as Fields & { ts: number }
    const direct = from === neighbour && m.relayedBy === undefined
    if (channel !== policy.channel) return 'channel'
    const payer = from === neighbour ? `own ${neighbour}` : `${neighbour} ${from}`
    if (from !== neighbour && isBlocked(payer, now)) return 'rate'
    if (!take(payer, bytes, world.rate, world.burst, now))
      return strike(from === neighbour ? neighbour : payer, now) || 'rate'
    if (Math.abs(ts - now) > world.maxSkewMs) return 'stale'
    if (from === world.self || was(`${from} ${id}`, now)) return 'duplicate'
    const control = (message as { control?: unknown } | null)?.control
    if (control !== 'auth' && control !== 'welcome') {
      const invited = (key: string, until: number) => policy.inviters.has(key) || now < until
      if (policy.inviteRequired) {
        if (!invited(world.self, world.selfInvitedUntil)) return 'uninvited'
        const { payload, sig: by } = (m.invite ?? {}) as { payload?: Fields; sig?: unknown }
        const proven =
          payload?.channel === policy.channel &&
          payload.inviteePubKey === neighbour &&
          policy.inviters.has(String(payload.inviterPubKey)) &&
          now < Number(payload.expiresAt) &&
          naiveVerify(payload, by, payload.inviterPubKey)
        if (!invited(neighbour, invitedUntil) && !proven) return 'uninvited'
      }
      if (policy.ownerWriteOnly && from !== policy.owner) return 'owner_only'
      if (policy.welcomeRequired && !world.welcomed && policy.owner !== world.self) return 'welcome'
    }
    const nonce = (m.pow as { nonce?: unknown } | undefined)?.nonce
    const asSent = { ...m, message: { invite: null, welcome: null, ...(message as object) } }
    const bits = Math.max(
      naiveZeroBits(m, nonce),
      control === 'open_channel' ? naiveZeroBits(asSent, nonce) : 0
    )
    if (policy.powBits > 0 && (typeof nonce !== 'number' || bits < policy.powBits)) return 'pow'
    const signed = { kind: 'sidechannel_message_v1', id, channel, from, origin, message, ts }
    const proven = direct || naiveVerify(signed, sig, from)
    if (!proven && (!world.allowUnsigned || sig !== undefined || policy.ownerWriteOnly)) return 'signature'
    const key = `${proven ? '' : 'unverified:'}${from} ${id}`
    if (was(key, now)) return 'duplicate'
    seen.push({ key, until: now + 2 * world.maxSkewMs + 60_000 })
    return 'accept'
  }
}
