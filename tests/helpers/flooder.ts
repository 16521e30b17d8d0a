// A neighbour that floods, in a process of its own, so that what it costs itself counts for nobody else.
// Arguments: DHT port, key of its victim, channel, bytes of JSON per second. Begins at a line "on" and prints how
// many messages it has sent in all at a line "off".
import b4a from 'b4a'
import process from '#process'
import { LOOPBACK } from '../../src/network/local-dht.ts'
import { frameOf, openRawDht, RawPeer } from './raw-peer.ts'

const [port = '', key = '', channel = '', perSecond = ''] = process.argv.slice(2)
const dht = openRawDht({ teardown: () => {} }, [{ host: LOOPBACK, port: Number(port) }])
const peer = new RawPeer(dht, { key }, 2)
const victim = await peer.join(channel)
const messages = Array.from({ length: 100 }, () => JSON.stringify(victim.message('x'.repeat(100))))
const frames = messages.map(frameOf)
const each = messages[0]?.length ?? 0
let [sent, since, base] = [0, 0, 0]
let timer: ReturnType<typeof setInterval> | null = null

print({ sent: 0, bytes: 0 })
process.stdin.on('data', (chunk: Uint8Array) => {
  for (const line of b4a.toString(chunk).split('\n')) if (line !== '') turn(line === 'on')
})

function turn(on: boolean): void {
  if (timer !== null) clearInterval(timer)
  timer = null
  if (!on) {
    print({ sent, bytes: sent * each })
    return
  }
  since = Date.now()
  base = sent
  // As much as is due, however long the turn before took; no more than the connection takes.
  timer = setInterval(() => {
    const due = base + Math.ceil((Number(perSecond) * (Date.now() - since)) / 1000 / each)
    while (sent < due && peer.mux.drained) victim.sendFrame(frames[sent++ % frames.length] as Uint8Array)
  }, 1)
}

function print(value: object): void {
  process.stdout.write(`${JSON.stringify(value)}\n`)
}
