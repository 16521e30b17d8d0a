import * as v from 'valibot'
import { text } from '../fields.ts'
import { type EventRow, type RequestRow, request, stringOrNull, strings } from '../row.ts'

const command = text('command', 1024 * 1024, 'A line as it is typed at the terminal.')

export const NODE_REPLIES = {
  auth_ok: {},
  stats: { channels: strings, connectionCount: v.number(), sidechannelStarted: v.boolean() },
  info: {
    info: v.object({
      msbBootstrap: stringOrNull,
      msbChannel: stringOrNull,
      msbStore: stringOrNull,
      msbDhtBootstrap: v.nullable(strings),
      peerStore: v.string(),
      peerDhtBootstrap: v.nullable(strings),
      subnetBootstrap: stringOrNull,
      subnetChannel: stringOrNull,
      peerPubkey: v.string(),
      peerTracAddress: v.string(),
      peerWriterKey: stringOrNull,
      sidechannelEntry: v.string(),
      sidechannelExtras: strings
    })
  },
  peers: {
    peers: v.array(
      v.object({
        key: v.string(),
        since: v.number(),
        channels: v.array(v.object({ channel: v.string(), authorised: v.boolean() })),
        rttMs: v.nullable(v.number()),
        bytesIn: v.number(),
        bytesOut: v.number(),
        drops: v.number()
      })
    )
  },
  health: {
    health: v.object({
      status: v.picklist(['ok', 'degraded', 'starting']),
      uptimeSeconds: v.number(),
      checks: v.record(v.string(), v.object({ ok: v.nullable(v.boolean()), detail: v.string() }))
    })
  },
  pong: { ts: v.number() },
  cli_result: {
    command: v.string(),
    ok: v.boolean(),
    output: strings,
    error: stringOrNull,
    result: v.unknown()
  }
} as const satisfies Record<string, v.ObjectEntries>

/** The connection itself, and the node as a whole. */
export const NODE_REQUESTS = {
  auth: request({ token: v.string('Unauthorized.') }, null, 'auth_ok', 'The first message: who may.', {
    token: '<token>'
  }),
  stats: request({}, 'read', 'stats', 'Channels and connections.'),
  info: request({}, 'read', 'info', 'Keys, stores and networks of this peer, nothing secret.'),
  peers: request({}, 'read', 'peers', 'The neighbours: keys, channels, round-trip times, bytes, drops.'),
  health: request({}, 'read', 'health', 'Whether this node is well.'),
  ping: request({}, null, 'pong', 'The clock of the node, in ms.'),
  cli: request({ command }, 'cli', 'cli_result', 'Run a terminal command (--sc-bridge-cli 1).', {
    command: '/stats'
  })
} as const satisfies Record<string, RequestRow<keyof typeof NODE_REPLIES>>

export const NODE_EVENTS = {
  hello: {
    fields: {
      peer: v.string(),
      address: v.string(),
      entryChannel: v.string(),
      filter: v.string(),
      requiresAuth: v.literal(true)
    },
    help: 'Right after the connection was made.'
  }
} as const satisfies Record<string, EventRow>
