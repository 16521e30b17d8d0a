import process from '#process'

/** What we use of the global that Pear v2 gives the programs it runs. */
interface PearGlobal {
  readonly app?: { readonly args?: readonly string[] }
  readonly config?: { readonly args?: readonly string[] }
  teardown?(close: () => Promise<void>): void
}

export const { Pear } = globalThis as { Pear?: PearGlobal }

/** The words after the program, whoever started it. */
export function commandLine(): readonly string[] {
  return Pear?.app?.args ?? Pear?.config?.args ?? process.argv.slice(2)
}
