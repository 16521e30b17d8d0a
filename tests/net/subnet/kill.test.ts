import test from 'brittle'
import { killReaders, killWriters, tearWrites } from '../../helpers/subnet/kills.ts'

test('a writer killed at any moment has all that it was answered', { timeout: 120_000 }, (t) =>
  killWriters(t, 5)
)

test('a writer killed in the midst of a batch has it once, and the state of everybody', (t) =>
  tearWrites(t, 2))

test('a reader killed at any moment comes to the same state', { timeout: 120_000 }, (t) => killReaders(t, 5))
