import {
  type Contract,
  type ContractRun,
  type Handler,
  type RunContext,
  registeredBy,
  setRun
} from '../../../src/app/contract.ts'
import { safeJsonStringify } from '../../../src/app/json.ts'
import { compileSchema, type SchemaCheck } from '../../../src/app/validator.ts'
import { type Ending, endingOf, failureOf } from './ending.ts'
import { Guard, unguarded, unwatched } from './guard.ts'
import { LANGUAGE, Originals } from './originals.ts'
import { ContractError, Overlay, storable } from './overlay.ts'
import { RULESETS, type Rules } from './rules.ts'
import type { Store } from './state.ts'
import { catchStrays } from './strays.ts'
import { nextTurn } from './turn.ts'

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
const MAX_LOG = 64
const MAX_LINE = 2000

/** What waits for nothing of the state, and has not ended after a turn, never will. */
const STUCK: Outcome = {
  thrown: {
    error: new ContractError('The contract does not come to an end: it waits for what nobody settles.')
  }
}

/** Runs one contract, one run at a time: what a run sees is its own, however long the one before it waits. */
export class ContractRunner {
  /** For runs of ruleset 1, where an instance lives as long as the node. */
  readonly #contract: Contract
  readonly #create: (() => Contract) | null
  readonly #checks = new Map<string, SchemaCheck>()
  readonly #language = new Originals(LANGUAGE)
  readonly #own: Originals
  #last: Promise<unknown> = Promise.resolve()

  /**
   * With a function that makes contracts, each run of ruleset 2 has one of its own, with nothing in it of the runs
   * before. Throws when a schema of the contract is none.
   */
  constructor(source: Contract | (() => Contract)) {
    this.#create = typeof source === 'function' ? source : null
    const contract = typeof source === 'function' ? source() : source
    this.#contract = contract
    this.#own = new Originals([contract, ...classesOf(contract)])
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
    // Whoever asked is told of a failure; the next run only waits for the end.
    this.#last = result.catch(() => {})
    return result
  }

  async #run(input: RunInput, store: Store, rules: Rules): Promise<Verdict> {
    const copy = JSON.parse(JSON.stringify(input.dispatch)) as { type: string; value?: unknown }
    const contract = (rules.takesBack ? this.#create?.() : null) ?? this.#contract
    const { handler, missing } = this.#handler(contract, input, copy, rules)
    if (handler === null) {
      return {
        error: missing,
        unknown: missing !== null,
        value: undefined,
        dispatch: input.dispatch,
        log: []
      }
    }
    const log: string[] = []
    const write = (words: readonly unknown[]) => {
      if (log.length < MAX_LOG) log.push(words.map(wordOf).join(' ').slice(0, MAX_LINE))
    }
    const overlay = new Overlay(store, rules)
    const guard = new Guard(rules.console === 'log' ? { log: write } : {})
    const lent = lend(contextOf(input, copy), overlay, guard, {
      validate: (type, value) => this.#fits(type, value, rules),
      log: write
    })
    const { value, error, fault } = await this.#call(contract, handler, lent, guard, rules)
    overlay.assertRead()
    if (error === null || (rules.keepsFailedWrites && !fault)) await overlay.commit(store)
    const changed = rules.sharesOperation ? guard.inside(() => storable(copy, rules))?.value : null
    const dispatch = typeof changed === 'object' && changed !== null ? changed : input.dispatch
    return { error, unknown: false, value, dispatch, log }
  }

