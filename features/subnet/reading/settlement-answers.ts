import { IntercomError } from '../../../src/base/errors.ts'
import { toHex } from '../../../src/base/hex.ts'
import type { Answer } from '../../../src/planes.ts'
import type { SubnetDesk } from '../desk.ts'
import { channelBuffer } from '../members/place.ts'

/** The fields of deployed peers, whose settlement is the paid network. Here nobody pays, and nobody has anything. */
export interface SettlementFields {
  readonly networkId: number
  readonly msbBootstrap: string
  readonly txv: string
  readonly msbSignedLength: number
  readonly msbUnsignedLength: number
  readonly connectedValidators: number
  readonly peerMsbAddress: string
  readonly peerMsbBalance: number
  readonly msbFee: number
}

export interface DeployFields {
  readonly subnetBootstrap: string
  readonly subnetChannel: string | null
  readonly tx: null
  readonly deployed: false
}

export async function settlementAnswer(desk: SubnetDesk, address: string): Promise<Answer<SettlementFields>> {
  await assertLocal(desk)
  const { networkId, mbs, txv } = await desk.txContext()
  const { signedLength, viewLength } = (await desk.stats()).result
  const result = {
    networkId,
    msbBootstrap: mbs,
    txv,
    msbSignedLength: signedLength,
    msbUnsignedLength: viewLength,
    connectedValidators: 0,
    peerMsbAddress: address,
    peerMsbBalance: 0,
    msbFee: 0
  }
  const fields = Object.entries(result).map(([name, value]) => `${name}: ${value}`)
  const note =
    'Settlement is local: the log of the subnet settles its transactions. Nothing is paid, and there are no balances.'
  return { lines: [note, ...fields], result }
}

export async function deployAnswer(desk: SubnetDesk): Promise<Answer<DeployFields>> {
  const { bootstrap, channel } = desk
  await assertLocal(desk)
  const subnetChannel = channel === null ? null : toHex(channelBuffer(channel))
  return {
    lines: [
      `Subnet bootstrap: ${bootstrap}`,
      `Subnet channel (hex): ${subnetChannel ?? 'none'}`,
      'Subnet deployment tx: none (settlement is local: nothing was deployed, and nothing paid)'
    ],
    result: { subnetBootstrap: bootstrap, subnetChannel, tx: null, deployed: false }
  }
}

/** What has no admin yet will be local. */
async function assertLocal({ subnet }: SubnetDesk): Promise<void> {
  if ((await subnet.rules()) === null || (await subnet.settlementKind()) === 'local') return
  throw new IntercomError('denied', 'This subnet settles on the paid network, which is not in this version.')
}
