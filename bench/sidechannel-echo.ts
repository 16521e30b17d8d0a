// The other end of sidechannel-latency.bench.ts: sends back whatever arrives. Arguments: ours or raw, DHT port.
import process from '#process'
import { LOOPBACK } from '../src/network/local-dht.ts'
import { CHANNEL, type JsonEnd, OFF, openMember, openRawEnd } from './helpers/pairs.ts'
import { BenchScope } from './helpers/scope.ts'

const [, , mode, port] = process.argv
const scope = new BenchScope()
const bootstrap = [{ host: LOOPBACK, port: Number(port) }]
if (mode === 'ours') {
  const { sidechannels } = await openMember(scope, bootstrap, OFF)
  sidechannels.on('message', ({ message }) => void sidechannels.send(CHANNEL, message.message))
} else {
  const end: JsonEnd = await openRawEnd(scope, bootstrap, 151, 101, (message) => void end.send(message))
}
