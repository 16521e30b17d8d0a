import type { TxVerifier } from '../../../features/subnet/engine/settlement.ts'
import { admin, appendWriter, byte, dropWriter, pen, text } from './ops.ts'

const P = admin.publicKey
const C = byte(0xcd)

/** Answers for the paid network as it answered when the vectors were made: with yes. */
export const yes: TxVerifier = { verify: async () => true }

const tx = (key: string, type: string, value: unknown) => ({
  type: 'tx',
  key,
  value: { msbsl: 1, dispatch: { type, value }, ipk: P, wp: byte(3) }
})

/** Annex G5: each operation with the blocks that it adds to the view. */
export function goldenScript(): [op: object, blocks: number][] {
  const { a, b, feature } = pen(1)
  const me = { address: P }
  return [
    [{ type: 'addAdmin', key: P }, 2],
    [a(admin, 'setChatStatus', 'on'), 2],
    [b(admin, 'setNick', { nick: 'alice', address: P, initiator: P }), 3],
    [b(admin, 'setNick', { nick: 'bob', address: P, initiator: P }), 5],
    [feature(admin, 'timer', 'currentTime', 1700000000000), 2],
    [b(admin, 'msg', text(admin, 'hello')), 6],
    [b(admin, 'msg', text(admin, 'again', 0)), 6],
    [b(admin, 'pinMessage', { id: 0, pinned: true, ...me }), 4],
    [b(admin, 'unpinMessage', { id: 0, ...me }), 3],
    [b(admin, 'deleteMessage', { id: 1, ...me }), 4],
    [b(admin, 'setMod', { user: C, mod: true, ...me }), 2],
    [b(admin, 'muteStatus', { user: C, muted: true, ...me }), 2],
    [b(admin, 'setWhitelistStatus', { user: C, status: true, ...me }), 2],
    [b(admin, 'enableWhitelist', { enabled: true, ...me }), 2],
    [b(admin, 'enableTransactions', { enabled: true, ...me }), 2],
    [a(admin, 'setAutoAddWriters', 'on'), 2],
    [{ type: 'autoAddWriter', key: byte(0x11) }, 0],
    [a(admin, 'removeWriter', byte(0x11), dropWriter), 1],
    [a(admin, 'addIndexer', byte(0x22), appendWriter), 1],
    [tx(byte(0xa1), 'ping', { msg: 'hello' }), 6],
    [tx(byte(0xa2), 'fail', null), 5],
    [tx(byte(0xa1), 'ping', { msg: 'hello' }), 0],
    [b(admin, 'updateAdmin', { admin: null, ...me }), 2]
  ]
}

/** Of the view before the first transaction, and at the end. */
export const BEFORE_TX = {
  length: 51,
  hash: '1f8aff22f8bb7ea0ca99ac7ea47d3f90972a5f81b5642e0cfa7e589119ac94b3'
} as const
export const GOLDEN = {
  length: 64,
  hash: 'e4e3b7489a1fdf6fb59f48f54f831f69c49d17ebb22947713d8d7d8763293f5b'
} as const
