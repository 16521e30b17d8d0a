import path from '#path'
import { RULESETS } from '../../features/subnet/engine/rules.ts'
import type { HostPort } from '../../src/config/types.ts'
import { PROJECT } from '../../tests/helpers/peer.ts'
import { type OpenMember, openMember } from '../../tests/helpers/subnet/member.ts'
import type { Scope } from '../../tests/helpers/tmp.ts'

/** In a folder, so that its transactions are tried as usual before they are written. */
const APP = path.join(PROJECT, 'bench', 'helpers', 'set-app')

export const rules = RULESETS[2]

export async function openAdmin(scope: Scope, dht: readonly HostPort[]): Promise<OpenMember> {
  const member = await openMember(scope, dht, ['--app', APP])
  const { subnet } = member.desk
  await subnet.append({ type: 'addAdmin', key: member.node.key, rules: 2, settlement: 'local' })
  await subnet.append(subnet.pen.a(rules, 'setChatStatus', 'on'))
  return member
}

export function openReader(scope: Scope, dht: readonly HostPort[], admin: OpenMember): Promise<OpenMember> {
  return openMember(scope, dht, ['--app', APP, '--subnet-bootstrap', admin.desk.bootstrap])
}

/** A chat message of this member, signed. */
export function chatOp({ node, desk }: OpenMember, text: string): object {
  return desk.subnet.pen.b(rules, 'msg', {
    msg: text,
    address: node.key,
    attachments: [],
    deleted_by: null,
    reply_to: null,
    pinned: false,
    pin_id: null
  })
}
