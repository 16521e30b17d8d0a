import { KEYS } from '../../../src/app/state-keys.ts'

export { KEYS }

export interface Reserved {
  readonly keys: ReadonlySet<string>
  readonly prefixes: readonly string[]
}

const RESERVED_KEYS = [
  ...['msgl', 'admin', 'auto_add_writers', 'chat_status', 'delml', 'wlst', 'txl', 'pnl', 'txen']
]
const RESERVED_PREFIXES = [
  ...['sh/', 'tx/', 'kcin/', 'delm/', 'umsg/', 'msgl/', 'nick/', 'mod/', 'mtd/', 'txi/', 'wl/', 'pni/'],
  ...['utxl/', 'utxi/', 'bnd/']
]

/** What contracts of ruleset 1 may not write: `msg/` and `umsgl/` are open to them. */
export const RESERVED_1: Reserved = { keys: new Set(RESERVED_KEYS), prefixes: RESERVED_PREFIXES }

export const RESERVED_CHOSEN: Reserved = {
  keys: new Set([...RESERVED_KEYS, KEYS.rules, KEYS.settlement]),
  prefixes: RESERVED_PREFIXES
}

export const RESERVED_2: Reserved = {
  keys: new Set([...RESERVED_KEYS, KEYS.rules, KEYS.settlement, KEYS.app, KEYS.snapshot]),
  prefixes: [...RESERVED_PREFIXES, 'msg/', 'umsgl/']
}

export function isReserved(key: string, reserved: Reserved): boolean {
  return reserved.keys.has(key) || reserved.prefixes.some((prefix) => key.startsWith(prefix))
}
