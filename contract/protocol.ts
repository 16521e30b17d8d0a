import { type Command, Protocol } from 'intercom/app'

const WORDS: Readonly<Record<string, string>> = {
  something: 'storeSomething',
  read_snapshot: 'readSnapshot',
  read_chat_last: 'readChatLast',
  read_timer: 'readTimer'
}

const OPERATIONS: Readonly<Record<string, { type: string; takesValue: boolean }>> = {
  do_something: { type: 'submitSomething', takesValue: true },
  read_key: { type: 'readKey', takesValue: true },
  read_chat_last: { type: 'readChatLast', takesValue: false },
  read_timer: { type: 'readTimer', takesValue: false }
}

/** The commands of the sample app: what `/tx --command "…"` takes. */
export class SampleProtocol extends Protocol {
  override mapTxCommand(command: string): Command | null {
    if (Object.hasOwn(WORDS, command)) return { type: WORDS[command] as string, value: null }
    const value = this.safeJsonParse(command) as { readonly op?: unknown } | null | undefined
    const op = value?.op
    if (typeof op !== 'string' || !Object.hasOwn(OPERATIONS, op)) return null
    const { type, takesValue } = OPERATIONS[op] as { type: string; takesValue: boolean }
    return { type, value: takesValue ? value : null }
  }

  override async printOptions(): Promise<readonly string[]> {
    const words = Object.keys(WORDS).map((word) => `/tx --command ${word}`)
    return [
      ...words,
      `/tx --command '{"op":"do_something","some_key":"mine"}'`,
      `/tx --command '{"op":"read_key","key":"something"}'`
    ]
  }

  override async extendApi(): Promise<void> {
    this.api.getSampleData = () => 'Some sample data'
  }
}
