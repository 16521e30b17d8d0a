import fs from '#fs'
import { quoted } from '../../base/text.ts'
import { duration } from '../../cli/lines.ts'
import { storeNames } from '../../cli/not-listening.ts'
import { FORMAT, formatOf, refuseNewer } from '../../store/format.ts'
import { keyFileIn } from '../../store/key-file-place.ts'
import { assertFiles } from '../../store/peer-store.ts'
import { type Finding, fail, ok, warn } from '../finding.ts'
import { ASK_AS_OWNER, type Visit } from '../visit.ts'

export async function store(visit: Visit): Promise<Finding> {
  const { folder } = visit
  if (visit.store === 'hidden') {
    return fail(
      `You may not look into ${quoted(folder, 300)}: whether there is a store cannot be told.`,
      ASK_AS_OWNER
    )
  }
  if (visit.store === 'none') return fs.existsSync(keyFileIn(folder)) ? notStarted(visit) : noStore(visit)
  assertFiles(folder)
  refuseNewer(folder)
  const format = formatOf(folder)
  const age =
    format < FORMAT ? `Format ${format}; the next start brings it to ${FORMAT}.` : `Format ${format}.`
  if (wasMoved(visit.file('CORESTORE'))) {
    return fail(
      `The store ${quoted(folder, 300)} was copied or moved here.`,
      'Use the original, or start a new store and copy only db/keypair.json into it.'
    )
  }
  return holder(visit, await visit.lock(), age)
}

/** As the first run leaves it. */
function notStarted({ config: { peerStoreName }, folder }: Visit): Finding {
  return ok(
    `The peer in ${quoted(folder, 300)} has its identity. Its first start makes the rest: npm start -- start ${peerStoreName}.`
  )
}

function noStore({ config: { peerStoresDirectory, peerStoreName }, folder }: Visit): Finding {
  const names = storeNames(peerStoresDirectory)
  const known = names.length > 0 ? ` There are: ${names.join(', ')}.` : ''
  return warn(
    `There is no store ${quoted(folder, 300)} yet.${known}`,
    `The first start makes it: npm start -- start ${peerStoreName}. If it should be there, name it and its folder (--peer-stores-directory).`
  )
}

function holder({ run, patient }: Visit, lock: string, age: string): Finding {
  const { state, info } = run
  const pid = info === null ? 'another process' : `process ${info.pid}`
  if (lock === 'held') {
    if (state === 'running') return ok(`${age} A node runs on it (${pid}).`)
    if (state !== 'silent' || info === null)
      return fail(
        `${age} Its lock is held, and run.json does not say by whom.`,
        'Find the process (fuser, lsof) and end it.'
      )
    const since = duration(patient.now() - info.heartbeatAt)
    return fail(
      `${age} Its node (${pid}) has given no sign of life for ${since}.`,
      `See whether it hangs, was suspended (Ctrl-Z) or has a full disk. kill ${info.pid} ends it.`
    )
  }
  if (state === 'absent') return ok(`${age} No node runs on it.`)
  return warn(
    `${age} No node runs on it; the last one was killed and left run.json behind.`,
    'Nothing has to be done: the next start replaces the file.'
  )
}

/** As its library tells it: the file says which inode it was made on. */
function wasMoved(file: string): boolean {
  const made = /^device\/inode=(\d+)/m.exec(fs.readFileSync(file, 'utf-8'))
  return made !== null && Number(made[1]) !== fs.statSync(file).ino
}
