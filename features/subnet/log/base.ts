import Autobase, { type LogCore } from 'autobase'
import messages from 'autobase/lib/messages.js'
import b4a from 'b4a'
import { decode, encode } from 'compact-encoding'
import type { Core } from 'corestore'
import Hyperbee from 'hyperbee'
import type ProtomuxWakeup from 'protomux-wakeup'
import { type Hex32, hex32 } from '../../../src/base/hex.ts'
import type { PeerStore } from '../../../src/store/peer-store.ts'
import { createApply, type EngineOptions } from '../engine/apply.ts'
import { operationEncoding } from '../engine/encoding.ts'
import { readSoundLogs } from '../engine/sound-logs.ts'
import { startWithFirstBatch } from './first-batch.ts'
import { awaitIndexerLogs } from './indexer-logs.ts'

/** Where Autobase keeps where it is, beside its own log. */
const BOOT_RECORD = 'autobase/boot'

export interface BaseOptions extends EngineOptions {
  /** Null: of its own. */
  readonly bootstrap: Hex32 | null
  readonly wakeup: ProtomuxWakeup
  readonly times: { readonly read: number; readonly ack: number }
}

/** Autobase as the subnet needs it, with the engine as its `apply`. It opens itself. */
export function createBase(
  { corestore }: PeerStore,
  { bootstrap, wakeup, times, ...engine }: BaseOptions
): Autobase {
  const base = new Autobase(corestore.session(), bootstrap === null ? null : b4a.from(bootstrap, 'hex'), {
    ackInterval: times.ack,
    wakeup,
    valueEncoding: operationEncoding,
    open: (store) =>
      new Hyperbee(store.get('view'), { extension: false, keyEncoding: 'utf-8', valueEncoding: 'json' }),
    apply: createApply(engine)
  })
  readSoundLogs(base)
  startWithFirstBatch(base)
  awaitIndexerLogs(base)
  // Of whoever looks at the state; `apply` has a view of its own, and waits for as long as it takes.
  base.view.core.timeout = times.read
  return base
}

/**
 * To be called before there is a base. An indexer writes a batch in two steps: the log and what came of it, then that
 * it has applied it. Where it was killed between the two it would apply the batch twice, and this peer would come to
 * another state of the members than everybody else. So all that is not signed yet is applied anew.
 */
export async function applyTailAgain(local: Core): Promise<void> {
  const record = await local.getUserData(BOOT_RECORD)
  if (record === null) return
  const boot = decode(messages.BootRecord, record)
  await local.setUserData(BOOT_RECORD, encode(messages.BootRecord, { ...boot, indexersUpdated: true }))
}

/** Calls back when somebody signed two different things for one place, which ends that log or that state. */
export function watchForks(
  base: Autobase,
  handlers: { readonly onlog: (writer: Hex32) => void; readonly onstate: () => void }
): void {
  base.on('writer', ({ core }: { readonly core: LogCore }) => {
    core.on('conflict', () => handlers.onlog(hex32(core.key)))
  })
  base.core.on('conflict', handlers.onstate)
  base.view.core.on('conflict', handlers.onstate)
}
