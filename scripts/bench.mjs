// Runs the benchmarks on Bare, one after the other: npm run bench, npm run bench -- start
import { spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const bare = createRequire(import.meta.url)('bare-runtime')('bare')
const words = process.argv.slice(2)
const built = spawnSync('npx', ['tsc', '-p', 'tsconfig.build.json'], {
  cwd: root,
  stdio: 'inherit',
  shell: process.platform === 'win32'
})
if (built.status !== 0) process.exit(1)

const files = readdirSync(join(root, 'dist', 'bench'))
  .filter(
    (name) => name.endsWith('.bench.js') && (words.length === 0 || words.some((word) => name.includes(word)))
  )
  .sort()
if (files.length === 0) {
  console.error('bench: no benchmark fits.')
  process.exit(2)
}
for (const file of files) {
  const { status } = spawnSync(bare, [join(root, 'dist', 'bench', file)], { cwd: root, stdio: 'inherit' })
  if (status !== 0) process.exitCode = 1
}
