import { clock } from './checks/clock.ts'
import { config } from './checks/config.ts'
import { disk } from './checks/disk.ts'
import { key } from './checks/key.ts'
import { native } from './checks/native.ts'
import { dht, nat } from './checks/network.ts'
import { node } from './checks/node.ts'
import { ports } from './checks/ports.ts'
import { runtime } from './checks/runtime.ts'
import { secrets } from './checks/secrets.ts'
import { store } from './checks/store.ts'
import type { Check } from './finding.ts'

/** Every check of `doctor`, in the order in which they are shown. */
export const CHECKS: readonly Check[] = [
  { name: 'runtime', looksAt: 'the versions of the program and of what runs it', run: runtime },
  { name: 'native', looksAt: 'the native libraries: each is loaded and used once', run: native },
  { name: 'config', looksAt: 'config.json', run: config },
  { name: 'store', looksAt: 'the store: its format, its place, who holds its lock', run: store },
  { name: 'key', looksAt: 'the key file, which is opened with the password that is configured', run: key },
  { name: 'secrets', looksAt: 'who may read the files that nobody else should', run: secrets },
  { name: 'disk', looksAt: 'the room on the disk of the store', run: disk },
  { name: 'ports', looksAt: 'the ports of SC-Bridge, metrics and RPC', run: ports },
  { name: 'node', looksAt: 'how the running node is', run: node },
  { name: 'dht', looksAt: 'whether the DHT answers', run: dht },
  { name: 'nat', looksAt: 'what stands between this machine and other peers', run: nat },
  { name: 'clock', looksAt: 'how far the clock is from those of neighbours', run: clock }
]
