import b4a from 'b4a'
import test, { type Assertions } from 'brittle'
import fc from 'fast-check'
import fs from '#fs'
import path from '#path'
import { CommandRegistry } from '../../../src/commands/registry.ts'
import { PipedTerminal } from '../../../src/terminal/piped.ts'
import { temporaryFolder } from '../../helpers/tmp.ts'

// What a file stream reads at a time, on both runtimes.
const CHUNK = 65_536
const MIB = 1024 * 1024

/** Runs the commands of a file through a stream of the platform. */
class Run {
  readonly out: string[] = []
  readonly chunks: number[] = []
  readonly commands = new CommandRegistry()
  readonly input: ReturnType<typeof fs.createReadStream>
  readonly terminal: PipedTerminal
  readonly closed: Promise<void>
  readonly ended: Promise<void>
  ends = 0

  constructor(file: string) {
    this.input = fs.createReadStream(file)
    this.input.on('data', (chunk) => this.chunks.push(chunk.length))
    this.closed = new Promise((resolve) => this.input.on('close', () => resolve()))
    let onended = () => {}
    this.ended = new Promise((resolve) => {
      onended = resolve
    })
    const { input, commands } = this
    const output = { write: (text: string) => this.out.push(text), drained: async () => {} }
    const onend = () => {
      this.ends++
      onended()
    }
    this.terminal = new PipedTerminal({ input, output, commands, onend })
  }

  get lines(): string[] {
    return this.out.map((text) => text.replace(/\n$/, ''))
  }
}

function fileOf(t: Assertions, content: string | Uint8Array): string {
  const file = path.join(temporaryFolder(t), 'input')
  fs.writeFileSync(file, content)
  return file
}

/** A run whose /help gives its argument back. */
function echoRun(file: string): Run {
  const run = new Run(file)
  run.commands.bind('help', ({ command }) => ({ lines: [`<${command}>`], result: null }))
  return run
}

async function linesOf(file: string): Promise<string[]> {
  const run = echoRun(file)
  await run.terminal.ready()
  await run.ended
  await run.terminal.close()
  return run.lines
}

/** Resolves once the whole file could have been read, and what follows from it was done. */
async function meanwhile(file: string): Promise<void> {
  const other = new Run(file)
  other.input.on('data', () => {})
  await other.closed
  await new Promise<void>((resolve) => setTimeout(resolve, 0))
}

test('one command a line, with and without a last newline', async (t) => {
  const rows: [content: string, lines: string[]][] = [
    ['/help a\n/help b\n', ['<a>', '<b>']],
    ['/help a\n/help b', ['<a>', '<b>']],
    ['/help a\r\n/help b\r\n', ['<a>', '<b>']],
    ['\n\n/help a\n \r\n\t\n/help b\n\n', ['<a>', '<b>']],
    ['  /help "naïve ☃ 😀"  ', ['<naïve ☃ 😀>']],
    ['\ufeff/help a\n', ['<a>']],
    ['\n', []]
  ]
  for (const [content, lines] of rows)
    t.alike(await linesOf(fileOf(t, content)), lines, JSON.stringify(content))
})

test('lines and characters are whole wherever the chunks are split', async (t) => {
  const tail = '/help ☃😀\r\n/help ü'
  for (let before = 0; before <= b4a.byteLength(tail); before++) {
    const filler = '\n'.padStart(CHUNK - before, ' ')
    const run = echoRun(fileOf(t, filler + tail))
    await run.terminal.ready()
    await run.ended
    if (run.lines.join() !== '<☃😀>,<ü>') t.fail(`${before} bytes before the split: ${run.lines.join()}`)
    t.alike(
      run.chunks,
      [CHUNK, b4a.byteLength(tail) - before].filter((size) => size > 0)
    )
  }
})

test('a line that is too long is left out, in its turn', async (t) => {
  const tooLong = 'Command failed: a line of more than 1048576 bytes was left out.'
  const x = 'x'.repeat(MIB)
  t.alike(await linesOf(fileOf(t, `/help a\n${x}x\n/help b`)), ['<a>', tooLong, '<b>'])
  t.alike(await linesOf(fileOf(t, `/help a\n${x}${x}x`)), ['<a>', tooLong])
  const [first = ''] = await linesOf(fileOf(t, `${x}\n`))
  t.ok(first.startsWith('Command failed: Commands begin with "/". Got "xxx'))
})

test('without a line nobody has piped commands in: nothing ends', async (t) => {
  const run = echoRun(fileOf(t, ''))
  await run.terminal.ready()
  await run.closed
  await meanwhile(fileOf(t, ''))
  t.is(run.ends, 0)
  t.alike(run.lines, [])
})

