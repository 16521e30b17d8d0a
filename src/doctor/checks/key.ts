import fs from '#fs'
import { quoted } from '../../base/text.ts'
import { type Finding, fail, ok } from '../finding.ts'
import type { Visit } from '../visit.ts'

export async function key(visit: Visit): Promise<Finding> {
  const { walletPasswordFile } = visit.config
  const file = visit.file('db', 'keypair.json')
  const [{ readPassword }, { loadWallet }, { toHex }] = await Promise.all([
    import('../../identity/password.ts'),
    import('../../identity/wallet.ts'),
    import('../../base/hex.ts')
  ])
  const password = readPassword(walletPasswordFile)
  const wallet = await loadWallet(file, password)
  if (wallet !== null) {
    const how = password.byteLength === 0 ? 'an empty password, which hides nothing' : 'the password'
    return ok(`It opens with ${how}. Peer pubkey (hex): ${toHex(wallet.publicKey)}`)
  }
  if (visit.store === 'none' && !fs.existsSync(visit.folder)) return ok('The first start makes it.')
  return fail(
    `There is no key file ${quoted(file, 300)}: the next start makes a new identity.`,
    'Put back your copy of it, if this store had another identity.'
  )
}
