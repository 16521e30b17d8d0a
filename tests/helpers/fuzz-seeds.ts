import fs from '#fs'
import path from '#path'
import { PROJECT } from './peer.ts'

export type FuzzTarget = 'decoder' | 'canonical' | 'grants' | 'lists' | 'websocket'

/** Seeds that are run every time: those that once found something belong here. */
export function fuzzSeeds(): Record<FuzzTarget, readonly number[]> {
  return JSON.parse(fs.readFileSync(path.join(PROJECT, 'tests', 'fixtures', 'fuzz-seeds.json'), 'utf-8'))
}
