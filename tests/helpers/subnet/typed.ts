import { bindSubnetCommands } from '../../../features/subnet/commands.ts'
import type { CommandCaller } from '../../../src/commands/registry.ts'
import type { HostPort } from '../../../src/config/types.ts'
import { bindNodeCommands } from '../../../src/node-commands.ts'
import type { Scope } from '../tmp.ts'
import { type MemberOptions, type OpenMember, openMember, until } from './member.ts'

/** A member with the commands of its terminal. */
export interface TypedMember extends OpenMember {
  /** What is printed; an error is the end of the test. */
  run(line: string, caller?: CommandCaller): Promise<readonly string[]>
  /** What is given to programs. */
  result(line: string): Promise<unknown>
  /** The code and the sentence with which a line is refused. */
  refused(line: string): Promise<readonly [code: string, message: string]>
}

const PROGRAM: CommandCaller = { ask: async () => null }
/** Sees what the node says besides. */
export const SCREEN: CommandCaller = { ask: async () => null, seesLines: true }

export async function openTyped(
  t: Scope,
  dht: readonly HostPort[],
  flags: readonly string[] = [],
  options: MemberOptions = {}
): Promise<TypedMember> {
  const member = await openMember(t, dht, flags, options)
  const { commands } = member.node
  bindNodeCommands(member.node, () => {})
  bindSubnetCommands(member.node, member.desk)
  const output = async (line: string, caller = PROGRAM) => {
    const outcome = await commands.run(line, caller)
    if (!outcome.ok) throw outcome.error
    return outcome.output
  }
  return {
    ...member,
    run: async (line, caller) => (await output(line, caller)).lines,
    result: async (line) => (await output(line)).result,
    async refused(line) {
      const outcome = await commands.run(line, PROGRAM)
      if (outcome.ok) throw new Error(`${line} was not refused: ${outcome.output.lines.join('\n')}`)
      return [outcome.error.code, outcome.error.message]
    }
  }
}

/** A subnet with its first admin, who has switched these on. */
export async function openAdmin(
  t: Scope,
  dht: readonly HostPort[],
  lines: readonly string[] = [],
  options: MemberOptions = {}
): Promise<TypedMember> {
  const admin = await openTyped(t, dht, [], options)
  await admin.run(`/add_admin --address ${admin.node.key}`)
  for (const line of lines) await admin.run(line)
  return admin
}

/** One that joined, and has become a writer without a restart. */
export async function joinAsWriter(
  t: Scope,
  dht: readonly HostPort[],
  admin: TypedMember
): Promise<TypedMember> {
  const joiner = await openTyped(t, dht, ['--subnet-bootstrap', admin.desk.bootstrap])
  await until(joiner, () => joiner.desk.writable)
  return joiner
}
