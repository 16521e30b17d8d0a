import type * as v from 'valibot'
import { anything, key, name, natural, object } from '../fields.ts'
import type { Rules } from '../rules.ts'
import { settlementKind } from '../ruleset.ts'
import { KEYS } from '../state-keys.ts'
import { operation } from './operation.ts'

const dispatch = object({ type: name, value: anything })

export const txSchema = object({
  type: name,
  key,
  value: object({ msbsl: natural, dispatch, ipk: key, wp: key })
})

export type TxOp = v.InferOutput<typeof txSchema>

export const tx = operation(() => txSchema, {
  maxBytes: (limits) => limits.txMaxBytes(),
  form: null,
  async ready(op, context) {
    const { state, settlements, host, emit } = context
    const enabled = await state.get(KEYS.transactions)
    if (enabled !== null && enabled !== true) {
      emit({ op: 'txDisabled', line: null, details: { tx: op.key } })
      return false
    }
    if (await state.has(KEYS.txIndex(op.key))) return false
    const kind = await settlementKind(state)
    const settlement = settlements[kind]
    if (settlement === undefined) {
      return host.interrupt(
        `The log has a transaction that needs the settlement "${kind}", which this node has not.`
      )
    }
    return settlement.verify(op, context)
  },
  async apply(op, { rules, state, contract, emit }) {
    const { ipk, wp } = op.value
    const verdict = await contract.run(
      { kind: 'tx', address: ipk, tx: op.key, validator: wp, dispatch: op.value.dispatch },
      state.store,
      rules
    )
    for (const line of verdict.log) emit({ op: 'log', line, details: {} })
    if (verdict.unknown && !rules.indexesUnknown) return 'refused'
    const n = await state.count(KEYS.txs)
    const u = await state.count(KEYS.userTxs(ipk))
    const err = errorCode(verdict.error, rules)
    await state.put(KEYS.txEntry(n), { val: verdict.dispatch, err, tx: op.key, ipk, wp })
    await state.put(KEYS.txs, n + 1)
    await state.put(KEYS.txIndex(op.key), n)
    await state.put(KEYS.userTx(ipk, u), n)
    await state.put(KEYS.userTxs(ipk), u + 1)
    emit({ op: 'tx', line: null, details: { tx: op.key, n, err } })
    return 'accepted'
  }
})

/** A message that begins with a number is that number: so contracts make error codes. */
export function errorCode(message: string | null, { keepsEndlessCodes }: Rules): string | number | null {
  if (message === null) return null
  const code = Number.parseInt(message, 10)
  return Number.isFinite(code) || (keepsEndlessCodes && !Number.isNaN(code)) ? code : message
}
