#!/usr/bin/env node
// Starts the node on Bare, from any folder. Node 20 is enough here: it only launches.
import { spawn } from 'node:child_process'
import { accessSync, chmodSync, existsSync, constants as fsConstants } from 'node:fs'
import { createRequire } from 'node:module'
import { constants } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))

if (!existsSync(join(root, 'dist', 'src', 'main.js'))) {
  stop('not built yet. Run "npm install" in the project folder first.')
}

const bare = findBare()
const args = [join(root, 'index.js'), ...process.argv.slice(2)]

// Where the system can, become Bare instead of waiting for it: one process less, and signals arrive directly.
if (process.execve && process.platform !== 'win32') {
  process.removeAllListeners('warning')
  // That execve is experimental is for no user of ours.
  process.on('warning', () => {})
  process.execve(bare, [bare, ...args], process.env)
}

const child = spawn(bare, args, { stdio: 'inherit' })
child.on('error', (error) => stop(`cannot start Bare (${error.message}). Run "npm install" again.`))
// A terminal sends its signals to child and launcher alike: the node takes two within a moment for one.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT']) process.on(signal, () => child.kill(signal))
child.on('exit', (code, signal) => {
  process.exit(signal ? 128 + constants.signals[signal] : (code ?? 1))
})

function findBare() {
  try {
    const path = createRequire(import.meta.url)('bare-runtime')('bare')
    makeExecutable(path)
    return path
  } catch (error) {
    return stop(
      `Bare cannot be used on ${process.platform}-${process.arch} (${error.message}). ` +
        'Run "npm install" without --omit=optional: its binary is an optional package.'
    )
  }
}

/** Some package managers unpack it without the bit. */
function makeExecutable(path) {
  try {
    accessSync(path, fsConstants.X_OK)
  } catch {
    chmodSync(path, 0o755)
  }
}

function stop(message) {
  console.error(`intercom: ${message}`)
  process.exit(1)
}
