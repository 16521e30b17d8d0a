import { cramped, unwatched, watched } from '../engine/guard.ts'
import type { Rules } from '../engine/rules.ts'
import type { ContractRunner, RunInput, Verdict } from '../engine/runner.ts'
import type { Store } from '../engine/state.ts'

type Entry = { readonly value: unknown } | null
type Read = (key: string) => Promise<Entry>

export interface TwiceRun {
  readonly verdict: Verdict
  /** Why peers would not come to the same result; null where nothing shows that. */
  readonly differs: string | null
}

const AGAIN =
  'it comes to something else when it is run again, by what it keeps between runs, or since its calls go too deep'

/**
 * Runs a contract twice on the same state, the second time with less stack. What it takes from outside where no
 * guard sees it, what it keeps in variables of its own from one run to the next, and calls that go nearly too deep are
 * found here, where a run may be refused; in `apply` it would be too late.
 */
export async function runTwice(
  runner: ContractRunner,
  input: RunInput,
  rules: Rules,
  read: Read
): Promise<TwiceRun> {
  // Contracts of that ruleset have always been able to.
  if (!rules.takesBack)
    return { verdict: await runner.run(input, recording(read).store, rules), differs: null }
  const seen = new Map<string, Promise<Entry>>()
  const once: Read = (key) => {
    const entry = seen.get(key) ?? unwatched(() => read(key))
    seen.set(key, entry)
    return entry
  }
  const first = recording(once)
  const second = recording(once)
  const one = await watched(() => runner.run(input, first.store, rules))
  const two = await watched(() => cramped(() => runner.run(input, second.store, rules)))
  const outside = one.seen ?? two.seen
  if (outside !== null) return { verdict: one.value, differs: `it uses ${outside}` }
  const same = outcomeOf(one.value, first.writes) === outcomeOf(two.value, second.writes)
  return { verdict: one.value, differs: same ? null : AGAIN }
}

interface Recording {
  readonly store: Store
  readonly writes: readonly unknown[]
}

/** A store that nothing is written to. */
function recording(get: Read): Recording {
  const writes: unknown[] = []
  return {
    writes,
    store: {
      get,
      put: async (key, value) => void writes.push(['put', key, value]),
      del: async (key) => void writes.push(['del', key])
    }
  }
}

/** What goes into the state. */
function outcomeOf({ error, unknown, dispatch }: Verdict, writes: readonly unknown[]): string {
  return JSON.stringify([error, unknown, dispatch, writes])
}
