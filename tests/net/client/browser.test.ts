import type { Server } from 'node:http'
import b4a from 'b4a'
import test, { type Assertions } from 'brittle'
import fs from '#fs'
import http from '#http'
import path from '#path'
import process from '#process'
import { spawn } from '#subprocess'
import { deferred } from '../../../src/base/deferred.ts'
import { PROJECT } from '../../helpers/peer.ts'
import { run } from '../../helpers/screen.ts'
import { temporaryFolder } from '../../helpers/tmp.ts'
import { ENTRY, openPair, TOKEN } from './helpers.ts'

const CLIENT = path.join(PROJECT, 'dist', 'src', 'client')
const LOOPBACK = '127.0.0.1'

if (await hasChromium()) {
  test('the client runs in a page as it is, from the origin that may', { timeout: 120_000 }, async (t) => {
    const site = await Site.open(t)
    const foreign = await Site.open(t)
    const { node, sender } = await openPair(t, ['--sc-bridge-allow-origin', site.origin])
    const heard = new Promise((resolve) =>
      sender.sidechannels.on('message', ({ message }) => resolve(message.message))
    )

    await browse(t, site.page(node.url))
    t.is(await site.posted('ready'), node.node.key)
    t.is(await heard, 'from a page')
    for (const text of ['one', 'two', 'three']) await sender.sidechannels.send(ENTRY, text)
    t.alike(JSON.parse(await site.posted('heard')), ['one', 'two', 'three'])
    t.is(await site.posted('refused'), 'disabled', 'errors are as elsewhere')

    await browse(t, foreign.page(node.url))
    t.is(await foreign.posted('failed'), 'cannot_connect', 'a page from elsewhere gets nothing')
  })
} else console.log('# skipped: chromium is not installed')

/** What the page does; each result is posted back. */
function script(url: string): string {
  return `
    import { connect } from '/client/index.js'
    const post = (what, body) => fetch('/' + what, { method: 'POST', body })
    try {
      const client = await connect({ url: '${url}', token: '${TOKEN}' })
      const messages = client.messages({ channel: '${ENTRY}' })
      await messages.ready
      await client.send('${ENTRY}', 'from a page')
      await post('ready', client.hello.peer)
      const heard = []
      for await (const { message } of messages) if (heard.push(message) === 3) break
      await post('heard', JSON.stringify(heard))
      await client.cli('/stats').catch(({ code }) => post('refused', code))
      await client.close()
    } catch (error) {
      await post('failed', error.code ?? String(error))
    }`
}

/** A web server with the compiled client, which is told how its pages fare. */
class Site {
  readonly origin: string
  readonly #results = new Map<string, ReturnType<typeof deferred<string>>>()

  static async open(t: Assertions): Promise<Site> {
    let site: Site | null = null
    const server: Server = http.createServer((request, response) => {
      const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost')
      if (request.method === 'POST') {
        const chunks: Uint8Array[] = []
        request.on('data', (chunk: Uint8Array) => chunks.push(chunk))
        request.on('end', () => {
          site?.handlePosted(pathname.slice(1), b4a.toString(b4a.concat(chunks)))
          response.end()
        })
      } else if (pathname.startsWith('/client/')) {
        response.setHeader('Content-Type', 'text/javascript')
        response.end(fs.readFileSync(path.join(CLIENT, path.basename(pathname))))
      } else {
        response.setHeader('Content-Type', 'text/html')
        response.end(`<script type="module">${script(searchParams.get('bridge') ?? '')}</script>`)
      }
    })
    await new Promise<void>((resolve) => server.listen(0, LOOPBACK, () => resolve()))
    t.teardown(() => new Promise<void>((resolve) => server.close(() => resolve())), { order: 8 })
    site = new Site((server.address() as { port: number }).port)
    return site
  }

  private constructor(port: number) {
    this.origin = `http://${LOOPBACK}:${port}`
  }

  page(bridge: string): string {
    return `${this.origin}/?bridge=${encodeURIComponent(bridge)}`
  }

  posted(what: string): Promise<string> {
    return this.#result(what).promise
  }

  handlePosted(what: string, body: string): void {
    this.#result(what).resolve(body)
    // Else whoever waits for another result would wait for ever.
    if (what === 'failed') for (const result of this.#results.values()) result.resolve(`failed: ${body}`)
  }

  #result(what: string): ReturnType<typeof deferred<string>> {
    const result = this.#results.get(what) ?? deferred<string>()
    this.#results.set(what, result)
    return result
  }
}

/** Opens the page in a browser of its own, which ends with the test. */
async function browse(t: Assertions, url: string): Promise<void> {
  const profile = temporaryFolder(t)
  const flags = [
    '--headless',
    '--no-sandbox',
    '--disable-gpu',
    '--no-first-run',
    `--user-data-dir=${profile}`
  ]
  const child = spawn('chromium', [...flags, url], { stdio: 'ignore' })
  const exited = new Promise<void>((resolve) => child.on('exit', () => resolve()))
  t.teardown(async () => {
    if (child.exitCode === null) process.kill(child.pid ?? 0, 'SIGTERM')
    await exited
  })
}

async function hasChromium(): Promise<boolean> {
  try {
    return /^Chromium/.test(await run('chromium', ['--version']))
  } catch {
    return false
  }
}
