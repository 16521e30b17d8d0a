import test from 'brittle'
import fs from '#fs'
import path from '#path'
import { withScript } from '../../../src/commands/joiner-script.ts'
import { failsWith } from '../../helpers/errors.ts'
import { temporaryFolder } from '../../helpers/tmp.ts'

const ANSWER = { lines: ['Others join with:', 'npm start'], result: { joiner: 'npm start' } }

test('nothing is signed where the script cannot be, and what is there stays', (t) => {
  const folder = temporaryFolder(t)
  const there = path.join(folder, 'there.sh')
  fs.writeFileSync(there, 'mine')
  let made = 0
  const answer = () => {
    made++
    return ANSWER
  }
  failsWith(t, 'script_exists', [there], () => withScript(there, 'About.', answer))
  const nowhere = path.join(folder, 'none', 'x.sh')
  failsWith(t, 'script_unwritable', [nowhere, 'ENOENT'], () => withScript(nowhere, 'About.', answer))
  t.is(made, 0)
  t.is(fs.readFileSync(there, 'utf-8'), 'mine')

  const { lines, result } = withScript(path.join(folder, 'new.sh'), 'About.', answer)
  t.is(made, 1)
  t.ok(lines.at(-1)?.includes(path.join(folder, 'new.sh')))
  t.alike(result, { joiner: 'npm start', script: path.join(folder, 'new.sh') })
  t.is(fs.statSync(path.join(folder, 'new.sh')).mode & 0o777, 0o700)
  t.ok(fs.readFileSync(path.join(folder, 'new.sh'), 'utf-8').endsWith('\nexec npm start "$@"\n'))
})

test('an answer that fails leaves no file; one that was made is never lost', (t) => {
  const folder = temporaryFolder(t)
  const file = path.join(folder, 'x.sh')
  const refused = () => {
    throw new Error('refused')
  }
  t.exception(() => withScript(file, 'About.', refused), /refused/)
  t.absent(fs.existsSync(file))

  // What takes its place meanwhile cannot be written to.
  const { lines, result } = withScript(file, 'About.', () => {
    fs.rmSync(file)
    fs.rmSync(folder, { recursive: true })
    return ANSWER
  })
  t.alike(lines.slice(0, 2), ANSWER.lines)
  t.ok(lines[2]?.startsWith('There is no script: Cannot write'), lines[2])
  t.alike(result, ANSWER.result)
})
