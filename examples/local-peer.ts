import fs from '#fs'

/** How to reach the bridge of a peer on this machine: the node keeps it in the folder of its store. */
export function localPeer(folder: string): { url: string; token: string } {
  const { bridge, tokenFile } = JSON.parse(fs.readFileSync(`${folder}/run.json`, 'utf-8'))
  if (bridge === null) throw new Error(`the peer in ${folder} was started without --sc-bridge 1`)
  return { url: `ws://${bridge.host}:${bridge.port}`, token: fs.readFileSync(tokenFile, 'utf-8').trim() }
}
