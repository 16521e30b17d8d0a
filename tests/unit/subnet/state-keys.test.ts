import test from 'brittle'
import { isReserved, RESERVED_1, RESERVED_2 } from '../../../features/subnet/engine/state-keys.ts'

const BOTH = [
  ...['msgl', 'admin', 'auto_add_writers', 'chat_status', 'delml', 'wlst', 'txl', 'pnl', 'txen'],
  ...['sh/', 'tx/', 'kcin/', 'delm/', 'umsg/', 'msgl/', 'nick/', 'mod/', 'mtd/', 'txi/', 'wl/', 'pni/'],
  ...['utxl/', 'utxi/', 'bnd/', 'sh/x', 'tx/0']
]
const ONLY_2 = ['msg/0', 'umsgl/x', 'rules', 'settlement', 'appv', 'snapv']
const FREE = ['', 'app/x', 'msg', 'tx', 'admins', 'Admin', 'x/sh/', 'umsgl']

test('what contracts may not write', (t) => {
  for (const key of BOTH) t.ok(isReserved(key, RESERVED_1) && isReserved(key, RESERVED_2), key)
  for (const key of ONLY_2) t.ok(!isReserved(key, RESERVED_1) && isReserved(key, RESERVED_2), key)
  for (const key of FREE) t.absent(isReserved(key, RESERVED_1) || isReserved(key, RESERVED_2), key)
})
