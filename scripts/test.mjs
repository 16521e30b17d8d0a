// Runs each test file in a process of its own, on Bare and on Node, and ends with "N passed, N failed".
//   npm test                        all quick tests on Bare and, where the running Node is >= 22, tests/unit on Node
//   npm test -- --runtime node      one runtime, and then all of them
//   npm test -- tests/unit/config   only files whose path contains the words
//   npm run test:long               the long tests on Bare, and on Node what npm test leaves out there
import { spawn } from 'node:child_process'
import { readdirSync, statSync } from 'node:fs'
import { createRequire } from 'node:module'
import { availableParallelism } from 'node:os'
import { dirname, join, relative, sep } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const MOST_FLAKY = 3
// A file takes less than a minute; but a machine can be several times slower than others.
const FILE_TIME = { quick: 180_000, long: 15 * 60_000 }

const { runtimes, long, words } = parseArguments(process.argv.slice(2))
await build()

const files = testFiles(join(root, 'tests')).filter(
  (file) => words.length === 0 || words.some((word) => file.includes(word))
)
const jobs = runtimes.flatMap((runtime) =>
  files.filter((file) => isFor(runtime, file)).map((file) => ({ runtime, file }))
)
if (jobs.length === 0) stop('no test file fits.')
const fileCount = jobs.length

const total = { passed: 0, failed: 0 }
const failedOnce = []
const startedAt = Date.now()
// Long tests look at time and memory, and want the machine for themselves.
await work(jobs.filter(({ file }) => isLongFile(file)))
// Much of a test is waiting; but one that starts whole peers wants a core.
const others = jobs.filter(({ file }) => !isLongFile(file))
await Promise.all(Array.from({ length: Math.min(3, 1 + availableParallelism()) }, () => work(others)))
await runAgain()
console.log(`# ${fileCount} files in ${Math.round((Date.now() - startedAt) / 1000)} s`)
console.log(`${total.passed} passed, ${total.failed} failed`)
process.exitCode = total.failed === 0 && total.passed > 0 ? 0 : 1

/** What differs between the runtimes shows in tests/unit; the rest on Node takes its time, and is for later. */
function isFor({ name, isOnly }, file) {
  if (name === 'bare' || isOnly) return isLongFile(file) === long
  return !isLongFile(file) && file.startsWith(join('tests', 'unit') + sep) !== long
}

function isLongFile(file) {
  return file.startsWith(join('tests', 'long') + sep)
}

/** Several of these can share one list. */
async function work(waiting) {
  for (let job = waiting.shift(); job !== undefined; job = waiting.shift()) {
    const result = await runFile(job)
    show(job, result)
    if (result.failed > 0 && process.env.CI === 'true') failedOnce.push({ job, result })
    else count(result)
  }
}

/**
 * In CI a file that failed has one more chance, alone on the machine: what only fails when three run at once is told
 * as flaky, and is a fault of the test. More than a few of them are a failure.
 */
async function runAgain() {
  for (const { job, result } of failedOnce) {
    const again = failedOnce.length > MOST_FLAKY ? result : await runFile(job)
    if (again !== result) show(job, again, again.failed === 0 ? 'FLAKY ' : 'FAILED')
    count(again)
  }
}

function count({ passed, failed }) {
  total.passed += passed
  total.failed += failed
}

function show(
  { runtime, file },
  { passed, failed, output, seconds },
  word = failed === 0 ? 'ok    ' : 'FAILED'
) {
  console.log(`${word} ${runtime.name.padEnd(4)} ${file} (${passed} passed, ${seconds} s)`)
  for (const line of output.split('\n')) {
    if (failed > 0 || /# SKIP|^\s*# skipped:/.test(line)) console.log(`    ${line}`)
  }
}

function runFile({ runtime, file }) {
  const compiled = join(root, 'dist', file.replace(/\.ts$/, '.js'))
  const started = Date.now()
  return new Promise((resolve) => {
    const runner = join(root, 'dist', 'tests', 'helpers', 'run.js')
    const child = spawn(runtime.path, [runner, pathToFileURL(compiled).href], {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe']
    })
    let output = ''
    let late = false
    const timer = setTimeout(
      () => {
        late = true
        child.kill('SIGKILL')
      },
      long ? FILE_TIME.long : FILE_TIME.quick
    )
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk))
    child.on('error', (error) => (output += error.message))
    child.on('close', (code, signal) => {
      clearTimeout(timer)
      const passed = (output.match(/^ok \d+/gm) ?? []).length
      const failed = (output.match(/^not ok \d+/gm) ?? []).length
      const why = late ? 'took too long' : `ended with ${signal ?? code}`
      const broken = code !== 0 && failed === 0
      if (broken) output += `\n# the file ${why}`
      // A file that ran nothing proves nothing.
      const empty = !broken && passed + failed === 0 && !/# skipped:/.test(output)
      if (empty) output += '\n# the file ran no test'
      const seconds = ((Date.now() - started) / 1000).toFixed(1)
      resolve({ passed, failed: failed + (broken || empty ? 1 : 0), output, seconds })
    })
  })
}

function parseArguments(args) {
  const words = []
  let long = false
  let only = null
  for (let i = 0; i < args.length; i++) {
    if (args[i] === '--long') long = true
    else if (args[i] === '--runtime') only = args[++i]
    else if (args[i].startsWith('--')) stop(`unknown flag ${args[i]}.`)
    else words.push(args[i])
  }
  const all = [
    { name: 'bare', path: createRequire(import.meta.url)('bare-runtime')('bare'), isOnly: only === 'bare' },
    { name: 'node', path: process.execPath, isOnly: only === 'node' }
  ]
  const old = Number(process.versions.node.split('.')[0]) < 22
  if (old && only === null)
    console.log(`# Node ${process.versions.node} is too old for the node itself: testing on Bare only`)
  const runtimes = all.filter(({ name }) => (only === null ? name === 'bare' || !old : name === only))
  if (runtimes.length === 0) stop('--runtime is bare or node.')
  return { runtimes, long, words }
}

function build() {
  const tsc = createRequire(import.meta.url).resolve('typescript/package.json')
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [join(dirname(tsc), 'bin', 'tsc'), '-p', 'tsconfig.build.json'], {
      cwd: root,
      stdio: 'inherit'
    })
    child.on('close', (code) => (code === 0 ? resolve() : stop('the build failed.')))
  })
}

function testFiles(folder) {
  return readdirSync(folder)
    .flatMap((name) => {
      const path = join(folder, name)
      if (statSync(path).isDirectory()) return testFiles(path)
      return name.endsWith('.test.ts') ? [relative(root, path)] : []
    })
    .sort()
}

function stop(message) {
  console.error(`test: ${message}`)
  process.exit(2)
}
