import fs from '#fs'
import path from '#path'
import { quoted } from '../../base/text.ts'
import { freeBytes } from '../../metrics/disk.ts'
import { LEAST_FREE } from '../../metrics/health.ts'
import { type Finding, fail, ok, unknown, warn } from '../finding.ts'
import type { Visit } from '../visit.ts'

// As long as it takes to notice an alert.
const COMFORTABLE = 1e9

export async function disk({ folder }: Visit): Promise<Finding> {
  const place = nearestFolder(path.resolve(folder))
  const free = await freeBytes(place)
  if (free === null)
    return unknown(`The system does not say how much is free at ${quoted(place, 300)}.`, 'Look with: df -h')
  const says = `${(free / 1e6).toFixed(0)} MB are free.`
  if (free < LEAST_FREE) return fail(says, 'Make room: the database can no longer be written.')
  return free < COMFORTABLE ? warn(says, 'Make room before it is full.') : ok(says)
}

function nearestFolder(folder: string): string {
  const above = path.dirname(folder)
  return fs.existsSync(folder) || above === folder ? folder : nearestFolder(above)
}
