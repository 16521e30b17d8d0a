import type Autobase from 'autobase'
import { toHex } from '../../../src/base/hex.ts'

/** What stands in a writer's log around its operations, as Autobase reads it. */
interface Block {
  readonly node: { readonly heads: readonly { readonly key: Uint8Array; readonly length: number }[] }
  readonly trace: Trace | null
}

/** Which blocks of which cores it is worth to fetch ahead: a hint, and nothing else. */
interface Trace {
  readonly system: readonly number[]
  readonly encryption: readonly number[]
  readonly user: readonly { readonly view: number; readonly blocks: readonly number[] }[]
}

interface WriterOfBase {
  readonly core: { get(index: number, options?: object): Promise<Block | null> }
}

// Autobase itself never notes more of a core, and there is one view.
const MOST_TRACED = 256
const VIEWS = 1

/**
 * Autobase believes what a writer says beside its operations: a long trace overflows the stack and closes the
 * base of every peer, and a head that is named twice ends the process. So a trace that no Autobase wrote is left
 * out, and a log with such heads ends before them. To be called before the base is opened.
 */
export function readSoundLogs(base: Autobase): void {
  base.on('writer', ({ core }: WriterOfBase) => {
    const get = core.get.bind(core)
    core.get = async (index, options) => {
      const block = await get(index, options)
      return block === null ? null : sound(block)
    }
  })
}

function sound(block: Block): Block {
  const { node, trace } = block
  // Not an error of ours, and so Autobase does no more than to leave this writer alone.
  if (namesTwice(node.heads)) throw new Error('a head is named twice')
  return trace === null || isModest(trace) ? block : { ...block, trace: null }
}

function namesTwice(heads: Block['node']['heads']): boolean {
  if (heads.length < 2) return false
  return new Set(heads.map(({ key, length }) => `${toHex(key)} ${length}`)).size < heads.length
}

function isModest({ system, encryption, user }: Trace): boolean {
  const lists = [system, encryption, ...user.map(({ blocks }) => blocks)]
  return user.every(({ view }) => view < VIEWS) && lists.every(({ length }) => length <= MOST_TRACED)
}
