import b4a from 'b4a'
import fs from '#fs'
import path from '#path'
import { PROJECT } from '../peer.ts'

interface Fixture {
  readonly subnet: string
  readonly files: Readonly<Record<string, string>>
}

/** Lays out a store with the golden view, as deployed libraries wrote it; returns the key of its subnet. */
export function layOutDeployedStore(folder: string): string {
  const file = path.join(PROJECT, 'tests', 'fixtures', 'store-of-deployed-peer.json')
  const { subnet, files } = JSON.parse(fs.readFileSync(file, 'utf-8')) as Fixture
  fs.mkdirSync(path.join(folder, 'db'), { recursive: true })
  for (const [name, content] of Object.entries(files)) {
    fs.writeFileSync(path.join(folder, 'db', name), b4a.from(content, 'base64'))
  }
  return subnet
}

/**
 * The file that the lock of a store is on. Libraries write into it which disk the store is on, and open a store
 * without it as if it had always been there.
 */
export function addLockFile(folder: string): void {
  fs.writeFileSync(path.join(folder, 'CORESTORE'), '')
}
