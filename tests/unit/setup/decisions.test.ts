import test from 'brittle'
import {
  DECISION_ARGUMENTS,
  DECISION_NAMES,
  DECISIONS,
  ROLES,
  usualFor
} from '../../../src/config/decisions.ts'
import { FLAG_NAMES, flagSpec } from '../../../src/config/flags.ts'

const readNothing = (): string => {
  throw new Error('no file is read')
}

test('a decision with the name of a flag is that flag, with its default for at least one role', (t) => {
  for (const name of DECISION_NAMES) {
    const key = FLAG_NAMES.get(name)
    const { sets, type, usual } = DECISIONS[name]
    if (key === undefined) t.ok(Object.hasOwn(DECISION_ARGUMENTS, name), `${name} is an argument of init`)
    else {
      t.is(sets.flag, key, name)
      t.is(type, flagSpec(key).type, name)
      t.is(usual, flagSpec(key).default, name)
    }
  }
})

test('what is usual is a value, and what is asked has a question', (t) => {
  for (const name of DECISION_NAMES) {
    const decision = DECISIONS[name]
    t.is(decision.question === '', decision.asked.length === 0, name)
    t.ok(decision.help !== '', name)
    for (const role of ROLES) {
      const usual = usualFor(decision, role)
      if (usual !== null)
        t.alike(decision.type.parse(decision.type.show(usual), readNothing), usual, `${name} of ${role}`)
    }
  }
})

test('a backbone is quiet: nothing is opened for others, nobody connects to it but for metrics', (t) => {
  const usual = (name: (typeof DECISION_NAMES)[number]) => usualFor(DECISIONS[name], 'backbone')
  t.alike(
    [usual('sidechannel-quiet'), usual('sidechannel-allow-remote-open'), usual('sidechannel-auto-join')],
    [true, false, false]
  )
  t.alike(
    [usual('sc-bridge'), usual('report-every'), usual('metrics'), usual('terminal'), usual('subnet')],
    [false, 3600, true, false, false]
  )
})
