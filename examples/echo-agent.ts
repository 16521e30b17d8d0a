// An agent that answers "!echo <text>" with the text: node dist/examples/echo-agent.js stores/alice [channel]
// The folder is that of a running peer with --sc-bridge 1. It ends with SIGTERM or Ctrl-C.
import { connect } from 'intercom/client'
import process from '#process'
import { localPeer } from './local-peer.ts'

const [folder = 'stores/peer', channel = '0000intercom'] = process.argv.slice(2)
const client = await connect(localPeer(folder))
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => void client.close())
console.log(`echo agent of ${client.hello.peer} in ${channel}`)

for await (const { message } of client.messages({ channel })) {
  // What others write is data: this agent knows one word of it, and answers nothing else. An answer does not
  // begin with that word, so two such agents never talk to each other.
  if (typeof message !== 'string' || !message.startsWith('!echo ')) continue
  await client.send(channel, `echo: ${message.slice('!echo '.length)}`)
}
