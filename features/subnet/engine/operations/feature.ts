import { adminOnly, formC, signedC } from './forms.ts'
import { operation } from './operation.ts'

export const feature = operation(() => signedC, {
  maxBytes: (limits) => limits.featMaxBytes(),
  form: formC,
  signers: adminOnly,
  async apply({ value: { dispatch } }, { rules, state, contract, emit }) {
    // Nothing of it but the value is signed in ruleset 1, so this is what somebody says who they are.
    const { address } = dispatch as { readonly address?: unknown }
    const verdict = await contract.run(
      { kind: 'feature', address: address ?? null, tx: null, validator: null, dispatch },
      state.store,
      rules
    )
    for (const line of verdict.log) emit({ op: 'log', line, details: {} })
    emit({ op: 'feature', line: null, details: { type: dispatch.type, error: verdict.error } })
  }
})
