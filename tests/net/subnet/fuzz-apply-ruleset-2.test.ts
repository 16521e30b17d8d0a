import test from 'brittle'
import { fuzzApply } from '../../helpers/subnet/fuzz-apply.ts'

test('ruleset 2: no bytes take a node down', { timeout: 120_000 }, (t) => fuzzApply(t, 2, 5000))
