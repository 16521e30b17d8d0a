import test from 'brittle'
import { CASTS, playStory } from '../helpers/subnet/story.ts'

for (const cast of CASTS) {
  const { rules, peers, indexers } = cast
  const rounds = 5 * cast.rounds
  const name = `ruleset ${rules}: ${peers} peers, ${indexers} of them indexers, ${rounds} times apart`
  test(name, { timeout: 200_000 }, (t) => playStory(t, cast, rounds))
}
