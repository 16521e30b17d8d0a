import { printable, quoted } from '../../../src/base/text.ts'
import type { EntryKind } from '../engine/importable.ts'
import type { SnapshotSource } from '../engine/operations/snapshot.ts'
import type { ImportPlan } from './plan.ts'

const NAMES: Readonly<Record<EntryKind, readonly [one: string, many: string]>> = {
  contract: ['key of the app', 'keys of the app'],
  nick: ['nick', 'nicks'],
  mod: ['moderator', 'moderators'],
  mute: ['mute status', 'mute statuses'],
  whitelist: ['whitelist status', 'whitelist statuses'],
  message: ['message', 'messages'],
  pin: ['pin', 'pins'],
  deletion: ['deletion', 'deletions'],
  index: ['entry of indexes', 'entries of indexes'],
  admin: ['admin', 'admins'],
  switch: ['switch', 'switches'],
  ban: ['ban of a writer', 'bans of writers'],
  signature: ['spent signature', 'spent signatures'],
  transaction: ['entry of the history of transactions', 'entries of the history of transactions'],
  reserved: [
    'key that is not free for apps in a new subnet',
    'keys that are not free for apps in a new subnet'
  ]
}

/** Told one by one: the admin by its key, the switches by what became of them. */
const TOLD_APART: readonly EntryKind[] = ['admin', 'switch']

/** What was moved, and what was not and why. */
export function importLines(source: SnapshotSource, plan: ImportPlan, unconfirmed: number): string[] {
  return [
    `Imported from the subnet ${source.subnet}`,
    `  length ${source.length}, tree hash ${source.treeHash}`,
    ...counted(plan.moved),
    ...switchLines(plan),
    'Left out:',
    ...counted(plan.left),
    ...unfitLines(plan),
    typeof plan.admin === 'string'
      ? `  the admin ${printable(plan.admin)}: now it is this peer`
      : '  no admin: the role was given up; now it is this peer',
    ...(plan.switches.autoAddWriters
      ? ['  auto_add_writers is off again: /set_auto_add_writers --enabled 1 lets everybody write']
      : []),
    ...(unconfirmed === 0
      ? []
      : [`  ${unconfirmed} blocks of the view that are not confirmed: --confirmed 0 takes them, too`]),
    '  all writers: the new subnet has one, this peer'
  ]
}

function counted(kinds: ReadonlyMap<EntryKind, number>): string[] {
  return (Object.keys(NAMES) as EntryKind[]).flatMap((kind) => {
    const count = kinds.get(kind) ?? 0
    if (count === 0 || TOLD_APART.includes(kind)) return []
    return [`  ${count} ${NAMES[kind][count === 1 ? 0 : 1]}`]
  })
}

function switchLines({ switches: { chat, whitelist, transactions } }: ImportPlan): string[] {
  const on = [...(chat ? ['chat'] : []), ...(whitelist ? ['whitelist'] : [])]
  return [
    ...(on.length === 0 ? [] : [`  switched on: ${on.join(', ')}`]),
    ...(transactions ? [] : ['  switched off: transactions'])
  ]
}

function unfitLines({ unfit: { count, keys } }: ImportPlan): string[] {
  if (count === 0) return []
  const what =
    count === 1 ? 'entry that is not what its key says' : 'entries that are not what their keys say'
  const named = keys.map((key) => quoted(key)).join(', ')
  return [`  ${count} ${what}: ${named}${count > keys.length ? ', …' : ''}`]
}
