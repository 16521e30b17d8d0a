import test from 'brittle'
import fs from '#fs'
import path from '#path'
import { IntercomError } from '../../../src/base/errors.ts'
import { readValueFile } from '../../../src/config/value-file.ts'
import { failsWith } from '../../helpers/errors.ts'
import { storesFolder } from '../../helpers/stores.ts'

const LARGEST = 1024 * 1024
const refuse = (why: string) => new IntercomError('bad_flag', `no: ${why}`)

test('a file is read without the blanks around it, up to its bound', (t) => {
  const folder = storesFolder(t, { note: '\n a b\n\n', full: 'x'.repeat(LARGEST), empty: '' })
  const read = (name: string) => readValueFile(path.join(folder, name), refuse)
  t.is(read('note'), 'a b')
  t.is(read('full').length, LARGEST)
  t.is(read('empty'), '')
})

test('what is no file of a fair size is refused', { timeout: 5000 }, (t) => {
  const folder = storesFolder(t, { big: 'x'.repeat(LARGEST + 1) })
  const rows = [
    [path.join(folder, 'none'), 'no: ENOENT'],
    [folder, 'no: not a file'],
    [path.join(folder, 'big'), 'no: larger than 1048576 bytes']
  ]
  if (fs.existsSync('/dev/zero')) rows.push(['/dev/zero', 'no: not a file'])
  for (const [file = '', why = ''] of rows) failsWith(t, 'bad_flag', [why], () => readValueFile(file, refuse))
})
