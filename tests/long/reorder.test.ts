import test from 'brittle'
import { CASTS, playStory } from '../helpers/subnet/story.ts'

for (const cast of CASTS) {
  const { rules, peers, indexers } = cast
  test(`ruleset ${rules}: ${peers} peers, ${indexers} indexers, 125 times apart`, { timeout: 180_000 }, (t) =>
    playStory(t, cast, 125)
  )
}
