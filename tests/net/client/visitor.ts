// A program that uses the client and ends by itself: visitor.js <what> <url> <token>
import { connect } from '#client'
import process from '#process'

const [, , what, url = '', token = ''] = process.argv

if (what === 'refused') {
  await connect({ url, token }).catch(({ code }) => console.log(code))
} else {
  const client = await connect({ url, token })
  client.messages()
  await client.ping()
  console.log('connected')
  // Whoever started it takes the node away.
  if (what === 'retrying') await new Promise((resolve) => client.on('reconnecting', resolve))
  await client.close()
  console.log('closed')
}
