// Two agents, each with a node of its own, agree on a price without a server:
//   node dist/examples/negotiation.js seller stores/alice deals 40     sells for 40 or more
//   node dist/examples/negotiation.js buyer stores/bob deals 50        pays 50 at most
// Each prints what it says and ends with the deal, or without one (exit code 1).
import { type BridgeClient, connect } from 'intercom/client'
import process from '#process'
import { localPeer } from './local-peer.ts'

type Role = 'buyer' | 'seller'

interface Offer {
  readonly kind: 'offer' | 'accept'
  readonly deal: string
  readonly price: number
}

const ROUNDS = 10
const DEAL = 'one-basket-of-apples'

const [role, folder = 'stores/peer', channel = 'deals', limitText = ''] = process.argv.slice(2)
const limit = Number(limitText)
if ((role !== 'buyer' && role !== 'seller') || !Number.isFinite(limit) || limitText === '') {
  console.error('usage: negotiation.js buyer|seller <store folder> <channel> <limit>')
  process.exit(2)
}

const client = await connect(localPeer(folder))
const price = await negotiate(client, role)
console.log(price === null ? 'no deal' : `deal at ${price}`)
await client.close()
process.exit(price === null ? 1 : 0)

async function negotiate(client: BridgeClient, role: Role): Promise<number | null> {
  const other: Role = role === 'buyer' ? 'seller' : 'buyer'
  const messages = client.messages({ channel })
  // Listen, then join: what the other says as soon as it sees us is not to be missed.
  await messages.ready
  await client.join(channel)
  await meet(client)
  let bid = role === 'buyer' ? limit / 2 : limit * 2
  if (role === 'buyer') await say(client, { kind: 'offer', deal: DEAL, price: bid })
  let rounds = 0
  for await (const { message } of messages) {
    const offer = offerIn(message, other)
    if (offer === null) continue
    console.log(`${other}: ${offer.kind} ${offer.price}`)
    if (offer.kind === 'accept') return isGood(role, offer.price) ? offer.price : null
    // Halfway towards the other, never past the limit, and not for ever.
    bid =
      role === 'buyer' ? Math.min(limit, (bid + offer.price) / 2) : Math.max(limit, (bid + offer.price) / 2)
    if (isGood(role, offer.price) && Math.abs(bid - offer.price) <= limit / 10) {
      await say(client, { kind: 'accept', deal: DEAL, price: offer.price })
      return offer.price
    }
    if (++rounds === ROUNDS) return null
    await say(client, { kind: 'offer', deal: DEAL, price: Math.round(bid) })
  }
  return null
}

function isGood(role: Role, price: number): boolean {
  return role === 'buyer' ? price <= limit : price >= limit
}

/** Nothing is kept for who comes later, so the first word has to wait for somebody who hears it. */
async function meet(client: BridgeClient): Promise<void> {
  for (;;) {
    const { peers } = await client.peers()
    if (peers.some(({ channels }) => channels.some((one) => one.channel === channel && one.authorised)))
      return
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
}

async function say(client: BridgeClient, offer: Offer): Promise<void> {
  console.log(`${role}: ${offer.kind} ${offer.price}`)
  await client.send(channel, { ...offer, role })
}

/** What others write is data: only this shape is an offer, whatever else it says. */
function offerIn(message: unknown, by: Role): Offer | null {
  if (typeof message !== 'object' || message === null) return null
  const { kind, deal, price, role } = message as Record<string, unknown>
  const known = (kind === 'offer' || kind === 'accept') && deal === DEAL && role === by
  return known && typeof price === 'number' && Number.isFinite(price) ? { kind, deal: DEAL, price } : null
}
