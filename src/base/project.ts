import path from '#path'

/** The project's folder: this file is compiled to dist/src/base. */
export const PROJECT = path.resolve(import.meta.dirname, '..', '..', '..')

/** Where something lies within it, with slashes on every system; null: outside. */
export function withinProject(file: string, project = PROJECT): string | null {
  const within = path.relative(project, file)
  const parts = within.split(path.sep)
  return parts[0] === '..' || path.isAbsolute(within) ? null : parts.join('/') || '.'
}
