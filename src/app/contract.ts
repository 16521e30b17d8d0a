import { type Assert, assert } from './assert.ts'
import { type ContractSchema, cloneSchema } from './validator.ts'

/** What one run of a contract is about. It does not change while the run lasts. */
export interface RunContext {
  readonly kind: 'tx' | 'feature' | 'msg'
  readonly address: unknown
  readonly validator_address: string | null
  readonly tx: string | null
  readonly op: unknown
  readonly value: unknown
}

/** A run as the engine lends it to a contract, until the run is over. */
export interface ContractRun {
  readonly context: RunContext
  get(key: string): Promise<{ readonly value: unknown } | null>
  put(key: string, value: unknown): Promise<void>
  del(key: string): Promise<void>
  validate(type: string, value: unknown): boolean
  log(words: readonly unknown[]): void
}

export type Handler = (this: unknown) => unknown

export interface Registered {
  readonly functions: ReadonlySet<string>
  readonly schemas: ReadonlyMap<string, ContractSchema>
  readonly features: ReadonlyMap<string, Handler>
  readonly messageHandler: Handler | null
}

const runs = new WeakMap<Contract, ContractRun>()
const registries = new WeakMap<Contract, Registry>()

// Maps, since the names are looked up with words of strangers.
interface Registry extends Registered {
  readonly functions: Set<string>
  readonly schemas: Map<string, ContractSchema>
  readonly features: Map<string, Handler>
  messageHandler: Handler | null
}

/** For the engine alone: begins a run, or with null ends it. */
export function setRun(contract: Contract, run: ContractRun | null): void {
  if (run === null) runs.delete(contract)
  else runs.set(contract, run)
}

export function registeredBy(contract: Contract): Registered {
  return registry(contract)
}

function registry(contract: Contract): Registry {
  let own = registries.get(contract)
  if (own === undefined) {
    own = { functions: new Set(), schemas: new Map(), features: new Map(), messageHandler: null }
    registries.set(contract, own)
  }
  return own
}

/**
 * The state of an app: what an operation does to the view. The same operations must do the same on every
 * peer, so a contract reads `op`, `value` and its storage, and nothing else: no clock, no chance, no network.
 */
export class Contract<P = unknown> {
  readonly protocol: P
  readonly config: unknown
  readonly assert: Assert = assert
  /** `check.validateSchema(type, value)`: whether a value fits a schema of this contract. */
  readonly check: { validateSchema(type: string, value: unknown): boolean }

  constructor(protocol: P, config: unknown = {}) {
    this.protocol = protocol
    this.config = config
    this.check = { validateSchema: (type, value) => runs.get(this)?.validate(type, value) ?? false }
  }

  get address(): unknown {
    return runs.get(this)?.context.address ?? null
  }

  get validator_address(): string | null {
    return runs.get(this)?.context.validator_address ?? null
  }

  get tx(): string | null {
    return runs.get(this)?.context.tx ?? null
  }

  get op(): unknown {
    return runs.get(this)?.context.op ?? null
  }

  get value(): unknown {
    return runs.get(this)?.context.value ?? null
  }

  /** Entries instead of values; null outside of a run. */
  get storage(): Pick<ContractRun, 'get' | 'put' | 'del'> | null {
    return runs.get(this) ?? null
  }

  get metadata(): { schemas: Record<string, ContractSchema>; functions: string[]; features: string[] } {
    const { schemas, functions, features } = registry(this)
    return { schemas: Object.fromEntries(schemas), functions: [...functions], features: [...features.keys()] }
  }

  isFeature(): boolean {
    return runs.get(this)?.context.kind === 'feature'
  }

  isMessage(): boolean {
    return runs.get(this)?.context.kind === 'msg'
  }

  /** Makes the method of this name callable by transactions. */
  addFunction(type: string): void {
    const { functions } = this.#free('addFunction(type)', type)
    functions.add(type)
  }

  /** The same, and its dispatch has to fit the schema first. */
  addSchema(type: string, schema: ContractSchema): void {
    const { schemas } = this.#free('addSchema(type, schema)', type)
    schemas.set(type, cloneSchema(schema))
  }

  /** Runs for what the feature `<name>` of the admin appends; the type is `<name>_feature`. */
  addFeature(type: string, handler: Handler): void {
    const { features } = this.#free('addFeature(type, func)', type)
    features.set(type, handler)
  }

  /** Runs before a chat message is stored; an error refuses the message. */
  messageHandler(handler: Handler): void {
    this.#idle('messageHandler(func)').messageHandler = handler
  }

  /** The value under a key, or null. */
  get(key: string): Promise<unknown> {
    const run = runs.get(this)
    return run === undefined ? outside('get(key)') : run.get(key).then((entry) => entry?.value ?? null)
  }

  put(key: string, value: unknown): Promise<void> {
    return runs.get(this)?.put(key, value) ?? outside('put(key,value)')
  }

  del(key: string): Promise<void> {
    return runs.get(this)?.del(key) ?? outside('del(key)')
  }

  /** For the log of the node; nothing of it is in the state. */
  log(...words: unknown[]): void {
    runs.get(this)?.log(words)
  }

  /** What a run registers would be there for later runs only, and not on a peer that was started in between. */
  #idle(call: string): Registry {
    if (runs.has(this)) throw new Error(`${call}: not while the contract runs.`)
    return registry(this)
  }

  #free(call: string, type: string): Registry {
    const own = this.#idle(call)
    if (own.functions.has(type) || own.schemas.has(type) || own.features.has(type)) {
      throw new Error(`${call}: The type has been registered already.`)
    }
    return own
  }
}

function outside(call: string): Promise<never> {
  const refused = Promise.reject(new Error(`${call}: storage undefined`))
  // What a contract left behind unawaited must not take the process down.
  refused.catch(() => {})
  return refused
}
