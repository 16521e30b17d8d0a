import b4a from 'b4a'
import sodium from 'sodium-universal'
import { seedKeyPair } from '../../tests/helpers/swarm.ts'
import type { RawWork } from './pairs.ts'

interface Sealed {
  readonly message: string
  readonly sig: string
  readonly around?: string
}

const { publicKey, secretKey } = seedKeyPair(99)

/** What makes a sealed message as long as one of ours, whose author, id and channel are signed too. */
const AROUND = 'x'.repeat(307)

/** The least that proves an author: one ed25519 signature, and one verification where it is read. */
export const SEALED = sealing()

/** As little, for as many bytes as the wire format demands. */
export const SEALED_AS_LONG = sealing(AROUND)

function sealing(around?: string): Required<Pick<RawWork, 'seal' | 'open'>> {
  const signed = (message: string) => b4a.from(message + (around ?? ''))
  return {
    seal(message) {
      const sig = b4a.alloc(sodium.crypto_sign_BYTES)
      sodium.crypto_sign_detached(sig, signed(message as string), secretKey)
      return { message, sig: b4a.toString(sig, 'hex'), around }
    },
    open(sealed) {
      const { message, sig } = sealed as Sealed
      const bytes = b4a.from(sig, 'hex')
      if (!sodium.crypto_sign_verify_detached(bytes, signed(message), publicKey))
        throw new Error('not what was signed')
      return sealed
    }
  }
}
