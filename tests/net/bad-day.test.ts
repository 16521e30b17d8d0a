import b4a from 'b4a'
import test from 'brittle'
import fs from '#fs'
import path from '#path'
import process from '#process'
import { spawn } from '#subprocess'
import { Peer, PROJECT } from '../helpers/peer.ts'
import { freePort } from '../helpers/ports.ts'
import { temporaryFolder } from '../helpers/tmp.ts'

test('a reader that stops reading neither fills the memory nor keeps the node from ending', async (t) => {
  const cwd = temporaryFolder(t)
  const args = [path.join(PROJECT, 'index.js'), '--local', '--local-port', String(await freePort())]
  const child = spawn(process.execPath, args, { cwd, stdio: ['pipe', 'pipe', 'pipe'] })
  t.teardown(() => child.kill('SIGKILL'))
  const ended = new Promise((resolve) => child.on('exit', (code) => resolve(code)))
  // Some 4 MB of answers, of which a pipe holds a few dozen kB.
  child.stdin?.on('error', () => {})
  child.stdin?.write(b4a.from('/help\n'.repeat(4000)))
  let errors = ''
  await new Promise<void>((resolve) => {
    child.stderr?.on('data', (chunk: Uint8Array) => {
      errors += b4a.toString(chunk)
      if (errors.includes('the DHT answers')) resolve()
    })
  })
  child.kill('SIGTERM')
  t.is(await ended, 0)
})

test('a password file that is no file is refused, not read', async (t) => {
  const cwd = temporaryFolder(t)
  const args = ['--local', '--local-port', String(await freePort()), '--wallet-password-file']
  for (const file of ['/dev/zero', cwd, 'missing']) {
    const peer = new Peer(t, { cwd, args: [...args, file] })
    t.is((await peer.exited).code, 1, file)
    t.ok(peer.errors.includes('--wallet-password-file'), peer.errors)
  }
})

test('an output that cannot be written is an error, one that nobody reads is not', async (t) => {
  const cwd = temporaryFolder(t)
  const full = fs.openSync('/dev/full', 'w')
  t.teardown(() => fs.closeSync(full))
  const args = [path.join(PROJECT, 'index.js'), '--version']
  const child = spawn(process.execPath, args, { cwd, stdio: ['ignore', full, 'pipe'] })
  let errors = ''
  child.stderr?.on('data', (chunk: Uint8Array) => {
    errors += b4a.toString(chunk)
  })
  t.is(await new Promise((resolve) => child.on('exit', (code) => resolve(code))), 1)
  t.ok(errors.includes('cannot write to standard output'), errors)
})

test('a signal to npm ends what npm started', async (t) => {
  const cwd = temporaryFolder(t)
  const flags = [
    '--local',
    '--local-port',
    String(await freePort()),
    '--peer-stores-directory',
    path.join(cwd, 'stores')
  ]
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    const npm = spawn('npm', ['start', '--', ...flags], { cwd: PROJECT, stdio: ['ignore', 'pipe', 'ignore'] })
    let output = ''
    await new Promise<void>((resolve) => {
      npm.stdout?.on('data', (chunk: Uint8Array) => {
        output += b4a.toString(chunk)
        if (output.includes('Sidechannel: ready')) resolve()
      })
    })
    npm.kill(signal)
    await new Promise((resolve) => npm.on('exit', resolve))
    t.absent(fs.existsSync(path.join(cwd, 'stores', 'peer', 'run.json')), `${signal}: the store was closed`)
  }
})
