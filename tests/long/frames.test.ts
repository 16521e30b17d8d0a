import test from 'brittle'
import { attackWithFrames } from '../helpers/frames.ts'

test('a minute of malformed frames does not touch the node or its friends', { timeout: 180_000 }, (t) =>
  attackWithFrames(t, 60_000)
)
