import path from '#path'

/** Where the deployed peers keep the wallet, in the folder of a peer. */
export function keyFileIn(folder: string): string {
  return path.join(folder, 'db', 'keypair.json')
}
