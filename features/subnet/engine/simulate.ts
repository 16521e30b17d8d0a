import type Hyperbee from 'hyperbee'
import type { Rules } from './rules.ts'
import { rulesOf } from './ruleset.ts'
import type { RunInput, Verdict } from './runner.ts'
import { State, type Store } from './state.ts'

interface Runner<V extends Verdict> {
  run(input: RunInput, store: Store, rules: Rules): Promise<V>
}

/**
 * What an operation would do to the state as it is now. It takes a runner, and so a contract, of its own: the
 * one that applies never waits for a simulation, and none of its runs can be mistaken for another.
 */
export async function simulate<V extends Verdict>(
  runner: Runner<V>,
  view: Hyperbee,
  input: RunInput
): Promise<V> {
  const snapshot = view.snapshot()
  try {
    const store = readOnly(snapshot)
    const rules: Rules = await rulesOf(new State(store))
    return await runner.run(input, store, rules)
  } finally {
    await snapshot.close()
  }
}

/** What a run commits ends here. */
function readOnly(view: Hyperbee): Store {
  return { get: (key) => view.get(key), put: async () => {}, del: async () => {} }
}
