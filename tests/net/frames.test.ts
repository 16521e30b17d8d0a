import test from 'brittle'
import { attackWithFrames } from '../helpers/frames.ts'

test('malformed frames of strangers do not touch the node or its friends', (t) => attackWithFrames(t, 3000))
