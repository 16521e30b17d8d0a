// The other end of sidechannel-latency.bench.ts: sends back whatever arrives, and ends once it is alone.
// Arguments: ours, raw or signed, DHT port.
import process from '#process'
import { LOOPBACK } from '../src/network/local-dht.ts'
import { CHANNEL, neighboursOf, OFF, openMember, openRawEnd } from './helpers/pairs.ts'
import { BenchScope } from './helpers/scope.ts'
import { SEALED_AS_LONG } from './helpers/seal.ts'

const [, , mode, port] = process.argv
const scope = new BenchScope()
const bootstrap = [{ host: LOOPBACK, port: Number(port) }]

async function echoOurs(): Promise<void> {
  const { sidechannels } = await openMember(scope, bootstrap, OFF)
  sidechannels.on('message', ({ message }) => void sidechannels.send(CHANNEL, message.message))
  await neighboursOf(sidechannels, 1)
  sidechannels.on('changed', () => {
    if (sidechannels.channels.get(CHANNEL)?.sessions.length === 0) process.exit()
  })
}

async function echoRaw(key: number, topic: number, answer: (message: unknown) => unknown): Promise<void> {
  const end = await openRawEnd(scope, bootstrap, key, topic, (message) => void end.send(answer(message)))
  await end.closed
  process.exit()
}

if (mode === 'ours') await echoOurs()
else if (mode === 'raw') await echoRaw(151, 101, (message) => message)
else await echoRaw(152, 102, (sealed) => SEALED_AS_LONG.seal((sealed as { message: unknown }).message))
