import test from 'brittle'
import { createLog, IntercomNode, resolveConfig } from '../../src/index.ts'
import { freePort } from '../helpers/ports.ts'
import { temporaryFolder } from '../helpers/tmp.ts'

test('a program can hold a node of its own, open and close it, and take its commands', async (t) => {
  const flags = [
    '--local',
    '--local-port',
    String(await freePort()),
    '--peer-stores-directory',
    temporaryFolder(t)
  ]
  const { config } = resolveConfig(flags, {})
  const log = createLog({ level: 'error', json: false, now: Date.now, write: (line) => t.fail(line) })
  const node = new IntercomNode({ config, log })
  await Promise.all([node.ready(), node.ready()])
  t.ok(node.address.startsWith('trac1'))
  const outcome = await node.commands.run('/stats', { ask: async () => null })
  t.is(outcome.ok, false, 'commands are bound by the program')
  await Promise.all([node.close(), node.close()])

  const again = new IntercomNode({ config, log })
  const opening = again.ready()
  await again.close()
  await opening
  t.ok(again.closed, 'closing during the opening waits for it and then closes')
})
