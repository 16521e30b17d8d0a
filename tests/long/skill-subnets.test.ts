import test from 'brittle'
import '../helpers/peer.ts'
import { runPart } from '../helpers/skill/recipes.ts'

test('what SKILL.md says is what happens: subnets', { timeout: 180_000 }, async (t) => {
  await runPart(t, 'subnets')
})
