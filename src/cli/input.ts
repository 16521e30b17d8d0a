import type { Readable } from 'node:stream'
import b4a from 'b4a'
import { jsonDepthWithin } from '../base/depth.ts'
import { IntercomError, messageOf, notJson } from '../base/errors.ts'
import { printable } from '../base/text.ts'
import { utf8Text } from '../base/utf8.ts'

/** More than any node takes. */
const MOST_BYTES = 64 * 1024 * 1024

interface Given {
  readonly message: string
  readonly 'json-message'?: boolean | undefined
}

/** What is to be sent: a text, or the value that its JSON stands for. */
export async function readMessage(
  { message: given, 'json-message': isJson }: Given,
  input: Readable | null
): Promise<unknown> {
  const text = given === '-' ? await readInput(input) : given
  if (isJson) return parseJson(text)
  if (given !== '-') return text
  // A line that ends in the shell's way; who wants to send one gives two.
  const line = text.replace(/\r?\n$/, '')
  if (line === '') throw unreadable('is empty')
  return line
}

async function readInput(input: Readable | null): Promise<string> {
  if (input === null) throw unreadable('is closed')
  const chunks = await readChunks(input)
  // What is no text would arrive as something else.
  const text = utf8Text(b4a.concat(chunks))
  if (text === null) throw unreadable('is not UTF-8')
  return text
}

/** By events: on Bare a pipe that has ended is not closed, and a loop over it would wait for that. */
function readChunks(input: Readable): Promise<Uint8Array[]> {
  return new Promise((resolve, reject) => {
    const chunks: Uint8Array[] = []
    let size = 0
    input.on('data', (chunk: Uint8Array) => {
      size += chunk.byteLength
      if (size <= MOST_BYTES) chunks.push(chunk)
      else reject(new IntercomError('too_large', `Standard input is larger than ${MOST_BYTES} bytes.`))
    })
    input.on('end', () => resolve(chunks))
    input.on('error', (error: Error) => reject(unreadable(`cannot be read (${printable(messageOf(error))})`)))
  })
}

function parseJson(text: string): unknown {
  if (!jsonDepthWithin(b4a.from(text))) {
    throw new IntercomError('unserialisable', 'The message is nested too deep.')
  }
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new IntercomError('bad_arguments', `The message is not JSON (${notJson(error)}).`, {
      next: 'Mend it, or leave --json-message out to send it as text.'
    })
  }
}

function unreadable(why: string): IntercomError {
  return new IntercomError('bad_arguments', `Standard input ${why}.`, {
    next: 'Give a message there, or instead of "-".'
  })
}
