import { deleteMessage, msg, pinMessage, setNick, unpinMessage } from './chat.ts'
import { feature } from './feature.ts'
import type { Operation } from './operation.ts'
import { addAdmin, setApp, updateAdmin } from './roles.ts'
import { snapshot, snapshotDone } from './snapshot.ts'
import * as switches from './switches.ts'
import { tx } from './tx.ts'
import * as writers from './writers.ts'

/** Every operation by its type (spec/subnet 2.2). A map: types are words of strangers. */
export const OPERATIONS: ReadonlyMap<string, Operation> = new Map(
  Object.entries({
    addAdmin,
    updateAdmin,
    addIndexer: writers.addIndexer,
    addWriter: writers.addWriter,
    removeWriter: writers.removeWriter,
    setAutoAddWriters: writers.setAutoAddWriters,
    autoAddWriter: writers.autoAddWriter,
    setChatStatus: switches.setChatStatus,
    enableTransactions: switches.enableTransactions,
    enableWhitelist: switches.enableWhitelist,
    setWhitelistStatus: switches.setWhitelistStatus,
    setMod: switches.setMod,
    muteStatus: switches.muteStatus,
    setNick,
    msg,
    deleteMessage,
    pinMessage,
    unpinMessage,
    feature,
    tx,
    // Of ruleset 2.
    unban: writers.unban,
    setApp,
    snapshot,
    snapshotDone
  })
)
