// Adds to package-lock.json the binaries of other platforms that the registry in use did not offer when the lock
// file was made: without them `npm ci` refuses the file, and other platforms would install no binary.
// Run it after every change of dependencies: npm run lock
import { readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const file = join(dirname(dirname(fileURLToPath(import.meta.url))), 'package-lock.json')
const lock = JSON.parse(readFileSync(file, 'utf8'))
let added = 0

for (const [path, { optionalDependencies = {}, dev }] of Object.entries(lock.packages)) {
  for (const [name, version] of Object.entries(optionalDependencies)) {
    const at = `node_modules/${name}`
    if (lock.packages[at] || lock.packages[`${path}/${at}`]) continue
    const match = /-(android|darwin|ios|linux|win32)-(arm|arm64|ia32|x64)(-musl)?(?:-simulator)?$/.exec(name)
    if (match === null) throw new Error(`${name}, wanted by ${path}, does not say which platform it is for`)
    const [, os, cpu, musl] = match
    lock.packages[at] = {
      version,
      cpu: [cpu],
      ...(dev ? { dev } : {}),
      ...(musl ? { libc: ['musl'] } : {}),
      optional: true,
      os: [os]
    }
    added++
  }
}

lock.packages = Object.fromEntries(Object.entries(lock.packages).sort(([a], [b]) => (a < b ? -1 : 1)))
writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`)
console.log(`${added} added`)
