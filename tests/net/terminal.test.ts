import test from 'brittle'
import fs from '#fs'
import path from '#path'
import process from '#process'
import { PROJECT } from '../helpers/peer.ts'
import { freePort } from '../helpers/ports.ts'
import { hasTmux, run, Screen } from '../helpers/screen.ts'
import { temporaryFolder } from '../helpers/tmp.ts'

if (!(await hasTmux())) console.log('# skipped: tmux is not installed')
else {
  test('a person types at the prompt', async (t) => {
    const cwd = temporaryFolder(t)
    const screen = new Screen(t)
    const flags = `--local --local-port ${await freePort()} --peer-stores-directory ${cwd}/stores`
    await screen.start(`${process.execPath} ${PROJECT}/index.js ${flags}; echo ended with $?`)
    await screen.saw(/^>$/m)

    await screen.keys('/st', 'Tab')
    await screen.saw(/^> \/stats$/m)
    await screen.keys('Enter')
    await screen.saw(/--- Stats ---[\s\S]*^>$/m)

    await screen.keys('/get_keys', 'Enter')
    await screen.saw(/Type "show" to see/)
    await screen.keys('no', 'Enter')
    t.absent(/Secret Key: [0-9a-f]/.test(await screen.saw(/Secret Key: hidden/)))
    await screen.keys('/get_keys', 'Enter')
    await screen.keys('show', 'Enter')
    await screen.saw(/Secret Key: [0-9a-f]{80}/)

    await screen.keys('/get_kesy', 'Enter')
    await screen.saw(/Unknown command \/get_kesy\. Did you mean \/get_keys\?/)
    await screen.keys('Up', 'Up', 'Up')
    await screen.saw(/^> \/get_keys$/m)

    await screen.keys('C-c')
    await screen.saw(/^>$/m)
    await screen.keys('C-c')
    t.ok(await screen.saw(/ended with 0/))
  })

  test('a line that is printed does not touch the line being typed', async (t) => {
    const cwd = temporaryFolder(t)
    const screen = new Screen(t)
    const port = await freePort()
    const flags = `--local --local-port ${port} --peer-stores-directory ${cwd}/stores`
    await screen.start(`${process.execPath} ${PROJECT}/index.js ${flags}`)
    await screen.saw(/^>$/m)
    await screen.keys('/help not yet sent')
    await screen.tmux('split-window', '-d', `${process.execPath} ${PROJECT}/index.js start b ${flags}`)
    const shown = await screen.saw(/neighbour connected/)
    t.is(shown.trimEnd().split('\n').at(-1), '> /help not yet sent')
  })

  test('closing the terminal ends the node in order', async (t) => {
    const cwd = temporaryFolder(t)
    const screen = new Screen(t)
    const flags = `--local --local-port ${await freePort()} --peer-stores-directory ${cwd}/stores`
    await screen.start(`${process.execPath} ${PROJECT}/index.js ${flags} 2>${cwd}/errors`)
    await screen.saw(/^>$/m)
    const { pid } = JSON.parse(fs.readFileSync(path.join(cwd, 'stores', 'peer', 'run.json'), 'utf-8'))
    await screen.tmux('kill-server')
    while (isRunning(pid)) await run('sleep', ['0.05'])
    t.absent(fs.existsSync(path.join(cwd, 'stores', 'peer', 'run.json')), 'the store was closed')
    t.absent(/error/.test(fs.readFileSync(path.join(cwd, 'errors'), 'utf-8')))
  })
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
