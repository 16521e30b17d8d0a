import { Protocol } from '../../../src/app/protocol.ts'

/** Has no commands: transactions are given as they are. */
export default class SetProtocol extends Protocol {}
