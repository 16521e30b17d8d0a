// Plays the tour of the README with two real peers on a DHT of this machine, and draws what their terminals show.
//   npm run record                        writes docs/tour.svg
//   node scripts/record.mjs --check       writes nothing; tells whether the picture still shows what happens
import { readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { drawTour, transcriptOf } from './tour/svg.mjs'
import { Stage } from './tour/terminal.mjs'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const picture = join(root, 'docs', 'tour.svg')

const args = process.argv.slice(2)
const check = args[0] === '--check'
if (args.length > (check ? 1 : 0)) stop(`unknown word ${args.at(-1)}. The only flag is --check.`)

const stage = await Stage.open()
try {
  await play()
} finally {
  await stage.close()
}

if (check) {
  const differences = differencesTo(transcriptOf(readFileSync(picture, 'utf8')))
  for (const line of differences) console.error(line)
  if (differences.length > 0) console.error('docs/tour.svg is not what happens. Run "npm run record".')
  process.exitCode = differences.length > 0 ? 1 : 0
} else {
  writeFileSync(picture, drawTour(stage.shown))
  console.log('wrote docs/tour.svg')
}

async function play() {
  const alice = await stage.start('alice', ['--sidechannel-invite-channels', 'den'])
  const bootstrap = await alice.saw(/Peer subnet bootstrap: (\S+)/)
  const channel = await alice.saw(/Peer subnet channel: (\S+)/)
  const aliceKey = await alice.saw(/Peer pubkey \(hex\): (\S+)/)
  const bob = await stage.start('bob', [
    ...['--sidechannel-invite-channels', 'den', '--sidechannel-inviter-keys', aliceKey],
    ...['--subnet-bootstrap', bootstrap, '--subnet-channel', channel]
  ])
  const bobKey = await bob.saw(/Peer pubkey \(hex\): (\S+)/)

  await bob.meets('0000intercom')
  await bob.type('/sc_send --channel 0000intercom --message hello', /^Sent to 1 neighbour/m)
  await alice.saw(/\[0000intercom\] .*: hello/)

  await alice.type('/sc_welcome --channel den --text "Be kind."', /^\/sc_join .*$/m)
  await alice.type('/sc_join --channel den', /^Joined/m)
  const join = await alice.type(`/sc_invite --channel den --pubkey ${bobKey}`, /^\/sc_join .*$/m)
  await bob.type(join, /^Joined/m)
  await bob.meets('den')
  await bob.type('/sc_send --channel den --message "just us"', /^Sent to 1 neighbour/m)
  await alice.saw(/\[den\] .*: just us/)

  await alice.type(`/add_admin --address ${aliceKey}`, /^npm start -- .*$/m)
  await bob.saw(/^App: /m)
  await alice.type('/set_auto_add_writers --enabled 1', /^Set auto_add_writers/m)
  await alice.saw(/^Writer auto added/m)
  await bob.saw(/^Writer auto added/m)
  await bob.type('/tx --command something', /^TX appended/m)
  await alice.confirms('something')
  await alice.type('/get --key something', /^there is something$/m)
}

/** By terminal, as only the order within each of them is certain. */
function differencesTo(known) {
  return ['alice', 'bob'].flatMap((peer) => {
    const of = (lines) => lines.filter((line) => line.peer === peer).map(({ text }) => text)
    const [before, now] = [of(known), of(stage.shown)]
    return Array.from({ length: Math.max(before.length, now.length) }, (_, i) =>
      before[i] === now[i]
        ? []
        : [`${peer}, line ${i + 1}:`, `  picture: ${before[i]}`, `  now:     ${now[i]}`]
    ).flat()
  })
}

function stop(message) {
  console.error(`record: ${message}`)
  process.exit(2)
}
