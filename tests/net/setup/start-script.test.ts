import test, { type Assertions } from 'brittle'
import fs from '#fs'
import path from '#path'
import type { Flag } from '../../../src/config/start-command.ts'
import { writeGenerated } from '../../../src/setup/generated.ts'
import { startScripts } from '../../../src/setup/scripts/start-scripts.ts'
import { Peer, PROJECT } from '../../helpers/peer.ts'
import { NASTY, planOf } from '../../helpers/plan.ts'
import { freePort } from '../../helpers/ports.ts'
import { startScript } from '../../helpers/setup.ts'
import { temporaryFolder } from '../../helpers/tmp.ts'

/** The project in a folder of another name: what the start needs of it. */
function projectFolder(t: Assertions): string {
  const project = path.join(temporaryFolder(t), `it's "my" $HOME 🎈`)
  fs.mkdirSync(path.join(project, 'scripts'), { recursive: true })
  fs.copyFileSync(path.join(PROJECT, 'scripts', 'launch.mjs'), path.join(project, 'scripts', 'launch.mjs'))
  for (const name of ['package.json', 'index.js', 'dist', 'node_modules'])
    fs.symlinkSync(path.join(PROJECT, name), path.join(project, name))
  return project
}

function makeScripts(project: string, flags: readonly Flag[]) {
  const files = startScripts(planOf(project, flags))
  const written = writeGenerated(files, { force: false })
  return {
    script: path.join(project, 'scripts', 'start-alice.sh'),
    outcomes: written.map((each) => each.outcome)
  }
}

function runScript(t: Assertions, script: string, args: readonly string[] = []): Peer {
  return startScript(t, script, path.join(path.dirname(script), '..', 'stores', 'alice'), args)
}

/** What the node made of its command line, by flag. */
async function printedConfig(peer: Peer): Promise<Record<string, string>> {
  const { code } = await peer.exited
  if (code !== 0) throw new Error(`ended with ${code}: ${peer.errors}`)
  const rows = peer.output.split('\n').map((line) => /^(\S+) +(.*?) +(?:flag|default|label)$/.exec(line))
  return Object.fromEntries(rows.flatMap((row) => (row === null ? [] : [[row[1] ?? '', row[2] ?? '']])))
}

test('every value arrives as it was', { timeout: 120_000 }, async (t) => {
  const project = projectFolder(t)
  const names = NASTY.map((name) => name.replaceAll('\n', ' ').trim())
  const channels = [...names.filter((name) => !name.startsWith('@')), '@at'].join(',')
  const odd = NASTY.join(' ')
  const { script } = makeScripts(project, [
    ['sidechannels', channels],
    ['sidechannelWelcome', `a b:${'x'.repeat(300)},it's:{"t":"a,\\"b\\" $(x)"}`],
    ['subnetChannel', odd],
    ['scBridgeFilter', '--dashes'],
    ['app', '-dash\\']
  ])
  const config = await printedConfig(runScript(t, script, ['--print-config', '--log-level', 'debug']))
  t.is(config.sidechannels, channels)
  t.is(config['sidechannel-welcome'], `a b:${'x'.repeat(300)},it's:{"t":"a,\\"b\\" $(x)"}`)
  t.is(config['subnet-channel'], odd.replaceAll('\n', '\\n'))
  t.is(config['sc-bridge-filter'], '--dashes')
  t.is(config.app, '-dash\\')
  t.is(config['peer-store-name'], 'alice')
  t.is(config['log-level'], 'debug', 'what is given to the script')
  const quiet = await printedConfig(runScript(t, script, ['--print-config', '--app', 'other']))
  t.is(quiet.app, 'other', 'and wins')
  for (const folder of [project, path.join(project, 'scripts'), '/'])
    t.absent(fs.existsSync(path.join(folder, 'pwned')), 'nothing of it was run')
})

test('it starts from any folder, once, and ends in order', { timeout: 120_000 }, async (t) => {
  const project = projectFolder(t)
  const flags: Flag[] = [
    ['local', '1'],
    ['localPort', String(await freePort())],
    ['sidechannels', `it's "here" $(x),b`]
  ]
  const { script, outcomes } = makeScripts(project, flags)
  t.alike(outcomes, ['made', 'made', 'made', 'made'])
  const link = path.join(path.dirname(project), 'linked.sh')
  fs.symlinkSync(script, link)

  const first = runScript(t, link)
  await first.saw('Sidechannel: ready')
  const file = path.join(project, 'stores', 'alice', 'run.json')
  const { pid } = JSON.parse(fs.readFileSync(file, 'utf-8'))
  t.ok(first.output.includes('Peer store: stores/alice'), 'in the folder of the project')

  const second = runScript(t, script)
  t.is((await second.exited).code, 1)
  t.ok(second.errors.includes(`The store "stores/alice" is in use by process ${pid}.`), second.errors)
  t.ok(makeScripts(project, flags).outcomes.every((outcome) => outcome === 'unchanged'))

  t.is((await first.stop('SIGTERM')).code, 0)
  t.absent(fs.existsSync(file), 'the store was closed')
})

test('what is missing is said', { timeout: 60_000 }, async (t) => {
  const project = projectFolder(t)
  const { script } = makeScripts(project, [])
  const start = async (env: Record<string, string>) => {
    const peer = new Peer(t, { command: ['/bin/sh', script], args: [], cwd: '/', input: false, env })
    return { code: (await peer.exited).code, errors: peer.errors }
  }
  const tools = temporaryFolder(t)
  for (const name of ['dirname', 'readlink', 'tr', 'cut'])
    fs.symlinkSync(`/usr/bin/${name}`, path.join(tools, name))
  const none = await start({ PATH: tools })
  t.is(none.code, 1)
  t.ok(none.errors.includes('Node.js is not installed. Install version 20 or newer first.'), none.errors)

  fs.writeFileSync(path.join(tools, 'node'), '#!/bin/sh\necho v18.20.1\n', { mode: 0o755 })
  const old = await start({ PATH: tools })
  t.is(old.code, 1)
  t.ok(old.errors.includes('Node.js 18 is too old. Install version 20 or newer first.'), old.errors)

  fs.unlinkSync(path.join(project, 'node_modules'))
  const bare = await start({})
  t.is(bare.code, 1)
  t.ok(bare.errors.includes(`Run "npm install" in ${project} first.`), bare.errors)
})
