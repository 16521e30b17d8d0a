import type { toJsonSchema } from '@valibot/to-json-schema'
import * as v from 'valibot'

/** The package makes descriptions, which few ask for: whoever makes one brings it. */
export type ToJsonSchema = typeof toJsonSchema

export interface JsonSchema {
  readonly type?: string
  readonly const?: unknown
  readonly enum?: readonly unknown[]
  readonly anyOf?: readonly JsonSchema[]
  readonly items?: JsonSchema
  readonly properties?: Readonly<Record<string, JsonSchema>>
  readonly required?: readonly string[]
  readonly additionalProperties?: JsonSchema
  readonly minimum?: number
  readonly maximum?: number
  readonly maxLength?: number
  readonly maxItems?: number
  readonly description?: string
}

export interface Field {
  readonly name: string
  readonly required: boolean
  readonly description: string
  readonly schema: JsonSchema
}

/** Their rules are told in words, by the descriptions. */
const SAID_IN_WORDS = ['check', 'guard', 'transform', 'trim', 'to_lower_case']

/** The fields of a message as JSON Schema has them, in the order of the table. */
export function fieldsOf(entries: v.ObjectEntries, toJson: ToJsonSchema): Field[] {
  const schema = toJson(v.object(entries), { typeMode: 'input', ignoreActions: SAID_IN_WORDS }) as JsonSchema
  return Object.entries(entries).map(([name, entry]) => {
    const described = schema.properties?.[name] ?? {}
    return {
      name,
      required: schema.required?.includes(name) ?? false,
      description: described.description ?? descriptionOf(entry),
      schema: described
    }
  })
}

/** That of what comes out is lost where something else goes in. */
function descriptionOf(schema: unknown): string {
  const said = v.getDescription(schema as v.GenericSchema)
  if (said !== undefined) return said
  const { wrapped } = schema as { wrapped?: unknown }
  return wrapped === undefined ? '' : descriptionOf(wrapped)
}

/** A row for each field, and for each within it. */
export function rowsOf({ name, schema, required, description }: Field): Field[] {
  const [suffix, inner] = innerOf(schema)
  const { properties = {}, required: always = [] } = inner ?? {}
  const rows = Object.entries(properties).flatMap(([key, value]) =>
    rowsOf({
      name: `${name}${suffix}.${key}`,
      schema: value,
      required: always.includes(key),
      description: value.description ?? ''
    })
  )
  return [{ name, schema, required, description }, ...rows]
}

/** What is known of the fields within, and how they are reached. */
function innerOf(schema: JsonSchema): readonly [suffix: string, inner: JsonSchema | undefined] {
  if (schema.type === 'array') return ['[]', schema.items]
  return schema.properties === undefined ? ['.<name>', schema.additionalProperties] : ['', schema]
}

/** For people. */
export function typeText(schema: JsonSchema): string {
  if (schema.const !== undefined) return `\`${JSON.stringify(schema.const)}\``
  if (schema.enum !== undefined)
    return schema.enum.map((value) => `\`${JSON.stringify(value)}\``).join(' or ')
  if (schema.anyOf !== undefined) return schema.anyOf.map(typeText).join(' or ')
  if (schema.type === 'array') return `list of ${plural(typeText(schema.items ?? {}))}`
  if (schema.type === 'object') return objectText(schema)
  if (schema.type === 'integer')
    return schema.minimum === undefined ? 'integer' : `integer from ${schema.minimum}`
  if (schema.maxLength !== undefined) return `${schema.type}, at most ${schema.maxLength} characters`
  return schema.type ?? 'any JSON'
}

function objectText({ properties, additionalProperties }: JsonSchema): string {
  const values = typeText(additionalProperties ?? {})
  return properties !== undefined || values === 'any JSON' ? 'object' : `object, ${values} by name`
}

function plural(type: string): string {
  return /^\w+$/.test(type) ? `${type}s` : type
}
