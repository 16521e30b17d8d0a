import test from 'brittle'
import { hear, neighbours } from '../../helpers/heard.ts'
import { openNode } from '../../helpers/node.ts'
import { openRawDht, RawPeer } from '../../helpers/raw-peer.ts'
import { startDht } from '../../helpers/swarm.ts'
import { name } from '../../unit/sidechannel/helpers.ts'

const ENTRY = name('0000intercom')
const BURST = 2000
const FLAGS = ['--sidechannel-pow-difficulty', '4']

test('two thousand messages at once arrive in full and in order', { timeout: 120_000 }, async (t) => {
  const bootstrap = await startDht(t)
  const a = await openNode(t, bootstrap, FLAGS)
  const b = await openNode(t, bootstrap, FLAGS)
  await a.sidechannels.announced()
  await Promise.all([a, b].map(({ sidechannels }) => neighbours(sidechannels, ENTRY, 1)))

  const deployed = new RawPeer(openRawDht(t, bootstrap), a.node, 5)
  const limiter = new DeployedLimiter()
  const channel = await deployed.join(ENTRY)
  await neighbours(a.sidechannels, ENTRY, 2)

  const heard = hear(b.sidechannels)
  const started = Date.now()
  const times: number[] = []
  channel.frames.add = ((add) => (frame: Uint8Array) => {
    times.push(Date.now())
    add.call(channel.frames, frame)
  })(channel.frames.add)
  const texts = Array.from({ length: BURST }, (_, i) => String(i).padEnd(100, '.'))
  const outcomes = await Promise.all(texts.map((text) => a.sidechannels.send(ENTRY, text)))
  t.ok(outcomes.every((outcome) => outcome.ok && outcome.neighbours === 2))
  t.ok(
    outcomes.some((outcome) => outcome.ok && outcome.queued === 2),
    'most of them wait'
  )
  t.comment(`taken in ${Date.now() - started} ms`)
  await Promise.all([heard.count(BURST), channel.frames.count(BURST)])
  t.comment(`there in ${Date.now() - started} ms`)

  t.alike(
    heard.all.map(({ message }) => message.message),
    texts
  )
  t.is(b.sidechannels.channels.get(ENTRY)?.drops.total, 0)
  for (const [index, frame] of channel.frames.all.entries()) limiter.take(frame.byteLength, times[index] ?? 0)
  t.alike(
    channel.messages.map(({ message }) => message),
    texts
  )
  t.is(limiter.lost, 0, 'a deployed peer would have taken them all')
})

/** What is known of the limiter of deployed peers: by message, and deaf for a while after three strikes. */
class DeployedLimiter {
  lost = 0
  #tokens = 256_000
  #at = 0
  #strikes: number[] = []
  #deafUntil = 0

  take(bytes: number, now: number): void {
    this.#tokens = Math.min(256_000, this.#tokens + ((now - (this.#at || now)) / 1000) * 64_000)
    this.#at = now
    if (now >= this.#deafUntil && bytes <= this.#tokens) {
      this.#tokens -= bytes
      return
    }
    this.lost++
    this.#strikes = [...this.#strikes.filter((at) => at > now - 5000), now]
    if (this.#strikes.length >= 3) this.#deafUntil = now + 30_000
  }
}
