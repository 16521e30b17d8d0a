/** The runtime's own modules: `bare-*` on Bare, Node's on Node (see "imports" in package.json). */

declare module '#fs' {
  export * from 'node:fs'
  export { default } from 'node:fs'
}

declare module '#os' {
  export * from 'node:os'
  export { default } from 'node:os'
}

declare module '#path' {
  export * from 'node:path'
  export { default } from 'node:path'
}

declare module '#process' {
  export { default } from 'node:process'
}

declare module '#subprocess' {
  export * from 'node:child_process'
  export { default } from 'node:child_process'
}

declare module '#crypto' {
  export * from 'node:crypto'
  export { default } from 'node:crypto'
}

declare module '#http' {
  export * from 'node:http'
  export { default } from 'node:http'
}

declare module '#https' {
  export * from 'node:https'
  export { default } from 'node:https'
}

declare module '#net' {
  export * from 'node:net'
  export { default } from 'node:net'
}

declare module '#tls' {
  export * from 'node:tls'
  export { default } from 'node:tls'
}

/** On Bare no more than we use of it. */
declare module '#worker-threads' {
  export { Worker, workerData } from 'node:worker_threads'
}

/** On Bare alone: the other runtimes have a WebSocket of their own. */
declare module '#websocket' {
  export * from 'bare-ws'
}
