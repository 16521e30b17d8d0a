import test from 'brittle'
import { environmentNames, FLAG_KEYS, FLAG_NAMES, flagSpec, PLANES } from '../../../src/config/flags.ts'
import { defaultText } from '../../../src/config/help.ts'

/** Flag, default as it is typed (`-`: not set), and the environment names where a document gives them. */
type Row = readonly [flag: string, value: string, ...environment: string[]]

// biome-ignore format: a table, one row a line
const DOCUMENTED: Readonly<Record<string, readonly Row[]>> = {
  'the product document': [
    ['peer-store-name', 'peer', 'PEER_STORE_NAME'],
    ['msb-store-name', '-', 'MSB_STORE_NAME'],
    ['subnet-channel', '-', 'SUBNET_CHANNEL'],
    ['subnet-bootstrap', '-', 'SUBNET_BOOTSTRAP'],
    ['dht-bootstrap', '-', 'PEER_DHT_BOOTSTRAP', 'DHT_BOOTSTRAP'],
    ['peer-dht-bootstrap', '-', 'PEER_DHT_BOOTSTRAP', 'DHT_BOOTSTRAP'],
    ['msb-dht-bootstrap', '-', 'MSB_DHT_BOOTSTRAP'],
    ['sidechannels', '-'],
    ['sidechannel', '-'],
    ['sidechannel-debug', '0'],
    ['sidechannel-quiet', '0'],
    ['sidechannel-max-bytes', '1000000'],
    ['sidechannel-rate-bytes', '64000', 'SIDECHANNEL_RATE_BYTES'],
    ['sidechannel-rate-burst', '256000', 'SIDECHANNEL_RATE_BURST'],
    ['sidechannel-max-strikes', '3', 'SIDECHANNEL_MAX_STRIKES'],
    ['sidechannel-allow-remote-open', '1'],
    ['sidechannel-auto-join', '0'],
    ['sidechannel-pow', '1'],
    ['sidechannel-pow-difficulty', '12'],
    ['sidechannel-pow-entry', '0'],
    ['sidechannel-pow-channels', '-'],
    ['sidechannel-invite-required', '0'],
    ['sidechannel-invite-channels', '-'],
    ['sidechannel-invite-prefixes', '-'],
    ['sidechannel-inviter-keys', '-'],
    ['sidechannel-invite-ttl', '604800'],
    ['sidechannel-welcome-required', '1'],
    ['sidechannel-owner', '-'],
    ['sidechannel-owner-write-only', '0'],
    ['sidechannel-owner-write-channels', '-'],
    ['sidechannel-welcome', '-'],
    ['sc-bridge', '0'],
    ['sc-bridge-host', '127.0.0.1'],
    ['sc-bridge-port', '49222'],
    ['sc-bridge-token', '-'],
    ['sc-bridge-cli', '0'],
    ['sc-bridge-filter', '-'],
    ['sc-bridge-filter-channel', '-'],
    ['sc-bridge-debug', '0']
  ],
  'spec/sidechannel': [
    ['sidechannel-invite', '-', 'INTERCOM_SIDECHANNEL_INVITE'],
    ['sidechannel-relay', '1'],
    ['sidechannel-ttl', '3'],
    ['sidechannel-max-channels', '256'],
    ['sidechannel-allow-unsigned', '0'],
    ['sidechannel-max-skew', '600'],
    ['sidechannel-persist', '1']
  ],
  'spec/bridge': [
    ['sc-bridge-token-file', '-'],
    ['sc-bridge-tokens', '-'],
    ['sc-bridge-allow-origin', '-'],
    ['sc-bridge-allow-host', '-'],
    ['sc-bridge-tls-cert', '-'],
    ['sc-bridge-tls-key', '-'],
    ['sc-bridge-insecure-remote', '0'],
    ['sidechannel-history', '1000'],
    ['metrics', '0'],
    ['metrics-host', '127.0.0.1'],
    ['metrics-port', '49223']
  ],
  'spec/subnet': [
    ['peer-stores-directory', 'stores', 'PEER_STORES_DIRECTORY'],
    ['msb-stores-directory', 'stores', 'MSB_STORES_DIRECTORY'],
    ['timer', '0', 'INTERCOM_TIMER'],
    ['msb-bootstrap', '-'],
    ['msb-channel', '-'],
    ['network', 'mainnet'],
    ['rpc', '0', 'PEER_RPC'],
    ['rpc-host', '127.0.0.1', 'PEER_RPC_HOST'],
    ['rpc-port', '5001', 'PEER_RPC_PORT'],
    ['rpc-allow-origin', '-', 'PEER_RPC_ALLOW_ORIGIN'],
    ['rpc-max-body-bytes', '1000000', 'PEER_RPC_MAX_BODY_BYTES'],
    ['api-tx-exposed', '0', 'PEER_API_TX_EXPOSED'],
    ['rpc-token', '-'],
    ['rpc-token-file', '-'],
    ['rpc-public', '0'],
    ['rpc-allow-host', '-'],
    ['rpc-tls-cert', '-'],
    ['rpc-tls-key', '-'],
    ['rpc-insecure-remote', '0'],
    ['subnet', '1'],
    ['subnet-relay', '1'],
    ['app', '-']
  ],
  'the design': [
    ['local', '0'],
    ['local-port', '49737'],
    ['wallet-password-file', '-'],
    ['terminal', '1'],
    ['log-level', 'info'],
    ['report-every', '0', 'INTERCOM_REPORT_EVERY'],
    ['log-json', '0'],
    ['print-config', '0'],
    ['help', '0'],
    ['version', '0']
  ]
}

for (const [source, rows] of Object.entries(DOCUMENTED)) {
  test(`every flag of ${source} is there with its default and its environment names`, (t) => {
    for (const [name, value, ...environment] of rows) {
      const key = FLAG_NAMES.get(name)
      if (key === undefined) {
        t.fail(`--${name} is missing`)
        continue
      }
      t.is(defaultText(key) || '-', value, `--${name} ${value}`)
      if (environment.length > 0) t.alike([...environmentNames(key)], environment, environment.join())
    }
  })
}

test('no flag is left out of the documents', (t) => {
  const documented = new Set(Object.values(DOCUMENTED).flatMap((rows) => rows.map(([name]) => name)))
  for (const name of FLAG_NAMES.keys()) t.ok(documented.has(name), `--${name}`)
})

test('an environment name stands for one flag only', (t) => {
  const names = FLAG_KEYS.flatMap((key) => environmentNames(key))
  t.is(new Set(names).size, names.length)
  for (const name of names) t.ok(/^[A-Z][A-Z0-9_]+$/.test(name), name)
})

test('every default is a value the flag itself would take', (t) => {
  for (const key of FLAG_KEYS) {
    const { type, default: value } = flagSpec(key)
    if (value !== null) t.alike(type.parse(type.show(value), String), value, key)
  }
})

test('every flag belongs to a plane and has one line of help', (t) => {
  for (const key of FLAG_KEYS) {
    const { plane, help } = flagSpec(key)
    t.ok(Object.hasOwn(PLANES, plane) && /^[A-Z].*\.$/.test(help) && !help.includes('\n'), key)
  }
})

test('a file or a folder is marked as one', (t) => {
  for (const key of FLAG_KEYS) {
    const { type, path, commandLineOnly } = flagSpec(key)
    if (!commandLineOnly) t.is(path === true, ['<file>', '<dir>'].includes(type.hint), key)
  }
})
