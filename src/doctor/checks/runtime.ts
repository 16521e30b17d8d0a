import fs from '#fs'
import process from '#process'
import { readVersion } from '../../version.ts'
import { type Finding, fail, ok, warn } from '../finding.ts'

// The code uses what earlier ones do not have; package.json names the least one to install with.
const LEAST_NODE = 22

interface Manifest {
  readonly dependencies: Readonly<Record<string, string>>
}

export function runtime(): Finding {
  const versions = process.versions as Readonly<Record<string, string | undefined>>
  const { bare, node = '0' } = versions
  const where = `on ${process.platform} ${process.arch}`
  if (bare === undefined) {
    const says = `Intercom ${readVersion()} with Node ${node} ${where}.`
    if (Number.parseInt(node, 10) >= LEAST_NODE) return ok(says)
    return fail(says, `Use Node ${LEAST_NODE} or later, or Bare: npm start.`)
  }
  const says = `Intercom ${readVersion()} with Bare ${bare} ${where}.`
  const { dependencies } = manifest()
  const expected = dependencies['bare-runtime']
  if (expected === bare) return ok(says)
  return warn(says, `It was made for Bare ${expected}: start it with npm start, or run npm install.`)
}

function manifest(): Manifest {
  return JSON.parse(fs.readFileSync(new URL('../../../../package.json', import.meta.url), 'utf-8'))
}
