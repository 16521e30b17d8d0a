import process from '#process'
import { IntercomError, messageOf } from './base/errors.ts'
import { toHex } from './base/hex.ts'
import { nearest, printable, quoted } from './base/text.ts'
import { appCommandHelp, commandHelp, commandList } from './commands/help.ts'
import type { AppCommands, CommandCaller, CommandOutput } from './commands/registry.ts'
import { COMMAND_NAMES, isCommandName } from './commands/table.ts'
import { normalMnemonic } from './identity/derive.ts'
import type { IntercomNode } from './node.ts'
import { folderSize } from './store/size.ts'

/** Binds the commands that are the node's own. */
export function bindNodeCommands(node: IntercomNode, exit: () => void): void {
  node.commands.bind('help', ({ command }) => help(node.commands.app, command))
  node.commands.bind('print', ({ text }) => ({ lines: [printable(text)], result: text }))
  node.commands.bind('stats', () => stats(node))
  node.commands.bind('get_keys', ({ yes }, caller) => getKeys(node, yes === true, caller))
  node.commands.bind('exit', () => {
    // Not before the answer is printed.
    setTimeout(exit, 0)
    return { lines: ['Exiting...'], result: null }
  })
}

async function help(app: AppCommands | null, command: string | undefined): Promise<CommandOutput> {
  const rows = app?.rows ?? []
  const names = [...COMMAND_NAMES, ...rows.map(({ name }) => name)]
  if (command === undefined) {
    const options = await optionsOf(app)
    return { lines: ['Commands:', ...commandList(rows), ...options], result: names }
  }
  const name = command.replace(/^\//, '')
  if (isCommandName(name)) return { lines: commandHelp(name), result: name }
  const row = rows.find((known) => known.name === name)
  if (row !== undefined) return { lines: appCommandHelp(row), result: name }
  const near = nearest(name, names)
  const hint = near.length > 0 ? ` Did you mean ${near.join(' or ')}?` : ''
  throw new IntercomError('unknown_command', `There is no command ${quoted(name)}.${hint}`)
}

/** An app that cannot say what it does takes the help from nobody. */
async function optionsOf(app: AppCommands | null): Promise<readonly string[]> {
  try {
    const options = (await app?.options()) ?? []
    return options.length === 0 ? [] : ['The app says:', ...options.map((line) => `  ${line}`)]
  } catch (error) {
    return [`The app cannot say what it does: ${printable(messageOf(error))}`]
  }
}

async function stats(node: IntercomNode): Promise<CommandOutput> {
  const network = node.network.status()
  const subnet = await subnetStats(node)
  const result = {
    publicKey: node.key,
    address: node.address,
    peerStore: node.config.peerStoreName,
    uptimeMs: node.uptime(),
    memoryBytes: process.memoryUsage().rss,
    storeBytes: await folderSize(node.store.folder),
    subnet: subnet.result,
    ...network
  }
  const dht = `${network.dht}${network.hosting ? ', hosted here' : ''}, ${reachability(network.reachable)}`
  const lines = [
    '--- Stats ---',
    `wallet.address: ${result.publicKey}`,
    ...subnet.ofPeer,
    `swarm.connections.size: ${network.connections}`,
    ...subnet.ofState,
    `Peer trac address (bech32m): ${result.address}`,
    `Peer store: ${result.peerStore}`,
    `Uptime: ${duration(result.uptimeMs)}`,
    `Memory: ${megabytes(result.memoryBytes)}`,
    `NAT: ${network.nat}`,
    `DHT: ${dht}`,
    `Topics: ${network.topics}`,
    `Store size: ${megabytes(result.storeBytes)}`
  ]
  return { lines, result }
}

/** In two parts: deployed peers show the connections in between. What fails there leaves the rest to be read. */
async function subnetStats({ planes }: IntercomNode) {
  try {
    const { lines = [], result = null } = (await planes.subnet?.stats()) ?? {}
    const at = lines.findIndex((line) => line.startsWith('base.'))
    return { result, ofPeer: lines.slice(0, at), ofState: lines.slice(at) }
  } catch (error) {
    return {
      result: null,
      ofPeer: [],
      ofState: [`Error during DAG monitoring: ${printable(messageOf(error))}`]
    }
  }
}

async function getKeys(node: IntercomNode, yes: boolean, caller: CommandCaller): Promise<CommandOutput> {
  const { wallet } = node
  const open = [`Address: ${node.address}`, `Public Key: ${node.key}`]
  const publicResult = { address: node.address, publicKey: node.key }
  const confirmed =
    yes || (await caller.ask('Type "show" to see the secret key and the mnemonic: ')) === 'show'
  if (!confirmed)
    return { lines: [...open, 'Secret Key: hidden (/get_keys --yes shows it)'], result: publicResult }
  const secretKey = toHex(wallet.secretKey)
  const mnemonic = wallet.mnemonic === null ? null : await normalMnemonic(wallet.mnemonic)
  return {
    lines: [...open, `Secret Key: ${secretKey}`, `Mnemonic: ${mnemonic ?? 'none (this key was imported)'}`],
    result: { ...publicResult, secretKey, mnemonic }
  }
}

function reachability(reachable: boolean | null): string {
  if (reachable === null) return 'not asked yet'
  return reachable ? 'reachable' : 'not reachable'
}

function duration(ms: number): string {
  const seconds = Math.floor(ms / 1000)
  const parts = [
    Math.floor(seconds / 86_400),
    Math.floor(seconds / 3600) % 24,
    Math.floor(seconds / 60) % 60,
    seconds % 60
  ]
  const units = ['d', 'h', 'm', 's']
  const from = Math.min(
    parts.findIndex((part) => part > 0) === -1 ? 3 : parts.findIndex((part) => part > 0),
    3
  )
  return parts
    .slice(from)
    .map((part, index) => `${part}${units[from + index]}`)
    .join(' ')
}

function megabytes(bytes: number): string {
  return `${(bytes / 1024 / 1024).toFixed(1)} MB`
}
