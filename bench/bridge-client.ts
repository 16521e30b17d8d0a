// Clients of a WebSocket server, in a process of their own, so that the server's CPU time is its own. Arguments:
// what to do, then for "read": URL, token or "-", clients, messages; for "echo": two URLs, token or "-", messages.

import b4a from 'b4a'
import WebSocket from 'bare-ws'
import process from '#process'
import { median, milliseconds } from './helpers/figures.ts'
import { CHANNEL } from './helpers/pairs.ts'

type Socket = InstanceType<typeof WebSocket.Socket>

const [, , what, ...words] = process.argv
if (what === 'read') await read(words)
else if (what === 'ping') await ping(words)
else await echo(words)

/** Resolves once the connection is open and, with a token, authenticated. */
async function open(url: string, token: string, ontext: (text: string) => void): Promise<Socket> {
  const { hostname, port } = new URL(url)
  const socket = new WebSocket.Socket({ host: hostname, port: Number(port) })
  let welcome: () => void = () => {}
  const ready = new Promise<void>((resolve) => (welcome = resolve))
  let isReady = token === '-'
  socket.on('data', (bytes) => {
    const text = b4a.toString(bytes as Uint8Array)
    if (isReady) ontext(text)
    else if (text.includes('"auth_ok"')) {
      isReady = true
      welcome()
    }
  })
  await new Promise<void>((resolve) => socket.on('open', () => resolve()))
  if (token === '-') welcome()
  else socket.write(JSON.stringify({ type: 'auth', token }))
  await ready
  return socket
}

/** Says "ready", then "done" each time when all clients have read so many messages. */
async function read([url = '', token = '-', clients = '1', messages = '0']: string[]): Promise<void> {
  const total = Number(clients) * Number(messages)
  let left = total
  const ontext = () => {
    if (--left > 0) return
    left = total
    console.log('done')
  }
  // One after the other: a bridge lets only so many in at a time that have not said who they are.
  for (let i = 0; i < Number(clients); i++) await open(url, token, ontext)
  console.log('ready')
}

/** Prints the median time of a request and its reply, over and over. */
async function ping([url = '', token = '-', requests = '0']: string[]): Promise<void> {
  let answered: () => void = () => {}
  const socket = await open(url, token, (text) => {
    if (text.startsWith('{"type":"pong"')) answered()
  })
  for (;;) {
    const times = []
    for (let i = 0; i < Number(requests); i++) {
      const startedAt = milliseconds()
      const reply = new Promise<void>((resolve) => (answered = resolve))
      socket.write(JSON.stringify({ id: i, type: 'ping' }))
      await reply
      times.push(milliseconds() - startedAt)
      await new Promise((resolve) => setTimeout(resolve, 2))
    }
    console.log(`p50 ${median(times)}`)
  }
}

/** Prints the median time from a send at the first URL to its event at the second, over and over. */
async function echo([from = '', to = '', token = '-', messages = '0']: string[]): Promise<void> {
  let arrived: () => void = () => {}
  const sender = await open(from, token, () => {})
  await open(to, token, () => arrived())
  const message = 'x'.repeat(100)
  for (;;) {
    const times = []
    for (let i = 0; i < Number(messages); i++) {
      const startedAt = milliseconds()
      const event = new Promise<void>((resolve) => (arrived = resolve))
      sender.write(
        token === '-'
          ? JSON.stringify({ message })
          : JSON.stringify({ type: 'send', channel: CHANNEL, message })
      )
      await event
      times.push(milliseconds() - startedAt)
    }
    console.log(`p50 ${median(times)}`)
  }
}
