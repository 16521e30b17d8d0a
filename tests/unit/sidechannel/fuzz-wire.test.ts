import test from 'brittle'
import { fuzz } from '../../helpers/fuzz.ts'

for (const target of ['decoder', 'canonical'] as const)
  test(`fuzz: ${target}`, { timeout: 120_000 }, (t) => fuzz(t, target, 10_000))
