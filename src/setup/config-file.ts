import fs from '#fs'
import path from '#path'
import { IntercomError, messageOf, systemCode } from '../base/errors.ts'
import { replaceFile } from '../base/replace-file.ts'
import { readSmallFile } from '../base/small-file.ts'
import { quoted } from '../base/text.ts'
import { CONFIG_FILE, configFilePlaces } from '../config/resolve.ts'
import { configText, parseConfigObject } from './first-run.ts'

export type ConfigEntries = Readonly<Record<string, unknown>>

/** What stands in the config file of a store: with all that we do not know, in its order. */
export function readConfigEntries(folder: string): ConfigEntries {
  for (const file of configFilePlaces(folder)) {
    try {
      return parseConfigObject(readSmallFile(file))
    } catch (error) {
      if (systemCode(error) === 'ENOENT' || systemCode(error) === 'ENOTDIR') continue
      throw new IntercomError('bad_config_file', `Cannot read ${quoted(file)} (${messageOf(error)}).`, {
        cause: error
      })
    }
  }
  return {}
}

/** Where it was written. */
export function writeConfigEntries(folder: string, entries: ConfigEntries): string {
  const file = path.join(folder, CONFIG_FILE)
  try {
    fs.mkdirSync(folder, { recursive: true, mode: 0o700 })
    fs.chmodSync(folder, 0o700)
    replaceFile(file, configText(entries))
    // One that was left in db/ by a store that never finished opening says nothing any more.
    for (const place of configFilePlaces(folder)) if (place !== file) fs.rmSync(place, { force: true })
  } catch (error) {
    const why = systemCode(error) ?? messageOf(error)
    throw new IntercomError('store_unwritable', `Cannot write ${quoted(file)} (${why}).`, { cause: error })
  }
  return file
}
