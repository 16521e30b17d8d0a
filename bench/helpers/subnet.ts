import { RULESETS } from '../../features/subnet/engine/rules.ts'
import { Contract } from '../../src/app/contract.ts'
import type { HostPort } from '../../src/config/types.ts'
import { appOf, type OpenMember, openMember } from '../../tests/helpers/subnet/member.ts'
import type { Scope } from '../../tests/helpers/tmp.ts'

/** Puts one value under one key: as little as a contract can do. */
class SetContract extends Contract {
  constructor(protocol: unknown) {
    super(protocol)
    this.addFunction('set')
  }

  async set(): Promise<void> {
    const { key, value } = this.value as { key: string; value: unknown }
    await this.put(key, value)
  }
}

export const rules = RULESETS[2]

export async function openAdmin(scope: Scope, dht: readonly HostPort[]): Promise<OpenMember> {
  const member = await openMember(scope, dht, [], { app: appOf((protocol) => new SetContract(protocol)) })
  const { subnet } = member.desk
  await subnet.append({ type: 'addAdmin', key: member.node.key, rules: 2, settlement: 'local' })
  await subnet.append(subnet.pen.a(rules, 'setChatStatus', 'on'))
  return member
}

export function openReader(scope: Scope, dht: readonly HostPort[], admin: OpenMember): Promise<OpenMember> {
  return openMember(scope, dht, ['--subnet-bootstrap', admin.desk.bootstrap], {
    app: appOf((protocol) => new SetContract(protocol))
  })
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
