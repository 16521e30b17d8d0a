import test from 'brittle'
import { fuzz } from '../helpers/fuzz.ts'

for (const target of ['decoder', 'canonical', 'grants', 'lists', 'websocket'] as const)
  test(`a minute of fuzz: ${target}`, { timeout: 180_000 }, (t) => fuzz(t, target, 60_000))
