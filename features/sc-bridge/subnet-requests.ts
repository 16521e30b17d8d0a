import b4a from 'b4a'
import { depthWithin } from '../../src/base/depth.ts'
import { IntercomError } from '../../src/base/errors.ts'
import { LIST_LIMITS } from '../../src/bridge/limits.ts'
import type { SubnetRequestType } from '../../src/bridge/protocol.ts'
import type { CheckedFields } from '../../src/bridge/types.ts'
import type { IntercomNode } from '../../src/node.ts'
import type { StateEntry, SubnetPlane } from '../../src/subnet-plane.ts'
import { Refused } from './refusals.ts'
import type { Handlers } from './requests.ts'

/** How many entries are read at a time: each can be large, and all of them have to be held. */
const PAGE = 32

/** Answers what is asked of the subnet. */
export function createSubnetHandlers(node: IntercomNode): Pick<Handlers, SubnetRequestType> {
  const subnet = (): SubnetPlane => {
    const plane = node.planes.subnet
    if (plane === null) throw new IntercomError('no_subnet', 'This node has no subnet.')
    return plane
  }
  return {
    async get({ key, confirmed }) {
      return { key, confirmed, value: await subnet().get(key, confirmed) }
    },
    async list(fields) {
      const { prefix, confirmed } = fields
      return { prefix, confirmed, ...(await page(subnet(), fields)) }
    },
    watch(fields, client) {
      subnet()
      return client.watching.add(fields)
    },
    unwatch(fields, client) {
      subnet()
      return client.watching.remove(fields)
    },
    async tx({ command, dispatch, sim }) {
      const given = command ?? dispatch
      if (given === undefined || (command !== undefined && dispatch !== undefined))
        throw new Refused('bad_request', 'Give command or dispatch, one of them.')
      checkDepth(given)
      return (await subnet().tx({ command: given, sim })).result
    },
    submit({ prepared_command: preparedCommand, sim, tx, address, signature, nonce }) {
      checkDepth(preparedCommand)
      return subnet().submit({ tx, preparedCommand, address, signature, nonce }, sim)
    },
    tx_context: () => subnet().txContext(),
    contract: () => subnet().contractSchema(),
    async post(fields) {
      const { id, n } = (await subnet().post(fields)).result
      return { operationId: id, n }
    },
    messages: (fields) => subnet().messages(fields),
    async set_nick(fields) {
      const { lines, result } = await subnet().setNick(fields)
      return { operation: 'set_nick', operationId: result.id, lines }
    },
    async roles() {
      return { roles: await subnet().roles() }
    },
    async subnet_stats() {
      return { stats: (await subnet().stats()).result }
    },
    async operate({ operation, args }) {
      checkDepth(args)
      const { lines, result } = await subnet().operate(operation, args)
      return { operation, operationId: result.id, lines }
    }
  }
}

/** As many entries as were asked for, or as one answer holds. */
async function page(subnet: SubnetPlane, { prefix, after, limit, confirmed }: CheckedFields<'list'>) {
  const entries: StateEntry[] = []
  let bytes = 0
  for (let last = after; ; last = entries.at(-1)?.key) {
    // One more than is given, to know whether there is one.
    const wanted = Math.min(PAGE, limit + 1 - entries.length)
    const found = await subnet.list({ prefix, after: last, limit: wanted, confirmed })
    for (const entry of found) {
      bytes += b4a.byteLength(JSON.stringify(entry))
      if (entries.length === limit || (entries.length > 0 && bytes > LIST_LIMITS.bytes))
        return { entries, more: true }
      entries.push(entry)
    }
    if (found.length < wanted) return { entries, more: false }
  }
}

function checkDepth(value: unknown): void {
  if (!depthWithin(value)) throw new IntercomError('unserialisable', 'This nests too deep.')
}
