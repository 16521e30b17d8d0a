import b4a from 'b4a'
import sodium from 'sodium-universal'
import fs from '#fs'
import os from '#os'
import { IntercomError, messageOf, systemCode } from '../base/errors.ts'
import { toHex } from '../base/hex.ts'
import type { Log } from '../base/log.ts'
import { readSmallFile } from '../base/small-file.ts'
import { printable, quoted } from '../base/text.ts'
import type { Config } from '../config/flags.ts'
import { writeNewFile } from '../identity/wallet.ts'
import type { PeerStore, StoreFile } from '../store/peer-store.ts'
import { LONGEST_TOKEN, SHORTEST_TOKEN, tokenFault } from './tokens.ts'

export interface MainToken {
  readonly token: string
  /** Where it stands; null when it was given on the command line. */
  readonly file: string | null
  /** By this very call. */
  readonly made: boolean
}

interface Owner {
  readonly store: PeerStore
  readonly log: Log
}

export interface TokenOwner extends Owner {
  readonly config: Pick<Config, 'scBridgeToken' | 'scBridgeTokenFile'>
}

export interface RpcTokenOwner extends Owner {
  readonly config: Pick<Config, 'rpcToken' | 'rpcTokenFile'>
}

/** Where the token of a server comes from: the first of these that is there. */
interface Source {
  readonly given: string | null
  readonly named: string | null
  readonly own: StoreFile
  /** That gives it; the one that names a file ends in `-file`. */
  readonly flag: string
}

const TOKEN_BYTES = 32
const OTHERS = 0o007
const GROUP_AND_OTHERS = 0o077

/** The token that may do everything: given, in a file, or made now. From here on the log masks it. */
export function loadMainToken(owner: TokenOwner): Promise<MainToken> {
  const { scBridgeToken: given, scBridgeTokenFile: named } = owner.config
  return loadMasked(owner, { given, named, own: 'sc-bridge.token', flag: '--sc-bridge-token' })
}

/** The token of the HTTP RPC, in the same ways. */
export function loadRpcToken(owner: RpcTokenOwner): Promise<MainToken> {
  const { rpcToken: given, rpcTokenFile: named } = owner.config
  return loadMasked(owner, { given, named, own: 'rpc.token', flag: '--rpc-token' })
}

async function loadMasked(owner: Owner, source: Source): Promise<MainToken> {
  const loaded = await load(owner, source)
  owner.log.secret(loaded.token)
  return loaded
}

async function load({ store, log }: Owner, { given, named, own, flag }: Source): Promise<MainToken> {
  if (given !== null) {
    const fault = unusable(given)
    if (fault !== null) {
      throw new IntercomError('bad_flag', `The token of ${flag} ${fault}: nobody could present it.`, {
        next: 'Give another one, such as the output of: openssl rand -hex 32'
      })
    }
    if (given.length < SHORTEST_TOKEN)
      log.warn(`${flag} is shorter than ${SHORTEST_TOKEN} characters: easy to guess`)
    return { token: given, file: null, made: false }
  }
  if (named !== null) {
    const token = readToken(named, 'Put one into it, such as the output of: openssl rand -hex 32')
    if (token === null) throw broken(named, 'is not there', `Make it, or leave ${flag}-file out.`)
    // Group alone may be meant: that is how a scraper of another user reads it.
    protect(named, OTHERS, log)
    return { token, file: named, made: false }
  }
  return loadOwn(store.file(own), log)
}

/** Why a token that was given can never come back as it is: headers and files lose what stands at its ends. */
function unusable(token: string): string | null {
  if (token.length > LONGEST_TOKEN) return `is longer than ${LONGEST_TOKEN} characters`
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused
  if (/[\u0000-\u001f\u007f-\u009f]/.test(token)) return 'has control characters in it'
  return token.trim() === token ? null : 'has white space at its ends'
}

async function loadOwn(file: string, log: Log): Promise<MainToken> {
  const known = readOwn(file, log)
  if (known !== null) return known
  const bytes = b4a.alloc(TOKEN_BYTES)
  sodium.randombytes_buf(bytes)
  const token = toHex(bytes)
  try {
    await writeNewFile(file, `${token}\n`)
  } catch (error) {
    // Somebody else of this process may have come first.
    const meanwhile = readOwn(file, log)
    if (meanwhile !== null) return meanwhile
    throw broken(file, `cannot be made (${why(error)})`, 'Check the disk (space, permissions).')
  }
  return { token, file, made: true }
}

function readOwn(file: string, log: Log): MainToken | null {
  const token = readToken(file, 'Remove it: the next start makes a new one.')
  if (token === null) return null
  protect(file, GROUP_AND_OTHERS, log)
  return { token, file, made: false }
}

/** Null when there is no such file. */
function readToken(file: string, next: string): string | null {
  let text: string
  try {
    text = readSmallFile(file)
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return null
    throw broken(file, `cannot be read (${why(error)})`, 'Check what it is, and its permissions.')
  }
  const token = text.replace(/[\r\n]+$/, '')
  if (token === '') throw broken(file, 'is empty', next)
  const fault = tokenFault(token)
  if (fault !== null) throw broken(file, `holds no token that can be used: it ${fault}`, next)
  return token
}

/** Files that hold secrets behind an `@`. A group may be meant to read them, as with a token file that is named. */
export function protectSecretFiles(files: readonly string[], log: Log): void {
  for (const file of files) protect(file, OTHERS, log)
}

/** Takes it from those who could read it and should not. */
function protect(file: string, from: number, log: Log): void {
  // There modes mean nothing.
  if (os.platform() === 'win32') return
  try {
    if ((fs.statSync(file).mode & from) === 0) return
    fs.chmodSync(file, 0o600)
    if ((fs.statSync(file).mode & from) === 0) {
      log.warn('the token file was readable by others; now it is not: make a new token if that matters', {
        file
      })
      return
    }
    log.warn('the token file stays readable by others, whatever its mode is set to', { file })
  } catch (error) {
    // It may be a secret that is mounted read-only; whoever mounts it decides who reads it.
    log.warn('the token file is readable by others', { file, error: messageOf(error) })
  }
}

function broken(file: string, what: string, next: string): IntercomError {
  return new IntercomError('token_file', `The token file ${quoted(file, 300)} ${what}.`, { next })
}

function why(error: unknown): string {
  return systemCode(error) ?? printable(messageOf(error))
}
