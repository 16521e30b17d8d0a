import type { ObjectEntries } from 'valibot'
import { fieldsOf, rowsOf, type ToJsonSchema, typeText } from './json-schema.ts'

/** A row for each field; of a request it says which are required. */
export function fieldTable(entries: ObjectEntries, toJson: ToJsonSchema, ofRequest: boolean): string[] {
  const rows = fieldsOf(entries, toJson).flatMap(rowsOf)
  if (rows.length === 0) return []
  const cells = rows.map(({ name, schema, required, description }) => [
    `\`${name}\``,
    // Of a reply it is the rare case that something is not there.
    `${typeText(schema)}${required || ofRequest ? '' : ', not always there'}`,
    ...(ofRequest ? [required ? 'required' : ''] : []),
    escaped(description)
  ])
  const head = ['field', 'type', ...(ofRequest ? [''] : []), 'meaning']
  // A column in which nothing stands tells nobody anything.
  const isTold = rows.some(({ description }) => description !== '')
  return [head, head.map(() => '---'), ...cells]
    .map((row) => tableRow(isTold ? row : row.slice(0, -1)))
    .concat('')
}

function tableRow(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
}

/** Text of ours, in a page; what is code there already stays as it is. */
export function escaped(text: string): string {
  return text.replace(/`[^`]*`|</g, (part) => (part === '<' ? '&lt;' : part))
}
