import { longRule, PATTERNS } from '../../../src/app/validator.ts'

type Json = Readonly<Record<string, unknown>>

const TEXTS: Readonly<Record<string, string>> = {
  numeric: '^-?[0-9]+(\\.[0-9]+)?$',
  alpha: '^[a-zA-Z]+$',
  alphanum: '^[a-zA-Z0-9]+$',
  alphadash: '^[a-zA-Z0-9_-]+$',
  hex: '^(?:[0-9a-fA-F]{2})+$'
}

/** A rule of the contracts' validator as JSON Schema; what cannot be said there is left out. */
export function jsonSchemaOf(rule: unknown): Json {
  const known = longRule(rule)
  if (known === null) return {}
  const schema = convert(known)
  return known.nullable === true ? orNull(schema) : schema
}

function convert(rule: Json): Json {
  switch (rule.type) {
    case 'string':
      return textSchema(rule)
    case 'number':
      return numberSchema(rule)
    case 'boolean':
      return { type: 'boolean' }
    case 'object':
      return objectSchema(rule)
    case 'array':
      return arraySchema(rule)
    case 'enum':
      return { enum: rule.values }
    case 'equal':
      return 'value' in rule ? { const: rule.value } : {}
    case 'multi':
      return { anyOf: (rule.rules as unknown[]).map(jsonSchemaOf) }
    case 'is_hex':
    case 'bigint':
      return { type: 'string', pattern: PATTERNS[rule.type] }
    case 'bitcoin_address':
    case 'email':
    case 'url':
    case 'uuid':
      return { type: 'string' }
    default:
      return {}
  }
}

function textSchema(rule: Json): Json {
  const { min, max, length, empty, pattern } = rule
  const least = length ?? min ?? (empty === false ? 1 : undefined)
  const named = Object.keys(TEXTS).find((name) => rule[name] === true)
  return given({
    type: 'string',
    minLength: least,
    maxLength: length ?? max,
    pattern: patternOf(pattern) ?? (named === undefined ? undefined : TEXTS[named]),
    enum: rule.enum
  })
}

function patternOf(pattern: unknown): string | undefined {
  if (pattern instanceof RegExp) return pattern.source
  return typeof pattern === 'string' ? pattern : undefined
}

function numberSchema({ integer, min, max, equal, positive, negative }: Json): Json {
  return given({
    type: integer === true ? 'integer' : 'number',
    minimum: min,
    maximum: max,
    exclusiveMinimum: positive === true ? 0 : undefined,
    exclusiveMaximum: negative === true ? 0 : undefined,
    const: equal
  })
}

function objectSchema(rule: Json): Json {
  const { $$strict, ...props } = (rule.props ?? rule.properties ?? {}) as Json
  const names = Object.keys(props).filter((name) => !name.startsWith('$$'))
  const required = names.filter((name) => !isOptional(props[name]))
  const properties = Object.fromEntries(names.map((name) => [name, jsonSchemaOf(props[name])]))
  const isStrict = $$strict === true || rule.strict === true
  return given({
    type: 'object',
    properties,
    required: required.length > 0 ? required : undefined,
    additionalProperties: isStrict ? false : undefined
  })
}

function isOptional(rule: unknown): boolean {
  const known = longRule(rule)
  return (
    known === null || known.optional === true || known.default !== undefined || known.type === 'forbidden'
  )
}

function arraySchema({ items, min, max, length, empty, unique }: Json): Json {
  return given({
    type: 'array',
    items: items === undefined ? undefined : jsonSchemaOf(items),
    minItems: length ?? min ?? (empty === false ? 1 : undefined),
    maxItems: length ?? max,
    uniqueItems: unique === true ? true : undefined
  })
}

function orNull(schema: Json): Json {
  if (typeof schema.type === 'string') {
    const values = Array.isArray(schema.enum) ? { enum: [...schema.enum, null] } : {}
    return { ...schema, ...values, type: [schema.type, 'null'] }
  }
  return Object.keys(schema).length === 0 ? schema : { anyOf: [schema, { type: 'null' }] }
}

function given(schema: Json): Json {
  return Object.fromEntries(
    Object.entries(schema).filter(([, value]) => value !== undefined && value !== null)
  )
}
