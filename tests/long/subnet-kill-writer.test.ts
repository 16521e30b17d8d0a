import test from 'brittle'
import { killWriters } from '../helpers/subnet/kills.ts'

test('a writer killed at any of a hundred moments has all that it was answered', { timeout: 500_000 }, (t) =>
  killWriters(t, 100)
)
