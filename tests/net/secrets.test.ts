import test from 'brittle'
import fs from '#fs'
import path from '#path'
import { Peer } from '../helpers/peer.ts'
import { freePort } from '../helpers/ports.ts'
import { temporaryFolder } from '../helpers/tmp.ts'

const PASSWORD = 'canary-password "quoted" \u001b ☃'
const TOKEN = 'canary-token-1234567890'

test('no secret is ever in the log, at any level and in any form', async (t) => {
  const cwd = temporaryFolder(t)
  fs.writeFileSync(path.join(cwd, 'password'), PASSWORD)
  const args = [
    '--local',
    '--local-port',
    String(await freePort()),
    '--log-level',
    'debug',
    '--wallet-password-file',
    'password',
    '--sc-bridge-tokens',
    '@tokens.json'
  ]
  const tokens = path.join(cwd, 'tokens.json')
  fs.writeFileSync(tokens, JSON.stringify({ [`${TOKEN}-2`]: ['read'] }))
  fs.chmodSync(tokens, 0o644)
  for (const json of ['0', '1']) {
    const peer = new Peer(t, {
      cwd,
      args: [...args, '--log-json', json, '--sc-bridge-token', TOKEN, '--rpc-token', TOKEN]
    })
    peer.type('/get_keys --yes')
    peer.type(`/help ${TOKEN}`)
    await peer.saw('Mnemonic:')
    await peer.saw('the DHT answers')
    t.is(fs.statSync(tokens).mode & 0o777, 0o600, 'a file of tokens is closed to others')
    const secretKey = /Secret Key: ([0-9a-f]{128})/.exec(peer.output)?.[1] as string
    const mnemonic = /Mnemonic: (.+)/.exec(peer.output)?.[1] as string
    t.is((await peer.stop()).code, 0)
    t.ok(peer.errors.length > 0)
    for (const secret of [
      PASSWORD,
      JSON.stringify(PASSWORD).slice(1, -1),
      TOKEN,
      secretKey,
      secretKey.slice(0, 64),
      mnemonic
    ]) {
      t.absent(peer.errors.includes(secret))
    }
    if (json === '1') for (const line of peer.errors.trim().split('\n')) t.ok(JSON.parse(line).time, line)
  }
  const shown = new Peer(t, { cwd, args: ['--print-config', '--sc-bridge-token', TOKEN] })
  t.is((await shown.exited).code, 0)
  t.absent((shown.output + shown.errors).includes(TOKEN))
  t.ok(/^sc-bridge-token +\(secret\) +flag$/m.test(shown.output))
})
