import path from '#path'

/** A store that was opened once has it, in its folder. */
export const DEVICE_FILE = 'CORESTORE'

/** Where the deployed peers keep the wallet, in the folder of a peer. */
export function keyFileIn(folder: string): string {
  return path.join(folder, 'db', 'keypair.json')
}
