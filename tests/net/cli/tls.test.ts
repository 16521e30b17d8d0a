import test from 'brittle'
import path from '#path'
import process from '#process'
import { CliStage } from '../../helpers/cli.ts'
import { PROJECT } from '../../helpers/peer.ts'

test('over TLS, with a certificate of its own', { timeout: 120_000 }, async (t) => {
  const stage = await CliStage.open(t)
  const cert = path.join(PROJECT, 'tests', 'fixtures', 'tls-cert.pem')
  const key = path.join(PROJECT, 'tests', 'fixtures', 'tls-key.pem')
  const alice = await stage.start('alice', ['--sc-bridge-tls-cert', cert, '--sc-bridge-tls-key', key])
  const blind = await stage.run('alice', ['stats'])
  t.is(blind.code, 3)
  t.ok(/Cannot connect to wss:/.test(blind.err), blind.err)
  const trusting = await stage.run('alice', ['stats', '--sc-bridge-tls-cert', cert])
  if (process.versions.bare === undefined) {
    t.is(trusting.code, 3)
    t.ok(/NODE_EXTRA_CA_CERTS/.test(trusting.err), trusting.err)
    t.is((await stage.run('alice', ['stats'], { env: { NODE_EXTRA_CA_CERTS: cert } })).code, 0)
  } else {
    t.ok(/--sc-bridge-tls-cert/.test(blind.err), blind.err)
    t.is(trusting.code, 0, trusting.err)
  }
  await alice.stop()
})
