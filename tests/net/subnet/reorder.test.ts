import test from 'brittle'
import { CASTS, playStory } from '../../helpers/subnet/story.ts'

for (const cast of CASTS) {
  const { rules, peers, indexers } = cast
  test(`ruleset ${rules}: ${peers} peers, ${indexers} indexers, 13 times apart`, { timeout: 55_000 }, (t) =>
    playStory(t, cast, 13)
  )
}
