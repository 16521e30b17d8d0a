import b4a from 'b4a'
import net from '#net'
import { LOOPBACK } from '../../src/network/local-dht.ts'

export interface HttpAnswer {
  readonly status: number
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

export interface HttpRequest {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Uint8Array
}

export function httpGet(
  port: number,
  path: string,
  headers: Readonly<Record<string, string>> = {}
): Promise<HttpAnswer> {
  return httpAsk(port, path, { headers })
}

/** One request over a socket of its own, as bytes; the answer once the other side has closed. */
export function httpAsk(
  port: number,
  path: string,
  { method = 'GET', headers = {}, body }: HttpRequest = {}
): Promise<HttpAnswer> {
  const bytes = body === undefined ? b4a.alloc(0) : b4a.from(body as string)
  const length = body === undefined ? {} : { 'Content-Length': String(bytes.byteLength) }
  return new Promise((resolve, reject) => {
    const socket = net.connect(port, LOOPBACK)
    const all = { Host: `${LOOPBACK}:${port}`, ...length, ...headers }
    const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`)
    const parts: Uint8Array[] = []
    socket.on('error', reject)
    socket.on('data', (bytes: Uint8Array) => parts.push(bytes))
    socket.on('close', () => resolve(parseAnswer(b4a.toString(b4a.concat(parts)))))
    socket.on('end', () => socket.end())
    socket.write(b4a.concat([b4a.from(`${method} ${path} HTTP/1.1\r\n${lines.join('')}\r\n`), bytes]))
  })
}

function parseAnswer(text: string): HttpAnswer {
  const [head = '', ...rest] = text.split('\r\n\r\n')
  const [first = '', ...lines] = head.split('\r\n')
  const headers = lines.map((line) => {
    const at = line.indexOf(':')
    return [line.slice(0, at).toLowerCase(), line.slice(at + 1).trim()] as const
  })
  const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(first)?.[1] ?? 0)
  return { status, headers: Object.fromEntries(headers), body: rest.join('\r\n\r\n') }
}

export interface ScrapedFamily {
  readonly type: string
  readonly help: string
  /** By the name and labels as they stand there. */
  readonly samples: Map<string, number>
}

const SAMPLE =
  /^([a-z_:][a-z0-9_:]*)((?:\{(?:[a-z_]+="(?:[^"\\\n]|\\[\\"n])*",?)+\})?) (\+Inf|-Inf|NaN|-?[0-9][0-9.e+-]*)$/

/** What a scraper makes of the text; a line that is none of the format's is an error. */
export function parseMetrics(text: string): Map<string, ScrapedFamily> {
  if (!text.endsWith('\n')) throw new Error('the last line has no end')
  const families = new Map<string, ScrapedFamily>()
  let current = ''
  let help = ''
  for (const line of text.slice(0, -1).split('\n')) {
    const [, about, name = '', rest = ''] = /^# (HELP|TYPE) (\S+) (.+)$/.exec(line) ?? []
    if (about === 'HELP') {
      if (families.has(name)) throw new Error(`${name} stands there twice`)
      current = name
      help = rest
    } else if (about === 'TYPE') {
      if (current !== name) throw new Error(`${name} has no help`)
      families.set(name, { type: rest, help, samples: new Map() })
    } else {
      const [, sample = '', labels = '', value = ''] = SAMPLE.exec(line) ?? []
      const family = families.get(current)
      const own = family?.type === 'histogram' ? sample.replace(/_(bucket|sum|count)$/, '') : sample
      if (family === undefined || own !== current) throw new Error(`not in its place: ${line}`)
      if (family.samples.has(sample + labels)) throw new Error(`twice: ${line}`)
      family.samples.set(sample + labels, value === '+Inf' ? Number.POSITIVE_INFINITY : Number(value))
    }
  }
  return families
}

/** Every sample of every family. */
export function samplesOf(text: string): Map<string, number> {
  return new Map([...parseMetrics(text).values()].flatMap(({ samples }) => [...samples]))
}
