import test, { type Assertions } from 'brittle'
import fs from '#fs'
import path from '#path'
import { TrialLoad } from '../../../features/subnet/dry-run/trial-load.ts'
import type { IntercomError } from '../../../src/base/errors.ts'
import { createLog } from '../../../src/base/log.ts'
import { Peer } from '../../helpers/peer.ts'
import { temporaryFolder } from '../../helpers/tmp.ts'

const OURS = new URL('../../../src/app/index.js', import.meta.url).href
const CONTRACT = `import { Contract } from '${OURS}'\nexport default class Shop extends Contract {}\n`
const PROTOCOL = `import { Protocol } from '${OURS}'\nexport default class Till extends Protocol {}\n`
const ENDS_PROCESS = `${CONTRACT};(globalThis.Bare ?? globalThis.process).exit(7)\n`
const log = createLog({ level: 'error', json: false, now: () => 0, write: () => {} })

function appFolder(t: Assertions, contract: string): string {
  const folder = temporaryFolder(t)
  const files = { 'package.json': '{"type":"module"}', 'contract.js': contract, 'protocol.js': PROTOCOL }
  for (const [name, text] of Object.entries(files)) fs.writeFileSync(path.join(folder, name), text)
  return folder
}

function begin(t: Assertions, contract: string, timeLimitMs?: number): TrialLoad {
  const limit = timeLimitMs === undefined ? {} : { timeLimitMs }
  const trial = new TrialLoad({ app: appFolder(t, contract), log, ...limit })
  t.teardown(() => trial.close())
  return trial
}

const ENDLESS = {
  'a loop at the top level': `${CONTRACT}for (;;);\n`,
  'an await at the top level': `${CONTRACT}await new Promise(() => {})\n`,
  'a loop in the constructor': CONTRACT.replace(
    '{}',
    '{ constructor(...args) { super(...args); for (;;); } }'
  )
}

for (const [what, contract] of Object.entries(ENDLESS))
  test(`${what} is refused`, async (t) => {
    const error: IntercomError = await begin(t, contract, 300).ended.then(
      () => t.fail('it was taken'),
      (error) => error
    )
    t.is(error.code, 'app_broken')
    t.ok(/cannot be loaded: it does not come to an end within 0.3 s/.test(error.message), error.message)
    t.ok(/top level/.test(error.next))
  })

test('one that loads passes, and one that is broken is left to whoever loads it', async (t) => {
  await t.execution(begin(t, CONTRACT).ended)
  await t.execution(begin(t, 'export default no contract').ended)
})

test('closing does not wait for it', async (t) => {
  const trial = begin(t, ENDLESS['a loop at the top level'])
  await trial.close()
  t.is(await Promise.race([trial.ended, 'pending']), 'pending')
})

test('a node is not begun with an app that would end it', async (t) => {
  const cwd = temporaryFolder(t)
  const app = appFolder(t, ENDS_PROCESS)
  const args = ['--dht-bootstrap', '127.0.0.1:9', '--terminal', '0', '--app', app]
  const peer = new Peer(t, { args, cwd, input: false })
  t.alike(await peer.exited, { code: 1, signal: null })
  t.ok(/^intercom: The app in .* cannot be loaded: its process ended .*\. Look for/m.test(peer.errors))
})
