import test from 'brittle'
import { fuzz } from '../../helpers/fuzz.ts'

for (const target of ['decoder', 'canonical', 'grants', 'lists'] as const)
  test(`fuzz: ${target}`, (t) => fuzz(t, target, 3000))
