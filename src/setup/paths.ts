import path from '#path'
import process from '#process'
import { withinProject } from '../base/project.ts'

/** As scripts have it, which change into the folder of the project: relative to that within it, else absolute. */
export function fromProject(project: string, file: string): string {
  const whole = path.resolve(project, file)
  return withinProject(whole, project) ?? whole
}

/**
 * As config.json has it, where what is relative is taken from the folder of the start. That is the project where npm
 * starts it; who starts it from elsewhere needs the whole path.
 */
export function forConfig(project: string, file: string, here: string = process.cwd()): string {
  return here === project ? fromProject(project, file) : path.resolve(here, file)
}
