import type { Config } from '../config/flags.ts'
import { addressesOf, createDht, type Nat, natOf } from '../network/dht.ts'
import { isFree, LOOPBACK } from '../network/local-dht.ts'
import { answers } from '../network/reachability.ts'

export interface DhtAnswer {
  readonly answered: boolean
  readonly nat: Nat
  /** With --local: whether nobody has its port. */
  readonly portFree: boolean
}

const ANSWER_MS = 6000

/** Asks with a node of its own, which takes no part in the DHT and is gone afterwards. */
export async function askDht({ local, localPort, dhtBootstrap }: Config): Promise<DhtAnswer> {
  if (local && (await isFree(localPort))) return { answered: false, nat: 'unknown', portFree: true }
  const bootstrap = local ? [{ host: LOOPBACK, port: localPort }] : dhtBootstrap
  const dht = createDht(bootstrap, { ephemeral: true })
  let timer: ReturnType<typeof setTimeout> | null = null
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), ANSWER_MS)
  })
  try {
    const answered = await Promise.race([answers(dht, addressesOf(bootstrap)), late])
    return { answered, nat: answered ? natOf(dht) : 'unknown', portFree: false }
  } finally {
    if (timer !== null) clearTimeout(timer)
    await dht.destroy({ force: true })
  }
}