test('what was read is answered before it ends, once', async (t) => {
  const run = new Run(fileOf(t, '/help a\n/help b\n/help c'))
  const events: string[] = []
  run.commands.bind('help', async ({ command }) => {
    await meanwhile(fileOf(t, 'x'))
    events.push(`${command}`)
    return { lines: [`<${command}>`], result: null }
  })
  await run.terminal.ready()
  await run.ended
  t.alike(events, ['a', 'b', 'c'])
  t.alike(run.lines, ['<a>', '<b>', '<c>'])
  await run.terminal.close()
  t.is(run.ends, 1)
})

test('what is not yet answered waits in the pipe', async (t) => {
  const block = '/help x\n'.repeat(4)
  const file = fileOf(t, (block + '\n'.padStart(CHUNK - block.length, ' ')).repeat(4))
  const run = new Run(file)
  const waiting: (() => void)[] = []
  run.commands.bind('help', async ({ command }) => {
    await new Promise<void>((resolve) => waiting.push(resolve))
    return { lines: [`<${command}>`], result: null }
  })
  await run.terminal.ready()
  for (let answered = 0; answered < 16; answered++) {
    // Four commands a chunk: the next chunk is read only when all four are answered.
    while (waiting.length <= answered) await meanwhile(file)
    t.is(run.chunks.length, Math.floor(answered / 4) + 1, `${answered} answered`)
    waiting[answered]?.()
  }
  await run.ended
  t.is(run.lines.length, 16)
})

test('a failing command is told of, and the next one runs', async (t) => {
  const run = echoRun(fileOf(t, '/nope\u001b[2J\n/stats\n/help a\n/exit'))
  run.commands.bind('stats', () => {
    throw new TypeError('x is\nnot a function')
  })
  await run.terminal.ready()
  await run.ended
  t.alike(run.lines, [
    'Command failed: Unknown command /nope\\e[2J. Type /help to see every command.',
    'Command failed: x is\\nnot a function This is a fault of the program: please report it with the lines above.',
    '  in "/stats"',
    '<a>',
    'Command failed: /exit is not available yet. Start the node again.'
  ])
})

test('nobody is there to be asked', async (t) => {
  const run = new Run(fileOf(t, '/get_keys\nshow\n'))
  run.commands.bind('get_keys', async (_, caller) => ({
    lines: [`${await caller.ask('Sure?')}`],
    result: null
  }))
  await run.terminal.ready()
  await run.ended
  t.is(run.lines[0], 'null')
  t.ok(run.lines[1]?.startsWith('Command failed: Commands begin with "/". Got "show".'))
})

test('input that breaks is told of', async (t) => {
  const broken = echoRun(temporaryFolder(t))
  await broken.terminal.ready()
  await broken.closed
  await meanwhile(fileOf(t, ''))
  t.is(broken.lines.length, 1)
  t.ok(broken.lines[0]?.startsWith('Commands can no longer be read: EISDIR'), broken.lines[0])
  t.is(broken.ends, 0)

  const run = echoRun(fileOf(t, `/help a\n${' '.repeat(2 * CHUNK)}`))
  await run.terminal.ready()
  run.input.once('data', () => run.input.destroy(new Error('gone')))
  await run.ended
  t.alike(run.lines, ['<a>', 'Commands can no longer be read: gone'])
})

test('once closed nothing more is read or run', async (t) => {
  const file = fileOf(t, `/exit\n/help a\n${'/help b\n'.repeat(CHUNK / 4)}`)
  const run = echoRun(file)
  let closing: Promise<void> | null = null
  run.commands.bind('exit', () => {
    closing = run.terminal.close()
    return { lines: ['Exiting...'], result: null }
  })
  await run.terminal.ready()
  while (run.lines.length === 0) await meanwhile(file)
  await closing
  await meanwhile(file)
  t.alike(run.lines, ['Exiting...'])
  t.is(run.chunks.length, 1)
  t.is(run.ends, 0)
  run.input.destroy(new Error('late'))
  await run.closed
  t.is(run.lines.length, 1)
})

test('whatever bytes come in, each line is answered and it ends', async (t) => {
  const folder = temporaryFolder(t)
  let files = 0
  const piece = fc.oneof(
    fc.uint8Array({ maxLength: 20 }),
    fc.constantFrom('/help ', '\n', '\r\n', '"', 'ü').map((text) => b4a.from(text))
  )
  await fc.assert(
    fc.asyncProperty(fc.array(piece, { minLength: 1 }), async (pieces) => {
      const bytes = b4a.concat([...pieces, b4a.from('\n/help last')])
      const file = path.join(folder, String(files++))
      fs.writeFileSync(file, bytes)
      const lines = await linesOf(file)
      const asked = b4a.toString(bytes).split('\n')
      return lines.at(-1) === '<last>' && lines.length === asked.filter((line) => line.trim() !== '').length
    }),
    { numRuns: 100 }
  )
  t.pass()
})
