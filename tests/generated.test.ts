import { toJsonSchema } from '@valibot/to-json-schema'
import test from 'brittle'
import fs from '#fs'
import path from '#path'
import { referencePages } from '../src/reference.ts'
import { PROJECT } from './helpers/peer.ts'

const FOLDER = path.join(PROJECT, 'docs', 'reference')

test('docs/reference is what the tables give now', (t) => {
  const pages = referencePages(toJsonSchema)
  t.alike(fs.readdirSync(FOLDER).sort(), Object.keys(pages).sort())
  for (const [name, text] of Object.entries(pages)) {
    const written = fs.readFileSync(path.join(FOLDER, name), 'utf-8')
    t.ok(written === text, `docs/reference/${name} is current (npm run docs)`)
  }
})
