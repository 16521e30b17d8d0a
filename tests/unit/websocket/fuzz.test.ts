import test from 'brittle'
import { fuzz } from '../../helpers/fuzz.ts'

test('fuzz: websocket', (t) => fuzz(t, 'websocket', 3000))
