import fs from '#fs'
import path from '#path'
import { type Hex32, hex32 } from '../base/hex.ts'
import { readPassword } from '../identity/password.ts'
import { loadWallet, openWallet } from '../identity/wallet.ts'
import { keyFileIn } from '../store/key-file-place.ts'

/** What the first run needs of a peer's identity. Each takes its time, and may take 256 MiB. */
export interface Identity {
  /** The public key of the peer in this folder; null: it has none yet. */
  readonly find: (folder: string, passwordFile: string | null) => Promise<Hex32 | null>
  /** Makes one, unless there is one by now. */
  readonly make: (folder: string, passwordFile: string | null) => Promise<Hex32>
}

export const identity: Identity = {
  async find(folder, passwordFile) {
    const wallet = await loadWallet(keyFileIn(folder), readPassword(passwordFile))
    return wallet === null ? null : hex32(wallet.publicKey)
  },

  async make(folder, passwordFile) {
    const file = keyFileIn(folder)
    const { wallet } = await openWallet(file, readPassword(passwordFile))
    fs.chmodSync(path.dirname(file), 0o700)
    return hex32(wallet.publicKey)
  }
}
