import test from 'brittle'
import type { CliIo } from '../../../src/cli/io.ts'
import { listen } from '../../../src/cli/listen.ts'
import { connectTo, ENTRY, openPair, take } from '../client/helpers.ts'

const TOTAL = 5
/** In seconds; more than what the node holds takes to arrive. */
const TIMEOUT = 2

test('when the time is over, what has arrived is still printed', async (t) => {
  const { node, sender } = await openPair(t)
  const client = await connectTo(t, node.url)
  const live = client.messages({ channel: ENTRY })
  await live.ready
  for (let i = 1; i <= TOTAL; i++) await sender.sidechannels.send(ENTRY, i)
  await take(live, TOTAL)

  const run = async (count?: number) => {
    const printed: number[] = []
    // Whoever reads the output takes one line, and the others when the time is over.
    const late = async () => {
      const over = new Promise((resolve) => setTimeout(resolve, TIMEOUT * 1000))
      // The replay that this one gets goes to the other as well.
      await take(client.messages({ channel: ENTRY, since: 0 }), TOTAL)
      await over
    }
    let reader: Promise<void> | null = null
    const io: CliIo = {
      json: true,
      input: null,
      now: Date.now,
      print: (line) => printed.push(JSON.parse(line).message),
      note: () => {},
      drained: () => {
        reader ??= late()
        return reader
      }
    }
    const args = { channel: [ENTRY], since: 0, timeout: TIMEOUT, ...(count !== undefined && { count }) }
    const error = await listen(client, args as unknown as Parameters<typeof listen>[1], io).then(
      () => null,
      ({ code, message }) => `${code}: ${message}`
    )
    return { printed, error }
  }
  const all = [1, 2, 3, 4, 5]
  t.alike(await run(), { printed: all, error: null })
  t.alike(await run(4), { printed: all.slice(0, 4), error: null }, 'enough of them had arrived')
  t.alike(await run(6), { printed: all, error: 'timed_out: 5 of 6 messages came in 2 s.' })
})
