import { canonicalBytes, plainBytes, type SignedBytes } from './signing.ts'
import { RESERVED_1, RESERVED_2, RESERVED_CHOSEN, type Reserved } from './state-keys.ts'

/**
 * What differs between the rulesets (spec/subnet 9.1, 9.3), as data. Ruleset 1 makes the views of deployed
 * subnets to the byte; ruleset 2 is what new subnets have.
 */
export interface Rules {
  readonly version: 1 | 2
  readonly signedBytes: SignedBytes
  /** A dispatch is good only for the operation it names (D13). */
  readonly dispatchNamesType: boolean
  /** A verified signature is used up even when the operation was refused (D17). */
  readonly spendsRefused: boolean
  /** What a contract wrote before it returned an error stays (D19). */
  readonly keepsFailedWrites: boolean
  /** The contract gets the stored object itself and may change it. */
  readonly sharesOperation: boolean
  /** Removal is for good, until an admin says otherwise (D5). */
  readonly bansRemoved: boolean
  /** Who is no longer to be an indexer does not become one all the same, with the first word. */
  readonly forgetsPending: boolean
  /** An invitation demotes an indexer, as long as another one is left (D3). */
  readonly invitationDemotes: boolean
  /** Pins and deletions belong to moderators, not to the author (D18). */
  readonly normalisesMessages: boolean
  /** A transaction that no contract knows is on record with its error (D25). */
  readonly indexesUnknown: boolean
  /** Keys of people and writers are 32 bytes, not just any hex. */
  readonly wholeKeys: boolean
  /** The validator's `bigint` and nested `$$strict` do what they say (D20). */
  readonly mendedValidator: boolean
  /** While a contract runs, `console` is its log, or refused like all that leads outside. */
  readonly console: 'log' | 'refuse'
  /** An error of the engine that a contract returns is on record in the engine's words. */
  readonly keepsEngineWords: boolean
  /** A message that begins with more digits than a number holds is the number all the same: JSON has it as null. */
  readonly keepsEndlessCodes: boolean
  /** What a run left behind in objects, its own or those of the language, is taken back. */
  readonly takesBack: boolean
  readonly reserved: Reserved
  /** Of an operation that has no limit of its own, as JSON (D39). */
  readonly maxOpBytes: number
  readonly maxDepth: number
  /** Of one entry that a contract makes: the bytes of its key, and of its value as JSON. */
  readonly maxEntryBytes: number
  /** Of what a contract says is wrong. */
  readonly maxErrorLength: number
  /** Operations that only this ruleset knows. */
  readonly unban: boolean
}

const MIB = 1024 * 1024

/** What nests deeper is no operation in any ruleset. */
export const MAX_LOG_DEPTH = 1024

const RULESET_1: Rules = {
  version: 1,
  signedBytes: plainBytes,
  dispatchNamesType: false,
  spendsRefused: false,
  keepsFailedWrites: true,
  sharesOperation: true,
  bansRemoved: false,
  forgetsPending: false,
  invitationDemotes: true,
  normalisesMessages: false,
  indexesUnknown: false,
  wholeKeys: false,
  mendedValidator: false,
  console: 'log',
  keepsEngineWords: true,
  keepsEndlessCodes: true,
  takesBack: false,
  reserved: RESERVED_1,
  // A block of more than 15 MiB cannot be appended, and one node more would go down: so much for each of these.
  maxOpBytes: 14 * MIB,
  // Deeper ones would be refused or not depending on the stack of the machine.
  maxDepth: MAX_LOG_DEPTH,
  maxEntryBytes: 8 * MIB,
  // JSON can make six bytes of a character.
  maxErrorLength: MIB,
  unban: false
}

const RULESET_2: Rules = {
  version: 2,
  signedBytes: canonicalBytes,
  dispatchNamesType: true,
  spendsRefused: true,
  keepsFailedWrites: false,
  sharesOperation: false,
  bansRemoved: true,
  forgetsPending: true,
  invitationDemotes: false,
  normalisesMessages: true,
  indexesUnknown: true,
  wholeKeys: true,
  mendedValidator: true,
  console: 'refuse',
  keepsEngineWords: false,
  keepsEndlessCodes: false,
  takesBack: true,
  reserved: RESERVED_2,
  maxOpBytes: 8192,
  maxDepth: 64,
  maxEntryBytes: MIB,
  maxErrorLength: 1024,
  unban: true
}

export const RULESETS: Readonly<Record<1 | 2, Rules>> = { 1: RULESET_1, 2: RULESET_2 }
export type RulesVersion = keyof typeof RULESETS

/** Ruleset 1 by choice: where the choice stands is not for contracts. */
export const CHOSEN_1: Rules = { ...RULESET_1, reserved: RESERVED_CHOSEN }

export const SETTLEMENTS = ['msb', 'local'] as const
export type SettlementKind = (typeof SETTLEMENTS)[number]
