import type { Readable } from 'node:stream'
import ReadyResource from 'ready-resource'
import process from '#process'
import { systemCode } from '../base/errors.ts'
import { completeCommand } from '../commands/help.ts'
import type { CommandCaller, CommandRegistry } from '../commands/registry.ts'
import { createEditor, type Effect } from './editor.ts'
import { createKeyDecoder, type Key } from './keys.ts'
import { outcomeLines, type Writable } from './output.ts'
import { createScreen } from './screen.ts'

const PROMPT = '> '

// A lone escape key and the start of a sequence look the same; a sequence's rest follows at once.
const ESCAPE_TIME = 50

const TERMINAL_GONE = new Set(['EIO', 'ENOTTY', 'EBADF', 'ENXIO', 'STREAM_IS_CLOSED'])

/** Pasted text comes marked, so that it is never taken for typing. */
const BRACKETED_PASTE = { on: '\u001b[?2004h', off: '\u001b[?2004l' }

export interface TerminalInput extends Readable {
  setRawMode(raw: boolean): unknown
}

export interface TerminalOutput extends Writable {
  readonly columns: number
  readonly rows: number
  on(event: 'resize', listener: () => void): unknown
  off(event: 'resize', listener: () => void): unknown
}

export interface InteractiveOptions {
  readonly input: TerminalInput
  readonly output: TerminalOutput
  readonly commands: CommandRegistry
  readonly onend: () => void
}

/** A prompt with history and completion; whatever else is printed goes above the line being typed. */
export class InteractiveTerminal extends ReadyResource {
  readonly interactive = true
  readonly #options: InteractiveOptions
  readonly #caller: CommandCaller = { ask: (text) => this.#ask(text), seesLines: true }
  readonly #decoder = createKeyDecoder()
  readonly #editor = createEditor({
    complete: (text, cursor) =>
      this.#question === null
        ? completeCommand(text, cursor, this.#options.commands.appNames)
        : { start: 0, candidates: [] }
  })
  readonly #screen: ReturnType<typeof createScreen>
  #state = this.#editor.start()
  #question: { text: string; history: readonly string[]; answer: (text: string | null) => void } | null = null
  #escape: ReturnType<typeof setTimeout> | null = null

  constructor(options: InteractiveOptions) {
    super()
    this.#options = options
    const { output } = options
    this.#screen = createScreen({
      write: (text) => void output.write(text),
      columns: () => output.columns,
      rows: () => output.rows
    })
  }

  print(line: string): void {
    this.#screen.above([line])
  }

  protected override async _open(): Promise<void> {
    const { input, output } = this.#options
    input.setRawMode(true)
    input.on('data', this.#handleData)
    input.on('end', this.#options.onend)
    input.on('error', this.#options.onend)
    output.on('resize', this.#handleResize)
    process.on('SIGCONT', this.#handleContinue)
    output.write(BRACKETED_PASTE.on)
    this.#draw()
  }

  protected override async _close(): Promise<void> {
    const { input, output } = this.#options
    if (this.#escape !== null) clearTimeout(this.#escape)
    this.#question?.answer(null)
    input.off('data', this.#handleData)
    input.off('end', this.#options.onend)
    output.off('resize', this.#handleResize)
    process.off('SIGCONT', this.#handleContinue)
    this.#screen.clear()
    output.write(BRACKETED_PASTE.off)
    input.pause()
    try {
      input.setRawMode(false)
    } catch (error) {
      // The terminal has been closed already, and took its modes with it.
      if (!TERMINAL_GONE.has(systemCode(error) ?? '')) throw error
    }
  }

  readonly #handleData = (bytes: Uint8Array): void => {
    if (this.#escape !== null) clearTimeout(this.#escape)
    this.#escape = setTimeout(() => this.#handleKeys(this.#decoder.flush()), ESCAPE_TIME)
    this.#handleKeys(this.#decoder.push(bytes))
  }

  readonly #handleResize = (): void => this.#screen.resized()

  /** The shell has had the terminal, with modes of its own. */
  readonly #handleContinue = (): void => {
    this.#options.input.setRawMode(true)
    this.#draw()
  }

  #handleKeys(keys: readonly Key[]): void {
    if (keys.length === 0 || this.closing) return
    for (const key of keys) {
      const { state, effects } = this.#editor.edit(this.#state, key)
      this.#state = state
      for (const effect of effects) this.#handleEffect(effect)
      if (this.closing) return
    }
    this.#draw()
  }

  #handleEffect(effect: Effect): void {
    if (effect === 'interrupt' || effect === 'eof') this.#options.onend()
    else if (effect === 'clear') this.#screen.clearScreen()
    else if (effect === 'full') this.print('The line is full.')
    else if (effect === 'suspend')
      this.print('Suspending would cut the node off from its neighbours; /exit ends it.')
    else if ('list' in effect) this.print(effect.list.join('  '))
    else this.#handleLine(effect.submit)
  }

  #handleLine(line: string): void {
    // Keys that came in one piece were not drawn one by one.
    this.#screen.draw(this.#prompt(), line, line.length)
    this.#screen.submit()
    const question = this.#question
    if (question !== null) {
      this.#question = null
      // An answer is nobody's command, so it is not kept.
      this.#state = this.#editor.start(question.history)
      question.answer(line.trim())
      return
    }
    if (line.trim() === '') return
    void this.#run(line)
  }

  async #run(line: string): Promise<void> {
    const outcome = await this.#options.commands.run(line, this.#caller)
    if (!this.closing) this.#screen.above(outcomeLines(outcome))
  }

  #ask(text: string): Promise<string | null> {
    return new Promise((resolve) => {
      this.#question = { text, history: this.#state.history, answer: resolve }
      this.#draw()
    })
  }

  #draw(): void {
    if (this.closing) return
    const { text, cursor, search } = this.#state
    this.#screen.draw(search === null ? this.#prompt() : `(search) \`${search}': `, text, cursor)
  }

  #prompt(): string {
    return this.#question?.text ?? PROMPT
  }
}
