import fs from '#fs'
import path from '#path'
import { PROJECT } from './peer.ts'

/** Seeds that are run every time: those that once found something belong here. */
export function fuzzSeeds(): Record<'decoder' | 'canonical' | 'grants' | 'lists', readonly number[]> {
  return JSON.parse(fs.readFileSync(path.join(PROJECT, 'tests', 'fixtures', 'fuzz-seeds.json'), 'utf-8'))
}
