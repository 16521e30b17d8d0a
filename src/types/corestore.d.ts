declare module 'corestore' {
  import type ReadyResource from 'ready-resource'
  export interface Core {
    readonly length: number
    ready(): Promise<void>
    close(): Promise<void>
  }
  export default class Corestore extends ReadyResource {
    constructor(storage: string, options?: { readOnly?: boolean })
    /** To be closed on its own; the store stays open. */
    session(): Corestore
    get(options: { name: string }): Core
  }
}
