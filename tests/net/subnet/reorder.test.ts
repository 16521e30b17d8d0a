import test from 'brittle'
import { CASTS, playStory } from '../../helpers/subnet/story.ts'

for (const cast of CASTS) {
  const { rules, peers, indexers, rounds } = cast
  const name = `ruleset ${rules}: ${peers} peers, ${indexers} of them indexers, ${rounds} times apart`
  test(name, { timeout: 120_000 }, (t) => playStory(t, cast, rounds))
}
