import b4a from 'b4a'
import test from 'brittle'
import fs from '#fs'
import path from '#path'
import { spawn, spawnSync } from '#subprocess'
import { PROJECT } from '../../helpers/peer.ts'
import { openRpc, RPC_TOKEN } from '../../helpers/rpc.ts'
import { temporaryFolder } from '../../helpers/tmp.ts'

const TOOLS = ['sh', 'curl', 'jq', 'openssl', 'xxd']

/** The shell blocks of the page, one after the other. */
function sessionOf(page: string): string {
  return [...page.matchAll(/^```sh\n([\s\S]*?)^```/gm)].map(([, block]) => block).join('')
}

function run(script: string, cwd: string): Promise<{ code: number | null; output: string; errors: string }> {
  return new Promise((resolve) => {
    const child = spawn('sh', ['-eu', '-c', script], { cwd, stdio: ['ignore', 'pipe', 'pipe'] })
    const said = { output: '', errors: '' }
    child.stdout?.on('data', (bytes: Uint8Array) => {
      said.output += b4a.toString(bytes)
    })
    child.stderr?.on('data', (bytes: Uint8Array) => {
      said.errors += b4a.toString(bytes)
    })
    child.on('exit', (code) => resolve({ code, ...said }))
  })
}

test('the session of docs/rpc.md prints what stands there', { timeout: 120_000 }, async (t) => {
  const missing = TOOLS.filter((tool) => spawnSync('sh', ['-c', `command -v ${tool}`]).status !== 0)
  if (missing.length > 0) {
    t.comment(`not tried: this machine has no ${missing.join(', ')}`)
    t.pass()
    return
  }
  const { node, desk, serve } = await openRpc(t)
  await desk.subnet.append({ type: 'addAdmin', key: node.key, rules: 2, settlement: 'local' })
  const { port } = await serve({ apiTxExposed: true })
  const session = sessionOf(fs.readFileSync(path.join(PROJECT, 'docs', 'rpc.md'), 'utf-8'))
  const here = session
    .replace('RPC=http://127.0.0.1:5001', `RPC=http://127.0.0.1:${port}`)
    .replace('$(cat stores/alice/rpc.token)', RPC_TOKEN)
  t.ok(here.includes(String(port)) && here.includes(RPC_TOKEN))
  const { code, output, errors } = await run(here, temporaryFolder(t))
  t.is(code, 0, errors)
  const printed = output.split('\n').filter((line) => line !== '')
  const shown = [...session.matchAll(/^# (.*)$/gm)].map(([, line = '']) => line)
  t.is(printed.length, shown.length, output)
  for (const [i, line] of shown.entries()) {
    const parts = line.split('…').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
    t.ok(new RegExp(`^${parts.join('[0-9a-z]+')}$`).test(printed[i] ?? ''), `${printed[i]}`)
  }
})
