import test from 'brittle'
import { killAtRandom } from '../helpers/kills.ts'

test('a peer killed at any moment starts again with what it had', { timeout: 120_000 }, (t) =>
  killAtRandom(t, 5)
)
