import type { Config } from '../config/flags.ts'
import {
  loadMainToken,
  loadRpcToken,
  type MainToken,
  type RpcTokenOwner,
  type TokenOwner
} from './main-token.ts'
import { sameSecret } from './secret.ts'
import { type Authenticate, createAuthenticate, FULL_ACCESS, moreTokensFault, parseTokens } from './tokens.ts'

export interface OpenedAccess {
  readonly main: MainToken
  /** By the main token and all the others. */
  readonly authenticate: Authenticate
}

export interface AccessOwner extends TokenOwner {
  readonly config: TokenOwner['config'] & Pick<Config, 'scBridgeTokens'>
}

/** Who may do what, over SC-Bridge and when metrics are scraped: the same for both. */
export async function openAccess(owner: AccessOwner): Promise<OpenedAccess> {
  const main = await loadMainToken(owner)
  const { scBridgeTokens: text } = owner.config
  const more = text === null ? [] : parseTokens(text)
  more.forEach(({ token }, at) => {
    owner.log.secret(token)
    // With all its power, and not what is written here.
    if (sameSecret(token, main.token)) throw moreTokensFault(`entry ${at + 1} is the main token`)
  })
  return { main, authenticate: createAuthenticate([{ token: main.token, access: FULL_ACCESS }, ...more]) }
}

export interface RpcAccess {
  /** Null: nobody is asked for one. */
  readonly token: MainToken | null
  /** Null with it. */
  readonly authenticate: Authenticate | null
}

export interface RpcAccessOwner extends RpcTokenOwner {
  readonly config: RpcTokenOwner['config'] & Pick<Config, 'rpcPublic'>
}

/** Who may ask over the HTTP RPC: whoever has its token, or everybody where that is said in so many words. */
export async function openRpcAccess(owner: RpcAccessOwner): Promise<RpcAccess> {
  if (owner.config.rpcPublic) return { token: null, authenticate: null }
  const token = await loadRpcToken(owner)
  return { token, authenticate: createAuthenticate([{ token: token.token, access: FULL_ACCESS }]) }
}
