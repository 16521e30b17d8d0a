import fs from '#fs'

/** `starttime`, counted from behind the name. */
const BEGAN = 19

/**
 * Tells a process from another one that has its number later: the namespace that its number is of, which start of the
 * machine it was in, and when it began, in ticks since then. Null where the system does not say: only Linux does.
 */
export function birthOf(pid: number): string | null {
  try {
    // The name before the bracket may be anything.
    const [, fields = ''] = /^.*\) (.*)$/s.exec(fs.readFileSync(`/proc/${pid}/stat`, 'utf-8')) ?? []
    const ticks = fields.split(' ')[BEGAN]
    if (ticks === undefined) return null
    const boot = fs.readFileSync('/proc/sys/kernel/random/boot_id', 'utf-8').trim()
    return `${fs.readlinkSync('/proc/self/ns/pid')} ${boot} ${ticks}`
  } catch {
    // Another system, or a process that one may not look at: nothing is known then, and that is the answer.
    return null
  }
}

/** Whether the process with this number may be the one that was born so. */
export function mayBe(pid: number, birth: string | null): boolean {
  const now = birthOf(pid)
  // Numbers of two namespaces, as containers have, say nothing of each other.
  if (birth === null || now === null || namespaceOf(birth) !== namespaceOf(now)) return true
  return birth === now
}

function namespaceOf(birth: string): string {
  return birth.split(' ')[0] ?? ''
}
