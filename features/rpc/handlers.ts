import b4a from 'b4a'
import { commandHash, type TxContext, type TxPayload, txHash, txPayload } from '../../src/app/payloads.ts'
import { IntercomError } from '../../src/base/errors.ts'
import { isHex32 } from '../../src/base/hex.ts'
import { randomNonce } from '../../src/base/nonce.ts'
import { encodeAddress } from '../../src/identity/address.ts'
import type { IntercomNode } from '../../src/node.ts'
import type { EndpointName, InputOf, ReplyOf } from '../../src/rpc/endpoints.ts'
import type { SignedTx, SubnetPlane } from '../../src/subnet-plane.ts'
import { Refused } from './replies.ts'

export interface Host {
  readonly node: IntercomNode
  readonly plane: SubnetPlane
  /** The OpenAPI document of this node. */
  describe(): Promise<ReplyOf<'openapi'>>
}

export type Handlers = {
  readonly [E in EndpointName]: (input: InputOf<E>) => ReplyOf<E> | Promise<ReplyOf<E>>
}

const OPERATION_TYPE = 12

/** What each endpoint does. */
export function createHandlers({ node, plane, describe }: Host): Handlers {
  return {
    health: () => ({ ok: true }),
    status: () => status(node, plane),
    state: async ({ key, confirmed }) => ({
      key,
      confirmed,
      value: (await plane.get(key, confirmed)) ?? null
    }),
    schema: () => plane.contractSchema() as ReplyOf<'schema'>,
    nonce: () => ({ nonce: randomNonce() }),
    context: async () => ({ msb: { ...(await plane.txContext()), operationType: OPERATION_TYPE } }),
    prepare: async ({ prepared_command, nonce }) => {
      const ch = commandHash(prepared_command)
      return { tx: txHash({ ...(await plane.txContext()), ch, nonce }), command_hash: ch }
    },
    tx: ({ tx, prepared_command: preparedCommand, address, signature, nonce, sim }) =>
      submit(plane, { tx, preparedCommand, address, signature, nonce }, sim ?? false),
    openapi: describe
  }
}

/** What is refused before the fields of a request are looked at. `exposed`: transactions can be made, not only tried. */
export function earlyRefusal(name: EndpointName, given: object, exposed: boolean): Refused | null {
  const { sim } = given as { readonly sim?: unknown }
  if (name !== 'tx' || sim === true || exposed) return null
  return new Refused('disabled', 'Transactions not exposed in API.')
}

async function submit(plane: SubnetPlane, signed: SignedTx, sim: boolean): Promise<ReplyOf<'tx'>> {
  const before = await plane.txContext()
  const { value, log, error, appended, n } = await plane.submit(signed, sim)
  if (!sim) {
    const payload = payloadOf(signed, before) ?? payloadOf(signed, await plane.txContext())
    return { result: payload, appended, n, contractError: error }
  }
  if (error !== null) throw new Refused('contract_error', String(error))
  return { result: value ?? null, log: [...log] }
}

/** As the paid network has it; null where it was not signed for this context. */
function payloadOf(signed: SignedTx, context: TxContext): TxPayload | null {
  const { tx, preparedCommand, address: given, nonce, signature } = signed
  const parts = { ...context, ch: commandHash(preparedCommand), nonce }
  const address = isHex32(given) ? encodeAddress(b4a.from(given, 'hex')) : given
  return txHash(parts) === tx ? txPayload(address, parts, signature) : null
}

async function status(node: IntercomNode, plane: SubnetPlane): Promise<ReplyOf<'status'>> {
  const { result: stats } = await plane.stats()
  const context = await contextOrNull(plane)
  return {
    peer: {
      pubKeyHex: node.key,
      writerKeyHex: plane.writerKey,
      msbAddress: node.address,
      baseWritable: plane.writable,
      isIndexer: plane.isIndexer,
      isWriter: stats.isWriter,
      subnetBootstrapHex: plane.bootstrap,
      subnetChannelUtf8: plane.channel,
      subnetSignedLength: stats.signedLength,
      subnetUnsignedLength: stats.viewLength,
      admin: stats.admin,
      chatStatus: (await plane.get('chat_status', false)) ?? null
    },
    msb: {
      ready: context !== null,
      settlement: stats.ruleset === null ? null : stats.settlement,
      bootstrapHex: context?.mbs ?? null,
      networkId: context?.networkId ?? null,
      signedLength: stats.settlement === 'local' ? stats.signedLength : 0
    }
  }
}

/** Null while nobody settles: of a node that has another settlement than its subnet, for one. */
async function contextOrNull(plane: SubnetPlane): Promise<TxContext | null> {
  try {
    return await plane.txContext()
  } catch (error) {
    if (error instanceof IntercomError) return null
    throw error
  }
}
