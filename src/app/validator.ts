import FastestValidator from 'fastest-validator'

/** A schema of fastest-validator, as contracts of deployed subnets have them. */
export type ContractSchema = Record<string, unknown>
export type SchemaCheck = (value: unknown) => boolean

// Its types say that it is an ES module, which it is not.
const Validator = FastestValidator as unknown as typeof FastestValidator.default

/** What the texts of our own rules look like. */
export const PATTERNS = {
  is_hex: '^(?:[0-9a-f]{2})*$',
  // JSON has no big numbers: they travel as decimal digits, at most those of 2^256.
  bigint: '^-?(?:0|[1-9][0-9]{0,77})$'
} as const

const RULES: Readonly<Record<string, string>> = {
  is_hex: `typeof value === "string" && /${PATTERNS.is_hex}/.test(value)`,
  bitcoin_address: `typeof value === "string" && (${[
    /^[0-9a-f]{64}$/i, // a key
    /^(?:bc1[a-z0-9]{11,71}|[13][1-9A-HJ-NP-Za-km-z]{25,34})$/, // Bitcoin
    /^D[5-9A-HJ-NP-U][1-9A-HJ-NP-Za-km-z]{32}$/, // Dogecoin
    /^0x[0-9a-fA-F]{40}$/, // BSC
    /^[1-9A-HJ-NP-Za-km-z]{32,44}$/ // Solana
  ]
    .map((pattern) => `${pattern}.test(value)`)
    .join(' || ')})`
}

const BIGINT = `typeof value === "string" && /${PATTERNS.bigint}/.test(value)`

/**
 * Compiles a schema. `mended` gives the validator's `bigint` and nested `$$strict` the meaning they ought to
 * have; deployed subnets refuse every bigint and do not look at the other (spec/subnet 9.1, D20).
 */
export function compileSchema(schema: ContractSchema, mended: boolean): SchemaCheck {
  const validator = new Validator({ haltOnFirstError: true })
  for (const [name, condition] of Object.entries({ ...RULES, bigint: mended ? BIGINT : 'false' })) {
    validator.add(name, ({ messages }: { messages: unknown }) => ({
      source: `if (!(${condition})) { ${error(validator, name, messages)} } return value`
    }))
  }
  const check = validator.compile(mended ? strictWithin(cloneSchema(schema)) : cloneSchema(schema))
  return (value) => {
    try {
      return check(value) === true
    } catch {
      // A custom rule of the contract that stumbles over the value refuses it.
      return false
    }
  }
}

/** A rule in its long form, whichever of the short ones it was written in; null for one that is not known. */
export function longRule(rule: unknown): Readonly<Record<string, unknown>> | null {
  const validator = new Validator()
  for (const name of [...Object.keys(RULES), 'bigint'])
    validator.add(name, () => ({ source: 'return value' }))
  try {
    return validator.getRuleFromSchema(cloneSchema(rule) as object).schema as Record<string, unknown>
  } catch {
    // It is only to be described; whoever compiles it as a schema is told what is wrong with it.
    return null
  }
}

function error(validator: object, name: string, messages: unknown): string {
  const maker = validator as { makeError(options: object): string }
  return maker.makeError({ type: name, actual: 'value', messages })
}

/** The validator changes what it compiles, and the contract shows its schemas to others. */
export function cloneSchema<T>(schema: T): T {
  if (Array.isArray(schema)) return schema.map(cloneSchema) as T
  if (typeof schema !== 'object' || schema === null || schema instanceof RegExp) return schema
  return Object.fromEntries(Object.entries(schema).map(([name, value]) => [name, cloneSchema(value)])) as T
}

/** `$$strict` of a nested object is a rule the validator knows by another name. */
function strictWithin<T>(schema: T, root = true): T {
  if (typeof schema !== 'object' || schema === null || schema instanceof RegExp) return schema
  if (Array.isArray(schema)) return schema.map((item) => strictWithin(item, false)) as T
  const entries = Object.entries(schema).map(([name, value]) => [name, strictWithin(value, false)] as const)
  const out = Object.fromEntries(entries) as Record<string, unknown>
  if (root || out.$$strict === undefined) return out as T
  const { $$strict, $$type, ...props } = out
  return { type: 'object', strict: $$strict, ...optional($$type), props } as T
}

/** What stands behind a `$$type`, as in `object|optional:true`. */
function optional(type: unknown): Record<string, unknown> {
  const words = String(type ?? '')
    .split('|')
    .slice(1)
  return Object.fromEntries(
    words.map((word) => {
      const [name = '', value = 'true'] = word.split(':').map((part) => part.trim())
      return [name, value === 'true' ? true : value === 'false' ? false : value]
    })
  )
}
