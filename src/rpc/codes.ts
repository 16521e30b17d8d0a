/** Every code an error over the HTTP RPC can carry, its HTTP status, and what a caller can do about it. */
export const RPC_CODES = {
  bad_request: { status: 400, next: 'Mend the request; GET /v1/openapi.json describes each.' },
  unserialisable: {
    status: 400,
    next: 'Send JSON that nests at most 64 deep, and let contracts return such.'
  },
  contract_error: { status: 400, next: 'Mend the transaction: the contract refuses it as it is.' },
  denied: { status: 400, next: 'Read the sentence, then try again.' },
  not_writable: { status: 400, next: 'Ask the admin of the subnet to let this node write.' },
  no_admin: { status: 400, next: 'Wait until the subnet has an admin.' },
  unauthorized: { status: 401, next: 'Send the token of the node: "Authorization: Bearer <token>".' },
  forbidden: { status: 403, next: 'Call the node by an address and from an origin that it allows.' },
  disabled: { status: 403, next: 'Ask whoever runs the node to start it with --api-tx-exposed 1.' },
  not_found: { status: 404, next: 'GET /v1/openapi.json lists what there is.' },
  timed_out: { status: 408, next: 'Send the request in one go.' },
  too_large: {
    status: 413,
    next: 'Send less; the node is told how much it takes with --rpc-max-body-bytes.'
  },
  rate_limited: { status: 429, next: 'Wait a moment, then try again.' },
  internal: { status: 500, next: 'This is a fault of the node, which has logged it: please report it.' },
  unavailable: { status: 503, next: 'Wait a moment, then try again; the log of the node may say more.' }
} as const satisfies Record<string, { readonly status: number; readonly next: string }>

export type RpcCode = keyof typeof RPC_CODES

/** Deployed servers say no more than this of their own faults. */
export const INTERNAL = 'An internal error occurred.'
export const NOT_FOUND = 'Not Found'
