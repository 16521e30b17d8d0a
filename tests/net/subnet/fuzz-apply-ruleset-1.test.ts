import test from 'brittle'
import { fuzzApply } from '../../helpers/subnet/fuzz-apply.ts'

test('ruleset 1: no bytes take a node down', { timeout: 120_000 }, (t) => fuzzApply(t, 1, 5000))
