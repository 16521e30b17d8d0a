/** Where everything in the view has its place (spec/subnet 2.4). Contracts own what is not reserved. */
export const KEYS = {
  admin: 'admin',
  autoAddWriters: 'auto_add_writers',
  chatStatus: 'chat_status',
  transactions: 'txen',
  whitelist: 'wlst',
  messages: 'msgl',
  deleted: 'delml',
  pins: 'pnl',
  txs: 'txl',
  /** Present only where the first admin chose them. */
  rules: 'rules',
  settlement: 'settlement',
  app: 'appv',
  /** What was taken over from another subnet. */
  snapshot: 'snapv',
  /** No contract can write here, so the two above are believed only beside it. */
  rulesMark: 'sh/rules',
  whitelisted: (address: string) => `wl/${address}`,
  mod: (address: string) => `mod/${address}`,
  muted: (address: string) => `mtd/${address}`,
  nick: (address: string) => `nick/${address}`,
  nickOwner: (nick: string) => `kcin/${nick}`,
  spent: (signature: string) => `sh/${signature}`,
  banned: (writer: string) => `bnd/${writer}`,
  message: (n: number) => `msg/${n}`,
  userMessages: (address: string) => `umsgl/${address}`,
  userMessage: (address: string, n: number) => `umsg/${address}/${n}`,
  deletedMessage: (n: number) => `delm/${n}`,
  pin: (n: number) => `pni/${n}`,
  txEntry: (n: number) => `txi/${n}`,
  txIndex: (hash: string) => `tx/${hash}`,
  userTxs: (key: string) => `utxl/${key}`,
  userTx: (key: string, n: number) => `utxi/${key}/${n}`
} as const
