import { Protocol } from '../../../../src/app/protocol.ts'

export default class HostileProtocol extends Protocol {}
