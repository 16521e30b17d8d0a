import test from 'brittle'
import fs from '#fs'
import path from '#path'
import { readRunFile } from '../../../src/run-file.ts'
import { Peer } from '../../helpers/peer.ts'
import { freePort, freeTcpPort } from '../../helpers/ports.ts'
import { httpGet } from '../../helpers/scrape.ts'
import { temporaryFolder } from '../../helpers/tmp.ts'

test('a node with the RPC and no terminal', { timeout: 120_000 }, async (t) => {
  const cwd = temporaryFolder(t)
  const port = await freeTcpPort()
  const local = ['--local', '--local-port', String(await freePort())]
  const peer = new Peer(t, { cwd, args: [...local, '--rpc', '1', '--rpc-port', String(port)] })
  const [, at = '', file = ''] = await peer.saw(/RPC listening at (http:\S+) \(token in (.+)\)\n/)
  t.is(at, `http://127.0.0.1:${port}`)
  t.is(fs.statSync(file).mode & 0o777, 0o600)
  const token = fs.readFileSync(file, 'utf-8').trim()
  t.absent((peer.output + peer.errors).includes(token))
  const { status } = await httpGet(port, '/v1/status', { Authorization: `Bearer ${token}` })
  t.is(status, 200)
  const { info } = readRunFile(path.join(cwd, 'stores', 'peer'))
  t.alike([info?.rpc, info?.rpcTokenFile], [{ host: '127.0.0.1', port, tls: false }, file])

  peer.type('/stats')
  peer.end()
  await peer.saw('Sidechannel: ready')
  t.is((await httpGet(port, '/v1/health')).status, 200, 'it does not end with its input')
  t.absent(peer.output.includes('--- Stats ---'))
  t.is((await peer.stop()).code, 0)
})
