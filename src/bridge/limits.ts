/** What clients can run into, for the reference. */
export const LIMITS: readonly (readonly [what: string, limit: string])[] = [
  ['a frame before `auth_ok`', '4 KiB'],
  [
    'all that comes before it',
    '64 frames, pings among them, and 32 KiB in all; then the connection is closed (1008)'
  ],
  ['a frame after it', 'the largest message (`--sidechannel-max-bytes`, 1 MB) and 512 KiB'],
  ['time to authenticate', '10 s, then the connection is closed (1008)'],
  [
    'connections that have not authenticated',
    '64; one more takes the place of one of the address that holds most of them'
  ],
  [
    'wrong tokens',
    'answered after 100 ms, twice as long each time up to 10 s, for each address; after five the connection is closed (1008). A right one is answered at once'
  ],
  ['requests of one client under way', '64; then no more of it is read until some are answered'],
  ['events that wait for one client', '16384 or 8 MiB; then the oldest are dropped, and `lagged` says which'],
  [
    'what is held for `since`',
    '1000 messages of a channel (`--sidechannel-history`) or 4 MiB, 64 MiB over all channels; it ends with the node'
  ],
  ['how long events wait for the first request after `auth_ok`', '100 ms, so that `since` comes before them'],
  ['a client that says nothing', 'is asked by a WebSocket ping after 30 s and dropped after 30 s more']
]
