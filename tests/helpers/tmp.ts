import type { Assertions } from 'brittle'
import fs from '#fs'
import os from '#os'
import path from '#path'

/** Whoever ends what is begun: a test, or a benchmark. */
export type Scope = Pick<Assertions, 'teardown'>

/** A folder of the test's own, removed when it ends. */
export function temporaryFolder(t: Scope): string {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'intercom-test-'))
  t.teardown(() => fs.rmSync(folder, { recursive: true, force: true }), { order: 100 })
  return folder
}
