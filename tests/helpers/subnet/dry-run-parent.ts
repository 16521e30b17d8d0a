import process from '#process'
import { DryRunner } from '../../../features/subnet/dry-run.ts'
import { RULESETS } from '../../../features/subnet/engine/rules.ts'
import { createLog } from '../../../src/base/log.ts'

/** A process with a dry runner, to be killed: says which process that has made, and when it is where it is to be. */
const [app = '', type = ''] = process.argv.slice(2)
const log = createLog({
  level: 'warn',
  json: false,
  now: Date.now,
  write: (line) => void process.stderr.write(line)
})
const runner = new DryRunner({ app, timeLimitMs: 300, log })
const run = (name: string, value: unknown) => {
  const dispatch = { type: name, value }
  const input = { kind: 'tx', address: null, tx: null, validator: null, dispatch } as const
  const get = async (key: string) => {
    // After the answer.
    if (key === 'waiting') setTimeout(() => process.stdout.write('waiting\n'), 50)
    return null
  }
  return runner.run(input, RULESETS[2], { get })
}

await run('echo', 1)
process.stdout.write(`pid ${runner.pid}\n`)
await run(type, 2)
