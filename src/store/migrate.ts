import fs from '#fs'
import path from '#path'
import { IntercomError, messageOf, systemCode } from '../base/errors.ts'
import { replaceFile, writeSynced } from '../base/replace-file.ts'
import { printable, quoted } from '../base/text.ts'
import { FORMAT, FORMAT_FILE, formatOf, MIGRATIONS, type Migration } from './format.ts'

export interface MigrationOptions {
  readonly now: () => number
  readonly migrations?: readonly Migration[]
  readonly format?: number
}

export interface Migrated {
  readonly from: number
  readonly to: number
  /** Where the files lie as they were; null where none of them was there. */
  readonly backup: string | null
}

/** Copies that are being migrated. */
const DRAFT = 'migration.new'
/** The result, until all of it is in its place. Named in the store, it is whole. */
const RESULT = 'migration'
/** The result, once it is. */
const DONE = 'migration.done'
/** In the result: the files that it replaces or removes. */
const LIST = 'touched.json'

/**
 * Brings a store up to date; null where it is. For the holder of its lock. The steps work on copies, so until the
 * new number is written the store is what it was, for an older version too; from then on what a crash has left over
 * is put in its place at the next opening.
 */
export function migrate(folder: string, options: MigrationOptions): Migrated | null {
  const { migrations = MIGRATIONS, format = FORMAT } = options
  const at = (name: string) => path.join(folder, name)
  for (const name of [DRAFT, DONE]) fs.rmSync(at(name), { recursive: true, force: true })
  const from = formatOf(folder)
  finishOrForget(folder, from)
  if (!fs.existsSync(at(FORMAT_FILE)) && from === format) replaceFile(at(FORMAT_FILE), `${format}\n`)
  if (from >= format) return null
  const steps = stepsBetween(migrations, from, format)
  const touched = [...new Set(steps.flatMap(({ touches }) => touches))]
  draft(folder, steps, touched, format)
  const backup = keep(folder, touched, from, options.now())
  fs.renameSync(at(DRAFT), at(RESULT))
  replaceFile(at(FORMAT_FILE), `${format}\n`)
  finishOrForget(folder, format)
  return { from, to: format, backup }
}

function stepsBetween(migrations: readonly Migration[], from: number, to: number): readonly Migration[] {
  return Array.from({ length: to - from }, (_, i) => {
    const step = migrations.find((migration) => migration.from === from + i)
    if (step === undefined) throw new Error(`no migration from format ${from + i}`)
    return step
  })
}

function draft(folder: string, steps: readonly Migration[], touched: readonly string[], to: number): void {
  const work = path.join(folder, DRAFT)
  copyFiles(folder, path.join(work, 'files'), touched)
  for (const { from, migrate: run } of steps) {
    try {
      run(path.join(work, 'files'))
    } catch (error) {
      const why = printable(messageOf(error))
      const message = `The store ${quoted(folder, 300)} cannot be brought from format ${from} to ${from + 1} (${why}).`
      throw new IntercomError('store_broken', message, {
        next: 'It is as it was: start it with the version that wrote it, and report this.',
        cause: error
      })
    }
  }
  for (const name of touched) syncIfThere(path.join(work, 'files', name))
  writeSynced(path.join(work, LIST), JSON.stringify({ to, touched }))
}

/** A folder of its own with the files as they are. */
function keep(folder: string, touched: readonly string[], from: number, now: number): string | null {
  if (!touched.some((name) => fs.existsSync(path.join(folder, name)))) return null
  const time = new Date(now).toISOString().replace(/[-:.]/g, '')
  const stem = path.join(folder, `backup-${from}-${time}`)
  let target = stem
  for (let n = 2; fs.existsSync(target); n++) target = `${stem}-${n}`
  fs.rmSync(`${stem}.new`, { recursive: true, force: true })
  copyFiles(folder, `${stem}.new`, [...touched, FORMAT_FILE])
  fs.renameSync(`${stem}.new`, target)
  return target
}

/** A result of this format is put in its place, as often as it takes; one that nothing came of is forgotten. */
function finishOrForget(folder: string, format: number): void {
  const result = path.join(folder, RESULT)
  if (!fs.existsSync(result)) return
  const { to, touched } = JSON.parse(fs.readFileSync(path.join(result, LIST), 'utf-8'))
  if (to === format) {
    for (const name of touched as readonly string[]) {
      const made = path.join(result, 'files', name)
      const target = path.join(folder, name)
      if (fs.existsSync(made)) replaceFile(target, fs.readFileSync(made))
      else fs.rmSync(target, { force: true })
    }
  }
  // What is half removed must not be taken for a result.
  fs.renameSync(result, path.join(folder, DONE))
  fs.rmSync(path.join(folder, DONE), { recursive: true, force: true })
}

function copyFiles(from: string, to: string, names: readonly string[]): void {
  fs.mkdirSync(to, { recursive: true, mode: 0o700 })
  for (const name of names) {
    const source = path.join(from, name)
    if (!fs.existsSync(source)) continue
    fs.mkdirSync(path.dirname(path.join(to, name)), { recursive: true, mode: 0o700 })
    writeSynced(path.join(to, name), fs.readFileSync(source))
  }
}

function syncIfThere(file: string): void {
  let fd: number
  try {
    fd = fs.openSync(file, 'r+')
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return
    throw error
  }
  try {
    fs.fsyncSync(fd)
  } finally {
    fs.closeSync(fd)
  }
}
