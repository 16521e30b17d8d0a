import net from '#net'

/** The parts of a Host header, or of an entry of a list of allowed ones. */
export interface HostPort {
  /** In lower case; an address in its one canonical form, an IPv6 one without brackets. */
  readonly name: string
  readonly isAddress: boolean
  readonly port: number | null
}

export interface HostCheckOptions {
  /** What the server is bound to. */
  readonly host: string
  readonly port: number
  /** Which port a Host without one means: 80, or 443 under TLS. */
  readonly defaultPort: number
  /** Names or addresses, with a port or for any. */
  readonly allowHosts: readonly string[]
}

const NAME = /^[a-z0-9_](?:[a-z0-9._-]{0,252})$/
const WITH_PORT = /^(\[[^\]]*\]|[^:]*)(?::([0-9]{1,5}))?$/
const ORIGIN = /^[a-z][a-z0-9+.-]*:\/\/[^\s/?#@,*]+$/
// A name without a port, as a browser sends it, is one of these.
const DEFAULT_PORTS = [80, 443]
// 127.0.0.0/8 as an IPv6 socket shows it.
const MAPPED_LOOPBACK = /^::ffff:7f[0-9a-f]{2}:/
const LOOPBACK_NAMES = ['localhost', '127.0.0.1', '::1']
const ANY_ADDRESS = ['0.0.0.0', '::']

/** Whether only programs of this machine can reach what listens there. */
export function isLoopbackHost(host: string): boolean {
  const text = host.toLowerCase()
  if (text === 'localhost') return true
  const address = canonicalAddress(text.replace(/^\[(.*)\]$/, '$1'))
  if (address === null) return false
  return address === '::1' || address.startsWith('127.') || MAPPED_LOOPBACK.test(address)
}

/** Null when it is not a name, an IPv4 address or an IPv6 one in brackets, with or without `:port`. */
export function parseHost(text: string): HostPort | null {
  const match = WITH_PORT.exec(text.toLowerCase())
  const [, host = '', digits] = match ?? []
  const port = digits === undefined ? null : Number(digits)
  if (match === null || (port !== null && port > 65_535)) return null
  if (host.startsWith('[')) {
    const inside = host.slice(1, -1)
    const name = net.isIPv6(inside) && !inside.includes('%') ? canonicalAddress(inside) : null
    return name === null ? null : { name, isAddress: true, port }
  }
  if (net.isIPv4(host)) return { name: host, isAddress: true, port }
  return NAME.test(host) ? { name: host, isAddress: false, port } : null
}

/** Whether a Host header names this server: a page whose name was pointed here (DNS rebinding) names its own. */
export function createHostCheck(options: HostCheckOptions): (host: string | undefined) => boolean {
  const { port, defaultPort } = options
  const bound = canonicalAddress(options.host.replace(/^\[(.*)\]$/, '$1')) ?? options.host.toLowerCase()
  const isAny = ANY_ADDRESS.includes(bound)
  const own = isLoopbackHost(options.host) ? [...LOOPBACK_NAMES, bound] : [bound]
  const allowed = options.allowHosts.flatMap((entry) => parseHost(entry) ?? [])
  return (host) => {
    const asked = parseHost(host ?? '')
    if (asked === null) return false
    // An address cannot be rebound: whoever names it means it.
    const isOurs = isAny ? asked.isAddress : own.includes(asked.name)
    if (isOurs && (asked.port ?? defaultPort) === port) return true
    return allowed.some((entry) => entry.name === asked.name && samePort(entry.port, asked.port))
  }
}

/** `scheme://host[:port]` or `null`, as browsers write it. */
export function isOrigin(text: string): boolean {
  return text === 'null' || ORIGIN.test(text.toLowerCase())
}

/** Whether a page of this origin may ask. Programs that are no browsers send none. */
export function createOriginCheck(allowOrigins: readonly string[]): (origin: string | undefined) => boolean {
  const allowed = new Set(allowOrigins.map((origin) => origin.toLowerCase()))
  return (origin) => origin === undefined || allowed.has(origin.toLowerCase())
}

function samePort(allowed: number | null, asked: number | null): boolean {
  if (allowed === null) return true
  return asked === null ? DEFAULT_PORTS.includes(allowed) : asked === allowed
}

/** One form for each address, as `new URL` gives it; null for what is none. */
function canonicalAddress(text: string): string | null {
  // The part behind "%" says on which link of this machine, and is nobody else's business.
  const [address = ''] = text.toLowerCase().split('%')
  if (net.isIPv4(address)) return address
  if (!net.isIPv6(address)) return null
  return new URL(`http://[${address}]/`).hostname.slice(1, -1)
}
