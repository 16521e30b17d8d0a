import * as v from 'valibot'

/** A field, and what it means. */
export function said<const S extends v.GenericSchema>(schema: S, what: string) {
  return v.pipe(schema, v.description(what))
}
