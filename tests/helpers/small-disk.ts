import b4a from 'b4a'
import fs from '#fs'
import path from '#path'
import { spawn } from '#subprocess'
import { type Scope, temporaryFolder } from './tmp.ts'

// It waits for whoever holds its input, and so ends the mount however that one ends.
const HOLD =
  'trap "" INT TERM HUP; mount -t tmpfs -o "size=$2m,mode=700" none "$1" || exit 1; echo; read -r _; umount -l "$1"'

/** A disk in memory of so many MiB, mounted in a folder of its own. */
export class SmallDisk {
  readonly folder: string
  readonly #filler: string

  /** Null where this system lets us mount nothing, as a rule because we are not root. */
  static async mount(t: Scope, megabytes: number): Promise<SmallDisk | null> {
    const folder = temporaryFolder(t)
    const shell = spawn('sh', ['-c', HOLD, 'sh', folder, String(megabytes)], {
      stdio: ['pipe', 'pipe', 'ignore']
    })
    const ended = new Promise<false>((resolve) => {
      shell.on('error', () => resolve(false))
      shell.on('exit', () => resolve(false))
    })
    const mounted = new Promise<boolean>((resolve) => {
      shell.stdout?.on('data', (bytes: Uint8Array) => resolve(b4a.toString(bytes) === '\n'))
    })
    // After all that writes to it has ended, and before the folder is removed.
    t.teardown(
      async () => {
        shell.stdin?.end()
        await ended
      },
      { order: 90 }
    )
    return (await Promise.race([mounted, ended])) ? new SmallDisk(folder) : null
  }

  private constructor(folder: string) {
    this.folder = folder
    this.#filler = path.join(folder, 'filler')
  }

  get free(): number {
    const { bavail, bsize } = fs.statfsSync(this.folder)
    return Number(bavail) * Number(bsize)
  }

  /** Leaves room for so many bytes. */
  fill(left: number): void {
    fs.writeFileSync(this.#filler, b4a.alloc(this.free - left))
  }

  makeRoom(): void {
    fs.unlinkSync(this.#filler)
  }
}
