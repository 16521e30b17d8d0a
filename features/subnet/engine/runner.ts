import { AssertionError } from '../../../src/app/assert.ts'
import {
  type Contract,
  type ContractRun,
  type Handler,
  type RunContext,
  registeredBy,
  setRun
} from '../../../src/app/contract.ts'
import { getError, safeJsonStringify } from '../../../src/app/json.ts'
import { compileSchema, type SchemaCheck } from '../../../src/app/validator.ts'
import { DeterminismError, Guard, unguarded } from './guard.ts'
import { ContractError, Overlay } from './overlay.ts'
import { RULESETS, type Rules } from './rules.ts'
import type { Store } from './state.ts'

export interface RunInput {
  readonly kind: RunContext['kind']
  readonly address: unknown
  readonly tx: string | null
  readonly validator: string | null
  readonly dispatch: { readonly type: string; readonly value?: unknown }
}

export interface Verdict {
  /** What the contract says is wrong, or null. */
  readonly error: string | null
  /** There was nothing to run: no such function, or not for such a value. */
  readonly unknown: boolean
  /** What the function returned, for simulations. */
  readonly value: unknown
  /** The dispatch as it is to be stored. */
  readonly dispatch: object
  readonly log: readonly string[]
}

/** A refusal with its name, as deployed peers have it. */
const UNKNOWN = {
  type: 'Unknown contract operation type.',
  function: 'Function not registered.',
  schema: 'Invalid schema.'
} as const
const THROWN = 'Error in contract.'
const MAX_LOG = 64
const MAX_LINE = 2000

/** Runs one contract, one run at a time: what a run sees is its own, however long the one before it waits. */
export class ContractRunner {
  readonly #contract: Contract
  readonly #checks = new Map<string, SchemaCheck>()
  #last: Promise<unknown> = Promise.resolve()

  /** Throws when a schema of the contract is none. */
  constructor(contract: Contract) {
    this.#contract = contract
    for (const [type, schema] of registeredBy(contract).schemas) {
      // Now, since compiling takes what a running contract may not have.
      for (const { version, mendedValidator } of Object.values(RULESETS)) {
        this.#checks.set(`${version} ${type}`, compileSchema(schema, mendedValidator))
      }
    }
  }

  /** Never throws because of the contract; only when the store underneath does. */
  run(input: RunInput, store: Store, rules: Rules): Promise<Verdict> {
    const result = this.#last.then(() => this.#run(input, store, rules))
    this.#last = result.catch(() => {})
    return result
  }

