import { CHOSEN_1, RULESETS, type Rules, type SettlementKind } from './rules.ts'
import type { State } from './state.ts'
import { KEYS } from './state-keys.ts'

/** What the first admin chose for this subnet; nothing means ruleset 1 and the paid network. */
export async function rulesOf(state: State): Promise<Rules> {
  if (!(await state.has(KEYS.rulesMark))) return RULESETS[1]
  return (await state.get(KEYS.rules)) === 2 ? RULESETS[2] : CHOSEN_1
}

export async function settlementKind(state: State): Promise<SettlementKind> {
  if (!(await state.has(KEYS.rulesMark))) return 'msb'
  return (await state.get(KEYS.settlement)) === 'local' ? 'local' : 'msb'
}
