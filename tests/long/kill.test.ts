import test from 'brittle'
import { killAtRandom } from '../helpers/kills.ts'

test('a peer killed at any of fifty moments starts again with what it had', { timeout: 600_000 }, (t) =>
  killAtRandom(t, 50)
)
