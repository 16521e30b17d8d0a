import type { ToJsonSchema } from '../schema/json-schema.ts'
import { escaped, fieldTable } from '../schema/markdown.ts'
import { RPC_CODES } from './codes.ts'
import { ENDPOINT_NAMES, ENDPOINTS, type EndpointName, type EndpointRow } from './endpoints.ts'

const INTRODUCTION = `# HTTP RPC

Made from the tables in \`src/rpc/\` by \`npm run docs\`; do not edit by hand. The same for machines:
[rpc.openapi.json](rpc.openapi.json), and from a running node, with the transactions of its app,
\`GET /v1/openapi.json\`. How to use it: [rpc.md](../rpc.md).

A node that is started with \`--rpc 1\` answers HTTP, by default at \`http://127.0.0.1:5001\`. Every answer is one JSON
object. Paths are matched exactly; what is not in this table is a 404. Each connection carries one request.
`

/** The page of the interface. */
export function rpcMarkdown(toJson: ToJsonSchema): string {
  const out = [INTRODUCTION, '| endpoint | what it is for |', '| --- | --- |']
  for (const name of ENDPOINT_NAMES) {
    const { help }: EndpointRow = ENDPOINTS[name]
    out.push(`| [\`${titleOf(name)}\`](#${anchorOf(name)}) | ${escaped(help)} |`)
  }
  out.push('')
  for (const name of ENDPOINT_NAMES) out.push(...endpointPart(name, toJson))
  out.push(...errorsPart())
  return out.join('\n')
}

function endpointPart(name: EndpointName, toJson: ToJsonSchema): string[] {
  const { help, method, path, input, reply, example, replyExample, isOpen }: EndpointRow = ENDPOINTS[name]
  const query = new URLSearchParams(example as Record<string, string>).toString()
  const target = method === 'GET' && query !== '' ? `${path}?${query}` : path
  return [
    `## ${titleOf(name)}`,
    '',
    `${escaped(help)}${isOpen ? ' Needs no token.' : ''}`,
    '',
    ...fieldTable(input, toJson, true),
    'Answer:',
    '',
    ...fieldTable(reply, toJson, false),
    `    > ${method} ${target}`,
    ...(method === 'POST' ? [`    > ${JSON.stringify(example)}`] : []),
    `    < ${JSON.stringify(replyExample)}`,
    ''
  ]
}

function errorsPart(): string[] {
  const { status, next } = RPC_CODES.bad_request
  return [
    '## Errors',
    '',
    'A request that is refused is answered with the sentence for people in `error`, which deployed servers have too; the',
    '`code` stays the same and is for programs, `next` says what can be done.',
    '',
    '    > GET /v1/state',
    `    < ${status} ${JSON.stringify({ error: 'Missing key.', code: 'bad_request', next })}`,
    '',
    '| code | status | what to do |',
    '| --- | --- | --- |',
    ...Object.entries(RPC_CODES).map(
      ([code, { status, next }]) => `| \`${code}\` | ${status} | ${escaped(next)} |`
    ),
    ''
  ]
}

function titleOf(name: EndpointName): string {
  const { method, path } = ENDPOINTS[name]
  return `${method} ${path}`
}

/** As a heading is reached on the page. */
function anchorOf(name: EndpointName): string {
  return titleOf(name)
    .toLowerCase()
    .replace(/[^\w\s-]/g, '')
    .replaceAll(' ', '-')
}