  /** Null with no `missing` where there is nothing to run and nothing is wrong: a chat without a handler. */
  #handler(
    contract: Contract,
    input: RunInput,
    dispatch: { type: string },
    rules: Rules
  ): { handler: Handler | null; missing: string | null } {
    const { functions, schemas, features, messageHandler } = registeredBy(contract)
    if (input.kind === 'msg') return { handler: messageHandler, missing: null }
    if (input.kind === 'feature') {
      const handler = features.get(dispatch.type) ?? null
      return { handler, missing: handler === null ? UNKNOWN.type : null }
    }
    const { type } = dispatch
    if (!functions.has(type) && !schemas.has(type)) return { handler: null, missing: UNKNOWN.type }
    const method = (contract as unknown as Record<string, unknown>)[type]
    if (typeof method !== 'function') return { handler: null, missing: UNKNOWN.function }
    if (schemas.has(type) && !this.#fits(type, dispatch, rules))
      return { handler: null, missing: UNKNOWN.schema }
    return { handler: method as Handler, missing: null }
  }

  #fits(type: string, value: unknown, rules: Rules): boolean {
    return this.#checks.get(`${rules.version} ${type}`)?.(value) ?? false
  }

  async #call(
    contract: Contract,
    handler: Handler,
    { run, close }: Loan,
    guard: Guard,
    rules: Rules
  ): Promise<Ending & { readonly value: unknown }> {
    const stop = unwatched(() =>
      catchStrays((reason) => {
        run.log(['nobody waited for what failed:', failureOf(reason, rules).error])
      })
    )
    setRun(contract, run)
    // Before anything else goes on: it would not get far with other lists and promises.
    const takeBack = () => void (rules.takesBack && this.#takeBack(run))
    const outcome = outcomeOf(() => guard.inside(() => handler.call(contract)), takeBack)
    const closed = rules.takesBack ? close() : outcome.then(close)
    const stuck = closed.then(() => STUCK)
    // In ruleset 1 contracts may wait for what the protocol reads, however long that takes.
    const { value, thrown } = await (rules.takesBack ? Promise.race([outcome, stuck]) : outcome)
    const ending = guard.inside(() =>
      thrown === undefined ? endingOf(value, rules) : failureOf(thrown.error, rules)
    )
    await closed
    setRun(contract, null)
    unwatched(stop)
    takeBack()
    return { value, ...ending }
  }

  /** What one run leaves in an object, the next would find, but not on a peer that was started in between. */
  #takeBack({ log }: ContractRun): void {
    this.#own.restore()
    if (this.#language.restore()) log(['objects of the language were changed: they are as before'])
  }
}

/** What a contract is an instance of: each class and its prototype, but for the language's own. */
function classesOf(contract: Contract): object[] {
  const found: object[] = []
  let one = Object.getPrototypeOf(contract) as object
  for (; one !== Object.prototype && one !== null; one = Object.getPrototypeOf(one) as object) {
    found.push(one)
    if (Object.hasOwn(one, 'constructor') && typeof one.constructor === 'function')
      found.push(one.constructor)
  }
  return found
}

interface Outcome {
  readonly value?: unknown
  readonly thrown?: { readonly error: unknown }
}

async function outcomeOf(call: () => unknown, then: () => void): Promise<Outcome> {
  try {
    return { value: await unguarded(call()) }
  } catch (error) {
    return { thrown: { error } }
  } finally {
    then()
  }
}

interface Loan {
  readonly run: ContractRun
  close(): Promise<void>
}

/** The run as the contract has it; after `close` nothing of it works any more. */
function lend(
  context: RunContext,
  overlay: Overlay,
  guard: Guard,
  helpers: Pick<ContractRun, 'validate' | 'log'>
): Loan {
  const pending = new Set<Promise<unknown>>()
  let open = true
  const call = <T>(work: () => Promise<T>): Promise<T> => {
    const done = guard.outside(() => (open ? work() : over()))
    const settled: Promise<unknown> = settle(unguarded(done)).then(() => pending.delete(settled))
    pending.add(settled)
    return done
  }
  // What makes JSON of a value can be code of the contract, so it runs now and not as the engine.
  const write = (made: Promise<void>): Promise<void> => {
    void settle(made)
    return call(() => made)
  }
  return {
    run: Object.freeze({
      context,
      get: (key: string) => call(() => overlay.get(key)),
      put: (key: string, value: unknown) => write(open ? overlay.put(key, value) : over()),
      del: (key: string) => write(open ? overlay.del(key) : over()),
      ...helpers
    }),
    // What the contract began and did not wait for belongs to this run all the same: a turn ends all that is
    // not waiting for the state.
    async close() {
      for (await nextTurn(); pending.size > 0; await nextTurn()) await Promise.all(pending)
      open = false
    }
  }
}

function over(): Promise<never> {
  return Promise.reject(new ContractError('the run is over'))
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

function wordOf(word: unknown): string {
  if (typeof word === 'string') return word
  return safeJsonStringify(word) ?? typeof word
}
