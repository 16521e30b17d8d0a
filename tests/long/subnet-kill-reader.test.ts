import test from 'brittle'
import { killReaders } from '../helpers/subnet/kills.ts'

test('a reader killed at any of a hundred moments comes to the same state', { timeout: 500_000 }, (t) =>
  killReaders(t, 100)
)
