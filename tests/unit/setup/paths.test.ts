import test from 'brittle'
import path from '#path'
import { forConfig, fromProject } from '../../../src/setup/paths.ts'

const PROJECT = path.resolve('/', 'opt', 'intercom')

test('within the project a path is relative to it, else absolute', (t) => {
  const rows = [
    ['keys/token', path.join('keys', 'token')],
    [path.join(PROJECT, 'stores'), 'stores'],
    [path.join(PROJECT, '..x'), '..x'],
    [PROJECT, '.'],
    ['../token', path.resolve(PROJECT, '..', 'token')],
    [`${PROJECT}-2/token`, path.resolve(`${PROJECT}-2`, 'token')]
  ] as const
  for (const [file, expected] of rows) t.is(fromProject(PROJECT, file), expected, file)
})

test('in config.json it means the same file to a start from the same folder, and is whole for one from elsewhere', (t) => {
  t.is(forConfig(PROJECT, './examples/board/', PROJECT), path.join('examples', 'board'))
  t.is(forConfig(PROJECT, '../token', PROJECT), path.resolve(PROJECT, '..', 'token'))
  const inside = path.join(PROJECT, 'keys')
  t.is(forConfig(PROJECT, 'token', inside), path.join(inside, 'token'))
  t.is(forConfig(PROJECT, 'token', path.resolve('/')), path.resolve('/', 'token'))
})
