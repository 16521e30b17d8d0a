import test from 'brittle'
import process from '#process'
import { PROJECT } from '../../helpers/peer.ts'
import { Stage } from '../../helpers/recipe.ts'
import { hasTmux, Screen } from '../../helpers/screen.ts'

if (!(await hasTmux())) console.log('# skipped: tmux is not installed')
else {
  test('a person joins a channel at the prompt, reads and writes', { timeout: 120_000 }, async (t) => {
    const stage = await Stage.open(t)
    const owner = await stage.start('owner')
    const { join } = await owner.welcome('pub')
    await owner.run('/sc_join --channel pub', 'Joined "pub"')

    const screen = new Screen(t)
    const flags = `--dht-bootstrap ${stage.dht} --peer-stores-directory ${stage.cwd}/stores`
    await screen.start(`${process.execPath} ${PROJECT}/index.js start person ${flags}`)
    await screen.saw(/Sidechannel: ready/)
    await screen.keys('/sc_j', 'Tab')
    await screen.saw(/^> \/sc_join$/m)
    await screen.keys('C-c')
    // Pasted as it was printed.
    await screen.tmux('set-buffer', `${join}\n`)
    await screen.tmux('paste-buffer')
    await screen.saw(/Joined "pub"\./)
    t.absent(/awaits its welcome/.test(await screen.saw(/^>$/m)))
    await owner.meets('pub', 1)
    await owner.sends('pub', 'look who is here')
    await screen.saw(new RegExp(`\\[pub\\] ${owner.key.slice(0, 20)}`))
    await screen.saw(/look who is here/)
    await screen.keys('/sc_send --channel pub --message "hi there"', 'Enter')
    await screen.saw(/Sent to 1 neighbour in "pub"\./)
    await owner.peer.saw(/\[pub\] [0-9a-f]{64}: hi there/)
  })
}
