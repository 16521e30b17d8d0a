import test from 'brittle'
import '../helpers/peer.ts'
import { runPart } from '../helpers/skill/recipes.ts'

test('what SKILL.md says is what happens: channels', { timeout: 180_000 }, async (t) => {
  await runPart(t, 'channels')
})
