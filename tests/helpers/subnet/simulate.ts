import type Hyperbee from 'hyperbee'
import type { Rules } from '../../../features/subnet/engine/rules.ts'
import { rulesOf } from '../../../features/subnet/engine/ruleset.ts'
import type { RunInput, Verdict } from '../../../features/subnet/engine/runner.ts'
import { State, type Store } from '../../../features/subnet/engine/state.ts'

interface Runner<V extends Verdict> {
  run(input: RunInput, store: Store, rules: Rules): Promise<V>
}

/** What an operation would do to the state as it is now, with a runner of its own. */
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
