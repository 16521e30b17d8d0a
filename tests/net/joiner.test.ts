import test, { type Assertions } from 'brittle'
import fs from '#fs'
import path from '#path'
import process from '#process'
import { readRunFile } from '../../src/run-file.ts'
import { Peer, PROJECT } from '../helpers/peer.ts'
import { freePort } from '../helpers/ports.ts'
import { temporaryFolder } from '../helpers/tmp.ts'

/** The project as somebody else has it, just cloned; what an installation makes is linked. */
async function freshClone(t: Assertions): Promise<string> {
  const folder = path.join(temporaryFolder(t), 'a clone')
  const git = new Peer(t, { command: ['git'], args: ['clone', '-q', '.', folder], cwd: PROJECT })
  if ((await git.exited).code !== 0) throw new Error(`no clone: ${git.errors}`)
  for (const name of ['node_modules', 'dist'])
    fs.symlinkSync(path.join(PROJECT, name), path.join(folder, name))
  // npm does not end what it started when it is killed itself.
  t.teardown(() => endNodes(path.join(folder, 'stores')), { order: 5 })
  return folder
}

function endNodes(stores: string): void {
  if (!fs.existsSync(stores)) return
  for (const name of fs.readdirSync(stores)) {
    const { state, info } = readRunFile(path.join(stores, name))
    if (info !== null && state !== 'dead') process.kill(info.pid, 'SIGKILL')
  }
}

async function leave(peer: Peer): Promise<void> {
  peer.type('/exit')
  await peer.exited
}

const COMMAND = /^npm start -- .*$/m

test('what a node prints for others works as it is, pasted into a shell in a fresh clone', {
  timeout: 120_000
}, async (t) => {
  const clone = await freshClone(t)
  const cwd = temporaryFolder(t)
  const local = ['--local', '--local-port', String(await freePort())]
  const flags = [...local, '--sidechannel-invite-channels', 'den']
  const maker = new Peer(t, { cwd, args: ['start', 'maker', ...flags] })
  const [, makerKey = ''] = await maker.saw(/Peer pubkey \(hex\): (\S+)/)
  await maker.saw('Sidechannel: ready')
  await maker.answer(`/add_admin --address ${makerKey}`, 'Others join with')
  const paste = (line: string) => new Peer(t, { command: ['sh'], args: ['-c', line], cwd: clone })

  // A subnet: the line, and the script with it.
  const [joiner] = await maker.answer('/joiner --script join-subnet.sh', COMMAND)
  t.ok(joiner.includes('--peer-store-name joiner --subnet-bootstrap'), joiner)
  const member = paste(joiner)
  await member.saw(`Admin added: ${makerKey}`)
  await leave(member)

  const script = path.join(cwd, 'join-subnet.sh')
  await maker.saw(`The same as a script, for somebody else to run: ${fs.realpathSync(script)}`)
  t.is(fs.statSync(script).mode & 0o777, 0o700)
  t.ok(fs.readFileSync(script, 'utf-8').endsWith(`\nexec ${joiner} "$@"\n`))
  const elsewhere = new Peer(t, { command: ['sh'], args: [script], cwd })
  t.is((await elsewhere.exited).code, 1)
  t.ok(elsewhere.errors.includes('Run this in the folder of the project'), elsewhere.errors)

  // An invite, made out to a peer that its user started before, in the store that all have who name none.
  const invitee = paste(`npm start -- ${local.join(' ')} --subnet 0`)
  const [, inviteeKey = ''] = await invitee.saw(/Peer pubkey \(hex\): (\S+)/)
  await leave(invitee)
  await maker.answer('/sc_welcome --channel den --text hello', 'Others start with')
  await maker.answer('/sc_join --channel den', 'Joined "den"')
  const invite = `/sc_invite --channel den --pubkey ${inviteeKey} --script`
  const [said, invited = ''] = await maker.answer(
    `${invite} invited.sh`,
    /^The peer with that key starts, in its own store, with:\n(npm start -- .*)$/m
  )
  t.absent(said.includes('--peer-store-name'), 'that of the reader')
  const guest = paste(invited)
  t.is((await guest.saw(/Peer pubkey \(hex\): (\S+)/))[1], inviteeKey)
  await guest.saw('Sidechannel: ready')
  await Promise.all([meets(guest), meets(maker)])
  maker.type('/sc_send --channel den --message "just us"')
  await guest.saw(`[den] ${makerKey}: just us`.replace(/[[\]]/g, '\\$&'))
  maker.forget()
  await leave(guest)
  await maker.saw(/neighbour gone/)

  // The script does the same, where the invite was never kept.
  fs.unlinkSync(path.join(clone, 'stores', 'peer', 'sidechannels.json'))
  fs.copyFileSync(path.join(cwd, 'invited.sh'), path.join(clone, 'invited.sh'))
  const again = paste('sh ./invited.sh')
  await again.saw('Sidechannel: ready')
  await Promise.all([meets(again), meets(maker)])
  await leave(again)

  // Nothing is written over, and nowhere else.
  const before = fs.readFileSync(path.join(cwd, 'invited.sh'), 'utf-8')
  await maker.answer(`${invite} invited.sh`, /Command failed: .*invited\.sh" is there already/)
  t.is(fs.readFileSync(path.join(cwd, 'invited.sh'), 'utf-8'), before)
  for (const name of ['../x.sh', '/tmp/x.sh', '.x.sh', '-x.sh', 'package.json']) {
    await maker.answer(`/joiner --script=${name}`, /Command failed: Invalid --script/)
  }
})

/** Asks until one neighbour takes part in the channel with a valid invite. */
async function meets(peer: Peer): Promise<void> {
  for (;;) {
    const [, count, , left = '0'] = await peer.answer(
      '/sc_stats',
      /^"den": (\d+) neighbours?( \((\d+) not authorised\))?.*\n {2}received/m
    )
    if (Number(count) - Number(left) === 1) return
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}
