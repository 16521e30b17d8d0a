import test from 'brittle'
import fs from '#fs'
import path from '#path'
import { PROJECT } from '../../helpers/peer.ts'

/** What a node needs and a question to one does not: loading it takes longer than asking. */
const HEAVY = ['corestore', 'hyperdht', 'hyperswarm', 'protomux', 'sodium-universal', 'udx-native', 'valibot']

/** What is imported for its values, by name or by path below the project. */
function importsOf(file: string): string[] {
  const source = fs.readFileSync(path.join(PROJECT, file), 'utf-8')
  const statement = /^(?:import|export)\s+(?!type\b)(?:[\w$\s{},*]*?\bfrom\s+)?'([^']*)'/gm
  return [...source.matchAll(statement)].map(([, from = '']) =>
    from.startsWith('.') ? path.join(path.dirname(file), from) : from
  )
}

/** All that is loaded with these files. */
function closure(files: readonly string[]): Set<string> {
  const loaded = new Set<string>()
  const waiting = [...files]
  for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
    if (loaded.has(file)) continue
    loaded.add(file)
    if (file === '#client') waiting.push('src/client/bare.ts', 'src/client/index.ts')
    else if (file.endsWith('.ts')) waiting.push(...importsOf(file))
  }
  return loaded
}

test('a question to a running node loads none of the libraries of a node', (t) => {
  const loaded = closure(['src/main.ts', 'src/cli/run.ts'])
  t.ok(
    loaded.has('src/client/session.ts') && loaded.has('src/base/text.ts'),
    `${loaded.size} files and packages`
  )
  for (const name of HEAVY) t.absent(loaded.has(name), name)
  t.absent(loaded.has('src/program.ts'), 'the program is loaded only when a node is to run')
  t.ok(
    HEAVY.every((name) => closure(['src/program.ts']).has(name)),
    'and there they are'
  )
})

test('a look at a node loads not even the client', (t) => {
  const loaded = closure(['src/main.ts', 'src/cli/run-status.ts'])
  t.ok(loaded.has('src/run-file.ts'), `${loaded.size} files and packages`)
  for (const name of [...HEAVY, '#client', '#websocket', 'src/program.ts']) t.absent(loaded.has(name), name)
})

test('the first run loads what makes a key, and nothing of the network or the database', (t) => {
  const loaded = closure(['src/main.ts', 'src/setup/run.ts', 'features/sidechannel/handed.ts'])
  t.ok(loaded.has('src/identity/wallet.ts'), `${loaded.size} files and packages`)
  const forKeys = new Set(['sodium-universal'])
  for (const name of HEAVY.filter((each) => !forKeys.has(each))) t.absent(loaded.has(name), name)
  for (const file of ['src/program.ts', 'src/node.ts']) t.absent(loaded.has(file), file)
})
