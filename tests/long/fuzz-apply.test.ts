import test from 'brittle'
import { fuzzApply } from '../helpers/subnet/fuzz-apply.ts'

for (const rules of [1, 2] as const)
  test(`half a minute of any bytes in the log: ruleset ${rules}`, { timeout: 300_000 }, (t) =>
    fuzzApply(t, rules, 30_000)
  )
