// Writes the pages of docs/reference from the tables in the code.
//   npm run docs                           builds, then writes what changed
//   node scripts/gen-docs.mjs --check      writes nothing; names the pages that are not what the build gives
import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { toJsonSchema } from '@valibot/to-json-schema'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const folder = join(root, 'docs', 'reference')

const args = process.argv.slice(2)
const check = args[0] === '--check'
if (args.length > (check ? 1 : 0)) stop(`unknown word ${args.at(-1)}. The only flag is --check.`)
if (!check) build()

const { referencePages } = await import('../dist/src/reference.js').catch((error) => {
  if (error.code === 'ERR_MODULE_NOT_FOUND') stop('not built yet. Run "npm run build" first.')
  throw error
})
const pages = referencePages(toJsonSchema)

for (const [name, text] of Object.entries(pages)) {
  if (read(name) === text) continue
  if (check) {
    console.error(`docs/reference/${name} is stale. Run "npm run docs".`)
    process.exitCode = 1
  } else {
    mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, name), text)
    console.log(`wrote docs/reference/${name}`)
  }
}

function read(name) {
  try {
    return readFileSync(join(folder, name), 'utf8')
  } catch (error) {
    if (error.code !== 'ENOENT') throw error
    return undefined
  }
}

function build() {
  const tsc = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin', 'tsc')
  const { status } = spawnSync(process.execPath, [tsc, '--noCheck'], { cwd: root, stdio: 'inherit' })
  if (status !== 0) stop('the build failed.')
}

function stop(message) {
  console.error(`gen-docs: ${message}`)
  process.exit(2)
}
