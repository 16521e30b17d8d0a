// The long soak of a quiet relay, on Bare: node scripts/soak.mjs [messages] [messages per second]
import { spawnSync } from 'node:child_process'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const bare = createRequire(import.meta.url)('bare-runtime')('bare')
const built = spawnSync('npx', ['tsc', '--noCheck'], {
  cwd: root,
  stdio: 'inherit',
  shell: process.platform === 'win32'
})
if (built.status !== 0) process.exit(1)
const program = join(root, 'dist', 'bench', 'soak.js')
const { status } = spawnSync(bare, [program, ...process.argv.slice(2)], { cwd: root, stdio: 'inherit' })
process.exitCode = status ?? 1
