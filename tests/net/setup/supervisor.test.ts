import test, { type Assertions } from 'brittle'
import fs from '#fs'
import path from '#path'
import { Peer } from '../../helpers/peer.ts'
import { freePort } from '../../helpers/ports.ts'
import { temporaryFolder } from '../../helpers/tmp.ts'
import { runTool } from '../../helpers/tool.ts'

/** As the supervisor does it: a socket that takes datagrams, each printed on a line. */
const LISTENER = `
import socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind(sys.argv[1])
print("listening", flush=True)
while True:
    text = s.recv(4096).decode()
    if text != "": print("told:", " ".join(text.split()), flush=True)
`

async function startNode(t: Assertions, cwd: string, env: Record<string, string>) {
  const local = ['--local', '--local-port', String(await freePort()), '--terminal', '0']
  return new Peer(t, { cwd, args: local, env })
}

test('the supervisor is told that it is ready, that it lives and that it ends', {
  timeout: 120_000
}, async (t) => {
  if (runTool('python3', ['--version']) === null || runTool('systemd-notify', ['--version']) === null) {
    t.comment('skipped: no python3 or no systemd-notify here')
    return
  }
  const cwd = temporaryFolder(t)
  const address = path.join(cwd, 'notify.sock')
  const listener = new Peer(t, { command: ['python3', '-c', LISTENER], args: [address], cwd })
  await listener.saw('listening')
  const node = await startNode(t, cwd, { NOTIFY_SOCKET: address, WATCHDOG_USEC: '2000000' })
  await listener.saw('told: READY=1')
  t.ok(node.output.includes('Intercom '), 'not before it said so itself')
  const run = JSON.parse(fs.readFileSync(path.join(cwd, 'stores', 'peer', 'run.json'), 'utf-8'))
  t.ok(run.readyAt >= run.startedAt, 'and run.json says so as well')
  await listener.saw('told: WATCHDOG=1[^]*told: WATCHDOG=1')
  t.is((await node.stop()).code, 0)
  await listener.saw('told: STOPPING=1')
  t.is(node.errors.includes('systemd-notify'), false)
})

test('without the program it is said once, and the node runs', { timeout: 120_000 }, async (t) => {
  const cwd = temporaryFolder(t)
  const env = { NOTIFY_SOCKET: path.join(cwd, 'nobody.sock'), PATH: cwd }
  const node = await startNode(t, cwd, env)
  await node.saw('systemd-notify does not work')
  t.is((await node.stop()).code, 0)
  t.is(node.errors.split('systemd-notify does not work').length, 2)
})
