import type { ToJsonSchema } from '../schema/json-schema.ts'
import { escaped, fieldTable } from '../schema/markdown.ts'
import { BRIDGE_CODES } from './codes.ts'
import { EVENT_EXAMPLES, replyExample } from './examples.ts'
import { LIMITS } from './limits.ts'
import {
  CAPABILITIES,
  EVENTS,
  type EventType,
  REPLIES,
  REQUESTS,
  type RequestRow,
  type RequestType
} from './protocol.ts'

const INTRODUCTION = `# SC-Bridge

Made from the tables in \`src/bridge/\` by \`npm run docs\`; do not edit by hand. The same for machines:
[bridge.asyncapi.json](bridge.asyncapi.json). A client for Node, Bun, browsers and Bare: [client.md](../client.md).

A node that is started with \`--sc-bridge 1\` speaks JSON over a WebSocket, by default at \`ws://127.0.0.1:49222\`. Each
message is one JSON object in one text frame.

## Connect and authenticate

The token is in \`stores/<peer>/sc-bridge.token\`, unless the node was given another one. \`<\` comes from the node, \`>\`
goes to it:

    < {"type":"hello","peer":"2f7c…","address":"trac1…","entryChannel":"0000intercom","filter":"","requiresAuth":true}
    > {"type":"auth","token":"<token>"}
    < {"type":"auth_ok"}
    > {"id":1,"type":"send","channel":"0000intercom","message":"hello from agent"}
    < {"type":"sent","id":1,"channel":"0000intercom","messageId":"2f7c…","neighbours":3,"queued":0,"joined":false}
    < {"type":"sidechannel_message","channel":"0000intercom","seq":1,"from":"5e6b…","message":"hello",…}

Before \`auth_ok\` everything else is answered with \`Unauthorized.\`, and no event comes. From then on every message of
every channel comes, until \`subscribe\` names some.

An integer \`id\` in a request stands in its reply. Replies can come in another order than the requests. A field that is
not listed here is left out, and so is one that this version does not know yet: clients ignore what they do not know.

## Nothing missed

Messages are numbered with \`seq\`, for each channel from 1, from the start of the node. Remember the last \`seq\` of each
channel, and the \`epoch\` of the reply to \`subscribe\`. After a new connection send as the first request:

    > {"id":1,"type":"subscribe","channels":["lobby"],"since":{"lobby":41},"epoch":"9c41…"}
    < {"type":"subscribed","id":1,"channels":["lobby"],"epoch":"9c41…","positions":{"lobby":57},"lost":0,"replay":{"lobby":{"from":42,"lost":0}}}

Then come 42 to 57, and what is new after them. \`lost\` says how many the node does not hold any more. Another \`epoch\`
in the reply means that the node was started anew: its numbers began again at 1, and all that it holds comes. The
same request, from the last \`seq\` that came without a gap, gets back what a \`lagged\` event was about. Events that
come before the reply are not left out of what comes after it: take a message only when its \`seq\` is larger than the
last one.

## The subnet

A state that all its peers compute alike: \`get\` and \`list\` read it, \`tx\` changes it by a command of the app. What is
confirmed is final; with \`confirmed: false\` you see more, and the end of that may still be reordered. A node that takes
part in no subnet refuses all of this with \`no_subnet\`; tokens that are for some channels only get \`forbidden\`.

    > {"id":1,"type":"watch","prefixes":["app/"],"chat":true}
    < {"type":"watching","id":1,"prefixes":["app/"],"chat":true}
    < {"type":"state_changed","key":"app/status","value":{"open":true}}
    < {"type":"chat_message","n":3,"address":"5e6b…","nick":"bob","message":"hello",…}

Without \`watch\` no change is told. A change has the latest value, confirmed or not: one that is taken back comes again,
with the value that it has then. Of a key that changed several times before you read, only the last value may come. To
have all of a part of the state, first \`watch\` it, then \`list\` it with \`confirmed: false\`, then apply what comes. After
\`lagged\` with \`state: true\`, and after a new connection, \`list\` it again: changes are not kept for you. Messages of the
chat are in the state; \`messages\` with \`from\` gets those that you missed.
`

/** The page of the protocol. */
export function bridgeMarkdown(toJson: ToJsonSchema): string {
  const out = [INTRODUCTION, '## Capabilities', '']
  out.push(
    'What a token may do. The main token may do all of it; `--sc-bridge-tokens` makes tokens that may do less.',
    ''
  )
  out.push('| capability | allows |', '| --- | --- |')
  for (const [name, allows] of Object.entries(CAPABILITIES)) out.push(`| \`${name}\` | ${allows} |`)
  out.push('', '## Requests', '', '| request | needs | reply |', '| --- | --- | --- |')
  for (const type of typesOf(REQUESTS)) {
    const { needs, reply }: RequestRow = REQUESTS[type]
    out.push(`| [\`${type}\`](#${type}) | ${needs === null ? '' : `\`${needs}\``} | \`${reply}\` |`)
  }
  out.push('')
  for (const type of typesOf(REQUESTS)) out.push(...requestPart(type, toJson))
  out.push('## Events', '', 'What the node sends by itself. An event has no `id`.', '')
  for (const type of typesOf(EVENTS)) out.push(...eventPart(type, toJson))
  out.push(...errorsPart(), '## Limits', '', '| what | how much |', '| --- | --- |')
  for (const [what, limit] of LIMITS) out.push(`| ${what} | ${limit} |`)
  out.push('')
  return out.join('\n')
}

function requestPart(type: RequestType, toJson: ToJsonSchema): string[] {
  const { help, needs, fields, reply, example }: RequestRow = REQUESTS[type]
  const allowed = needs === null ? 'Needs no capability.' : `Needs \`${needs}\`.`
  return [
    `### ${type}`,
    '',
    `${escaped(help)} ${allowed}`,
    '',
    ...fieldTable(fields, toJson, true),
    `Reply: \`${reply}\`${Object.keys(REPLIES[reply]).length === 0 ? ', without fields.' : ''}`,
    '',
    ...fieldTable(REPLIES[reply], toJson, false),
    `    > ${JSON.stringify({ id: 1, type, ...example })}`,
    `    < ${JSON.stringify({ type: reply, id: 1, ...replyExample(type) })}`,
    ''
  ]
}

function eventPart(type: EventType, toJson: ToJsonSchema): string[] {
  const { help, fields } = EVENTS[type]
  return [
    `### ${type} (event)`,
    '',
    help,
    '',
    ...fieldTable(fields, toJson, false),
    `    < ${JSON.stringify({ type, ...EVENT_EXAMPLES[type] })}`,
    ''
  ]
}

function errorsPart(): string[] {
  const example = {
    type: 'error',
    id: 1,
    error: 'Send denied (owner-only channel).',
    code: 'owner_only',
    detail: 'Only the owner of "news", 5e6b…, may write there.',
    next: BRIDGE_CODES.owner_only
  }
  return [
    '## Errors',
    '',
    'A request that is refused is answered with an `error`: the sentence is for people, the `code` stays the same and is',
    'for programs, `next` says what can be done, and `detail`, where there is one, says more.',
    '',
    `    < ${JSON.stringify(example)}`,
    '',
    '| code | what to do |',
    '| --- | --- |',
    ...Object.entries(BRIDGE_CODES).map(([code, next]) => `| \`${code}\` | ${next} |`),
    ''
  ]
}

function typesOf<T extends string>(table: Readonly<Record<T, unknown>>): T[] {
  return Object.keys(table) as T[]
}
