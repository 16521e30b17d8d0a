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
