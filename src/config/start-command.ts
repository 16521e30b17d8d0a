import b4a from 'b4a'
import { printable } from '../base/text.ts'
import { type Config, type FlagKey, flagName, flagSpec } from './flags.ts'

/** Lines that a person pastes into a shell: a peer with the flags of this one, or some of its own. */

export type Flag = readonly [FlagKey, string]

export function startCommand(flags: readonly Flag[]): string {
  return `npm start -- ${flagWords(flags)}`
}

export function flagWords(flags: readonly Flag[]): string {
  return flags.map(flagWord).join(' ')
}

/** A value that is none from a file, as it has to be typed. */
export function typedValue([key, value]: Flag): string {
  // In a list, an empty item is nothing; without one, what begins with "@" would be read from a file.
  return flagSpec(key).type.file && value.startsWith('@') ? `,${value}` : value
}

function flagWord(flag: Flag): string {
  const [key] = flag
  const text = typedValue(flag)
  return `--${flagName(key)}${text.startsWith('--') ? '=' : ' '}${shellWord(text)}`
}

/** What brings a peer onto the same network. */
export function networkFlags(config: Config): Flag[] {
  if (config.local) return [['local', '1'], ...changedFlags(config, ['localPort'])]
  return changedFlags(config, ['dhtBootstrap'])
}

/** Those that are not as usual. */
export function changedFlags(config: Config, keys: readonly FlagKey[]): Flag[] {
  return keys.flatMap((key) => {
    const { type, default: usual } = flagSpec(key)
    const value = config[key]
    return value === usual || value === null ? [] : [[key, type.show(value)] as const]
  })
}

/** A text as one word of a POSIX shell, on one line and with nothing invisible in it. */
export function shellWord(text: string): string {
  if (/^[\w.,:/@%+=-]+$/.test(text)) return text
  if (printable(text) === text) return `'${text.replaceAll("'", "'\\''")}'`
  const octal = (bytes: Uint8Array) => [...bytes].map((byte) => `\\${byte.toString(8).padStart(3, '0')}`)
  const format = text.replace(/[^\w.,:/@+=-]/gu, (char) => octal(b4a.from(char)).join(''))
  return `"$(printf '${format}')"`
}