  async #run(input: RunInput, store: Store, rules: Rules): Promise<Verdict> {
    const copy = JSON.parse(JSON.stringify(input.dispatch)) as { type: string; value?: unknown }
    const dispatch = rules.sharesOperation ? copy : input.dispatch
    const { handler, missing } = this.#handler(input, copy, rules)
    if (handler === null) {
      return {
        error: missing,
        unknown: missing !== null,
        value: undefined,
        dispatch: input.dispatch,
        log: []
      }
    }
    const overlay = new Overlay(store, rules.reserved, rules.maxValueLength)
    const log: string[] = []
    const { value, thrown } = await this.#call(handler, contextOf(input, copy), overlay, rules, log)
    overlay.assertRead()
    const error = thrown === undefined ? returnedError(value) : thrown.text
    const keep = error === null || (rules.keepsFailedWrites && thrown?.fault !== true)
    if (keep) await overlay.commit(store)
    return {
      error,
      unknown: false,
      value,
      dispatch: safeJsonStringify(dispatch) === null ? input.dispatch : dispatch,
      log
    }
  }

  /** Null with no `missing` where there is nothing to run and nothing is wrong: a chat without a handler. */
  #handler(
    input: RunInput,
    dispatch: { type: string },
    rules: Rules
  ): { handler: Handler | null; missing: string | null } {
    const { functions, schemas, features, messageHandler } = registeredBy(this.#contract)
    if (input.kind === 'msg') return { handler: messageHandler, missing: null }
    if (input.kind === 'feature') {
      const handler = features.get(dispatch.type) ?? null
      return { handler, missing: handler === null ? UNKNOWN.type : null }
    }
    const { type } = dispatch
    if (!functions.has(type) && !schemas.has(type)) return { handler: null, missing: UNKNOWN.type }
    const method = (this.#contract as unknown as Record<string, unknown>)[type]
    if (typeof method !== 'function') return { handler: null, missing: UNKNOWN.function }
    if (schemas.has(type) && !this.#fits(type, dispatch, rules))
      return { handler: null, missing: UNKNOWN.schema }
    return { handler: method as Handler, missing: null }
  }

  #fits(type: string, value: unknown, rules: Rules): boolean {
    return this.#checks.get(`${rules.version} ${type}`)?.(value) ?? false
  }

  async #call(
    handler: Handler,
    context: RunContext,
    overlay: Overlay,
    rules: Rules,
    log: string[]
  ): Promise<{ value: unknown; thrown?: { text: string; fault: boolean } }> {
    const write = (words: readonly unknown[]) => {
      if (log.length < MAX_LOG) log.push(words.map(wordOf).join(' ').slice(0, MAX_LINE))
    }
    const guard = new Guard(rules.console === 'log' ? { log: write } : {})
    const lent = lend(context, overlay, guard, {
      validate: (type, value) => this.#fits(type, value, rules),
      log: write
    })
    setRun(this.#contract, lent.run)
    try {
      return { value: await unguarded(guard.inside(() => handler.call(this.#contract))) }
    } catch (error) {
      return { value: undefined, thrown: thrownBy(error) }
    } finally {
      await lent.close()
      setRun(this.#contract, null)
    }
  }
}

/** The run as the contract has it; after `close` nothing of it works any more. */
function lend(
  context: RunContext,
  overlay: Overlay,
  guard: Guard,
  helpers: Pick<ContractRun, 'validate' | 'log'>
): { run: ContractRun; close(): Promise<void> } {
  const pending = new Set<Promise<unknown>>()
  let open = true
  const call = <T>(work: () => Promise<T>): Promise<T> => {
    const done = guard.outside(() => (open ? work() : Promise.reject(new ContractError('the run is over'))))
    const settled: Promise<unknown> = settle(unguarded(done)).then(() => pending.delete(settled))
    pending.add(settled)
    return done
  }
  return {
    run: Object.freeze({
      context,
      get: (key: string) => call(() => overlay.get(key)),
      put: (key: string, value: unknown) => call(() => overlay.put(key, value)),
      del: (key: string) => call(() => overlay.del(key)),
      ...helpers
    }),
    // What the contract began and did not wait for belongs to this run all the same.
    async close() {
      while (pending.size > 0) await Promise.all(pending)
      open = false
    }
  }
}

async function settle(done: unknown): Promise<void> {
  try {
    await done
  } catch {
    // The contract has been told.
  }
}

function contextOf(input: RunInput, op: { value?: unknown }): RunContext {
  const { kind, address, tx, validator } = input
  const value = kind === 'msg' ? null : (op.value ?? null)
  return Object.freeze({ kind, address, validator_address: validator, tx, op, value })
}

function returnedError(value: unknown): string | null {
  const error = getError(value)
  if (error === null) return null
  return typeof error.message === 'string' ? error.message : (safeJsonStringify(error.message) ?? 'Error')
}

/** An assertion is a refusal that was meant. The words of engines differ, so only our own and plain ones stay. */
function thrownBy(error: unknown): { text: string; fault: boolean } {
  if (error instanceof AssertionError) return { text: error.message, fault: false }
  const ours = error instanceof ContractError || error instanceof DeterminismError
  if (ours || (error instanceof Error && error.name === 'Error'))
    return { text: String(error.message), fault: true }
  return { text: THROWN, fault: true }
}

function wordOf(word: unknown): string {
  if (typeof word === 'string') return word
  return safeJsonStringify(word) ?? typeof word
}
