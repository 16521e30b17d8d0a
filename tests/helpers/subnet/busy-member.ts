// A process of its own that appends to a subnet, or follows one, as fast as it can, and says on standard output what
// it was answered: the last argument is a `BusyOrder` as JSON. It goes on until it is killed.
import process from '#process'
import type { SubnetDesk } from '../../../features/subnet/desk.ts'
import { messageOf } from '../../../src/base/errors.ts'
import type { HostPort } from '../../../src/config/types.ts'
import { openMember } from './member.ts'

export interface BusyOrder {
  readonly folder: string
  readonly dht: readonly HostPort[]
  readonly flags: readonly string[]
  /** How many posts are under way at a time; 0: it only follows. */
  readonly posts: number
  /** It ends in the midst of writing the next batch after so many answers, where that is in two steps. */
  readonly tornAfter?: number
  /** What tells its posts from those of an earlier life. */
  readonly life: number
}

const order = JSON.parse(process.argv.at(-1) ?? '') as BusyOrder
const say = (...words: readonly (string | number | null)[]) =>
  void process.stdout.write(`${words.join(' ')}\n`)

async function run({ folder, dht, flags, posts, tornAfter, life }: BusyOrder): Promise<void> {
  // Whoever is killed ends nothing.
  const scope = { teardown() {} }
  const { desk } = await openMember(scope, dht, flags, { folder })
  const { subnet } = desk
  subnet.on('interrupted', (reason: string) => say('interrupted', reason))
  subnet.on('applied', () => say('applied', subnet.base.view.core.length))
  if (posts > 0 && (await desk.get('admin', false)) === null) {
    await desk.operate('add_admin', { address: subnet.peerKey })
    await desk.operate('set_chat_status', { enabled: 1 })
  }
  say('ready', subnet.bootstrap)
  let count = 0
  const post = async () => {
    for (;;) {
      const message = `${life}-${count++}`
      const { result } = await desk.post({ message })
      say('answered', message, result.n)
      if (count === tornAfter) tearNextWrite(desk)
    }
  }
  await Promise.all(Array.from({ length: posts }, post))
}

/** Between what the batch made and that it was applied. */
function tearNextWrite({ subnet }: SubnetDesk): void {
  const { _applyState: state } = subnet.base as unknown as { _applyState: { localState: { flush(): void } } }
  state.localState.flush = () => process.kill(process.pid, 'SIGKILL')
}

run(order).catch((error: unknown) => {
  say('failed', messageOf(error))
  // Not at once: what was said has to get out.
  process.exitCode = 1
  process.stdout.end(() => process.exit(1))
})
