import test from 'brittle'
import fs from '#fs'
import path from '#path'
import { PROJECT, withinProject } from '../../../src/base/project.ts'
import { resolveConfig } from '../../../src/config/resolve.ts'
import { subnetJoiner } from '../../../src/config/subnet-joiner.ts'
import { shellWords } from '../../helpers/recipe.ts'
import { temporaryFolder } from '../../helpers/tmp.ts'

const BOOTSTRAP = 'ab'.repeat(32)
const HASH = 'cd'.repeat(32)
const APP = { name: 'board', version: '2', hash: HASH }

function configOf(words: readonly string[]) {
  return resolveConfig(['--peer-stores-directory', 'no-such-folder', ...words], {}).config
}

function joinerOf(words: readonly string[], channel: string | null = null) {
  return subnetJoiner(configOf(words), { bootstrap: BOOTSTRAP, channel, app: APP })
}

async function appOf(line: string): Promise<string | null> {
  const [npm, start, dashes, ...words] = await shellWords(line)
  if (`${npm} ${start} ${dashes}` !== 'npm start --') throw new Error(line)
  return configOf(words).app
}

test('the joiner of a subnet is on the same network, in the same subnet, with the same app', async (t) => {
  for (const channel of ["a'b", '$HOME `x` "y" \\', '@file', '--flag', 'a,b', '\u2603\u200b%s', '!!']) {
    const app = path.join(PROJECT, 'examples', channel)
    const { line } = joinerOf([`--app=${app}`, '--local', '--local-port', '4000'], channel)
    const { subnetBootstrap, subnetChannel, local, localPort, peerStoreName } = configOf(
      (await shellWords(line)).slice(3)
    )
    t.alike(
      [subnetBootstrap, subnetChannel, local, localPort, peerStoreName],
      [BOOTSTRAP, channel, true, 4000, 'joiner']
    )
    t.is(await appOf(line), `examples/${channel}`)
  }
  t.alike(joinerOf(['--dht-bootstrap', '127.0.0.1:1']), {
    line: `npm start -- --peer-store-name joiner --subnet-bootstrap ${BOOTSTRAP} --dht-bootstrap 127.0.0.1:1`,
    note: null
  })
})

test('the app is named as every copy of the project has it, however this peer was told', async (t) => {
  const board = path.join(PROJECT, 'examples', 'task-board')
  const link = path.join(temporaryFolder(t), 'link')
  fs.symlinkSync(board, link)
  for (const named of [board, path.relative('.', board), `${board}/../task-board/`, link]) {
    const { line, note } = joinerOf(['--app', named])
    t.is(await appOf(line), 'examples/task-board', named)
    t.is(note, null)
  }
})

test('an app outside the project is said, with its hash, and not named by its place here', async (t) => {
  const folder = temporaryFolder(t)
  for (const named of [folder, path.relative('.', folder), '/no/such/app', `${PROJECT}-2`]) {
    const { line, note } = joinerOf(['--app', named])
    t.is(await appOf(line), null, named)
    t.absent(line.includes('--app'))
    t.ok(note?.includes(`board 2 (hash ${HASH})`) && note.includes('--app <folder>'), String(note))
    t.absent(note?.includes(folder))
  }
})

test('within the project', (t) => {
  const project = path.resolve('/a/b')
  const inside = (file: string) => withinProject(path.resolve(file), project)
  t.alike(['/a/b', '/a/b/c/d', '/a/b/..c'].map(inside), ['.', 'c/d', '..c'])
  t.alike(['/a', '/a/c', '/a/bc', '/'].map(inside), [null, null, null, null])
})
