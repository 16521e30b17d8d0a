declare module 'corestore' {
  import type ReadyResource from 'ready-resource'
  export default class Corestore extends ReadyResource {
    constructor(storage: string, options?: { readOnly?: boolean })
  }
}
