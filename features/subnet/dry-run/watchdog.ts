import process from '#process'
import { workerData } from '#worker-threads'
import { Heartbeat } from './heartbeat.ts'

/** At two gigabytes a second, which is fast, this is 100 MB too late. */
const LOOK_MS = 50

export interface WatchdogData {
  readonly memory: SharedArrayBuffer
  readonly memoryBytes: number
  readonly stuckMs: number
}

/**
 * A thread beside the one of the contract, since that one can be kept from doing anything. It ends the process
 * that grows too large, at once; and the one that is stuck, in case its parent has been killed and cannot.
 */
function watch({ memory, memoryBytes, stuckMs }: WatchdogData): never {
  const heartbeat = new Heartbeat(memory)
  heartbeat.awake()
  let beats = heartbeat.beats
  let since = process.uptime()
  for (;;) {
    heartbeat.sleep(LOOK_MS)
    if (heartbeat.waiting || heartbeat.beats !== beats) {
      beats = heartbeat.beats
      since = process.uptime()
    }
    const stuck = (process.uptime() - since) * 1000 > stuckMs
    if (stuck || process.memoryUsage().rss > memoryBytes) process.kill(process.pid, 'SIGKILL')
  }
}

watch(workerData as WatchdogData)
