/** Every code an error over SC-Bridge can carry, and what a client can do about it. */
export const BRIDGE_CODES = {
  unauthorized: 'Authenticate first, with the token of this peer.',
  forbidden: 'Use a token that may do this.',
  bad_request: 'Mend the request; the reference lists the fields of each.',
  denied: 'Read the sentence and the next step.',
  uninvited: 'Ask an inviter for an invite to this peer, and send it along.',
  owner_only: 'Ask the owner to send it, or use a channel in which everybody may write.',
  no_owner: 'Join with the key of the owner.',
  too_large: 'Shorten or split the message.',
  unserialisable: 'Send JSON that nests at most 64 deep.',
  rate_limited: 'Wait a moment, then try again.',
  no_neighbours: 'Wait until somebody takes part in the channel, then try again.',
  no_subnet: 'Start the node with its subnet.',
  not_writable: 'Ask the admin of the subnet for the right to write.',
  disabled: 'Ask whoever runs the node to switch it on.',
  unknown_type: 'Mend the type; the reference lists all of them.',
  internal: 'This is a fault of the node: please report it.'
} as const satisfies Record<string, string>

export type BridgeCode = keyof typeof BRIDGE_CODES
