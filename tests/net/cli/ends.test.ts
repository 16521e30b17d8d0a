import b4a from 'b4a'
import type { Assertions } from 'brittle'
import test from 'brittle'
import path from '#path'
import process from '#process'
import { spawn } from '#subprocess'
import { CliStage } from '../../helpers/cli.ts'
import { PROJECT } from '../../helpers/peer.ts'

const ENTRY = '0000intercom'

test('a signal is the usual end of listening', { timeout: 120_000 }, async (t) => {
  const stage = await CliStage.open(t)
  const alice = await stage.start('alice')
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    const listening = stage.begin(['listen', '--peer-store-name', 'alice', '--count', '9'])
    await listening.peer.saw('Listening')
    t.alike(await listening.peer.stop(signal), { code: 0, signal: null }, signal)
  }
  await alice.stop()
})

test('when the node goes it says so, and how to go on', { timeout: 120_000 }, async (t) => {
  const stage = await CliStage.open(t)
  const [alice, bob] = await Promise.all([stage.start('alice'), stage.start('bob')])
  await alice.meets(ENTRY, 1)
  const words = ['listen', ENTRY, '--json', '--peer-store-name', 'bob']
  const listening = stage.begin(words)
  const [, epoch = ''] = await listening.peer.saw(/"type":"listening".*"epoch":"(\w+)"/)
  await alice.sends(ENTRY, 'before')
  await listening.peer.saw('"message":"before"')
  await bob.stop()
  const { code, err } = await listening.result
  t.is(code, 3)
  const error = JSON.parse(err.trimEnd().split('\n').at(-1) ?? '')
  t.is(error.code, 'closed')
  t.ok(error.next.includes(`--since 1 --epoch ${epoch}`), error.next)

  // The new start counts anew: what is held of it is shown, after the news that something may be missing.
  const again = await stage.start('bob')
  await again.meets(ENTRY, 1)
  const resumed = stage.begin([...words, '--since', '1', '--epoch', epoch, '--count', '1'])
  await resumed.peer.saw('"type":"listening"')
  await alice.sends(ENTRY, 'after')
  const lines = (await resumed.result).out
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
  t.alike(lines[0], { type: 'gap', channel: ENTRY, from: 2, to: null, reason: 'restart' })
  t.alike([lines[1].seq, lines[1].message], [1, 'after'])
  await Promise.all([alice.stop(), again.stop()])
})

test('a reader that goes away ends it quietly', { timeout: 120_000 }, async (t) => {
  const stage = await CliStage.open(t)
  const [alice, bob] = await Promise.all([stage.start('alice'), stage.start('bob')])
  await alice.meets(ENTRY, 1)
  for (const text of ['first', 'second', 'third']) await alice.sends(ENTRY, text)
  const words = ['listen', ENTRY, '--since', '0', '--peer-store-name', 'bob']
  const shell = shellProcess(t, stage.stage.cwd, `{ "$@"; echo "code $?" >&2; } | head -n 1`, words)
  await shell.saw('Listening')
  // Until the first write after the reader has gone.
  while (!/code \d+/.test(shell.errors())) {
    await alice.sends(ENTRY, 'more')
    await Promise.race([shell.saw('code'), new Promise((resolve) => setTimeout(resolve, 100))])
  }
  t.is(await shell.closed, `[${ENTRY}] ${alice.key}: first\n`)
  t.alike(shell.errors().trimEnd().split('\n'), [`Listening to "${ENTRY}". Ctrl-C ends.`, 'code 0'])
  await Promise.all([alice.stop(), bob.stop()])
})

/** A command of the shell around the program of ours, which is `"$@"` in it. */
function shellProcess(t: Assertions, cwd: string, script: string, words: readonly string[]) {
  const child = spawn(
    'sh',
    ['-c', script, 'sh', process.execPath, path.join(PROJECT, 'index.js'), ...words],
    {
      cwd,
      stdio: ['ignore', 'pipe', 'pipe']
    }
  )
  t.teardown(() => {
    child.kill('SIGKILL')
  })
  let output = ''
  let errors = ''
  const waiting = new Set<() => void>()
  child.stdout?.on('data', (chunk: Uint8Array) => {
    output += b4a.toString(chunk)
  })
  child.stderr?.on('data', (chunk: Uint8Array) => {
    errors += b4a.toString(chunk)
    for (const wake of waiting) wake()
  })
  const ended = [child.stdout, child.stderr].map(
    (stream) => new Promise<void>((resolve) => stream?.on('end', resolve))
  )
  return {
    errors: () => errors,
    closed: Promise.all(ended).then(() => output),
    async saw(text: string): Promise<void> {
      while (!errors.includes(text)) await new Promise<void>((resolve) => waiting.add(resolve))
    }
  }
}
