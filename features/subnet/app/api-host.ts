import type { MessageOperation } from '../../../src/app/prepared-message.ts'
import type { ApiHost } from '../../../src/app/protocol-api.ts'
import { IntercomError } from '../../../src/base/errors.ts'
import { randomNonce } from '../../../src/base/nonce.ts'
import type { SubnetDesk } from '../desk.ts'
import { LOCAL_BOOTSTRAP } from '../engine/local-settlement.ts'
import { rulesInForce } from '../writing/guards.ts'

/** The node as the API of an app has it. The desk is asked when it is used: at first it is not whole. */
export function createApiHost(
  desk: SubnetDesk,
  exposed: ApiHost['exposed'],
  postSigned: (op: MessageOperation) => Promise<{ readonly result: unknown }>
): ApiHost {
  return {
    exposed,
    get bootstrap() {
      return desk.bootstrap
    },
    get writerKey() {
      return desk.writerKey
    },
    get writable() {
      return desk.writable
    },
    read: (key, confirmed) => desk.get(key, confirmed),
    generateNonce: randomNonce,
    mapCommand: (command) => desk.mapCommand(command),
    txContext: () => desk.txContext(),
    msbBootstrap: async () => ((await desk.subnet.settlementKind()) === 'local' ? LOCAL_BOOTSTRAP : null),
    async messageBytes(value, nonce) {
      const { signedBytes } = await rulesInForce(desk.subnet)
      const bytes = signedBytes({ type: 'msg', plain: value, value: value.dispatch, nonce }, desk.bootstrap)
      if (bytes === null) throw new IntercomError('unserialisable', 'This message cannot be signed.')
      return bytes
    },
    postSigned: async (op) => (await postSigned(op)).result,
    submit: (signed, sim) => desk.submit(signed, sim)
  }
}
