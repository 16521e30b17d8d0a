import type Autobase from 'autobase'
import type { LogHead, ViewStore } from 'autobase'

/**
 * When the indexers change, the state goes on in cores whose keys are made of what stands at the beginning of every
 * indexer's log. Autobase leaves out those it has not got: a peer that took over a state has never seen the log of a
 * writer who was quiet since, and would go on in cores of its own. So it waits until a neighbour has sent them.
 */
export function awaitIndexerLogs(base: Autobase): void {
  const waiting = (store: ViewStore): void => {
    const manifestsOf = store.getIndexerManifests.bind(store)
    const atomize = store.atomize.bind(store)
    store.getIndexerManifests = async (indexers) => {
      // While it opens it has those that it had before, or there are none yet.
      if (base.opened) await Promise.all(indexers.map((indexer) => beginningOf(base, indexer)))
      return manifestsOf(indexers)
    }
    store.atomize = () => {
      const atomic = atomize()
      waiting(atomic)
      return atomic
    }
  }
  waiting(base._viewStore)
}

async function beginningOf(base: Autobase, { key, length }: LogHead): Promise<void> {
  if (length === 0) return
  const core = base.store.get({ key, active: true })
  try {
    await core.ready()
    if (core.manifest === null) await core.get(0)
  } finally {
    await core.close()
  }
}
