import test from 'brittle'
import { killReaders, killWriters } from '../../helpers/subnet/kills.ts'

test('a writer killed at any moment has all that it was answered', { timeout: 50_000 }, (t) =>
  killWriters(t, 5)
)

test('a reader killed at any moment comes to the same state', { timeout: 50_000 }, (t) => killReaders(t, 5))
