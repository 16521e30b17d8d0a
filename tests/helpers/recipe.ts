import b4a from 'b4a'
import type { Assertions } from 'brittle'
import { spawn } from '#subprocess'
import type { HostPort } from '../../src/config/types.ts'
import { LOOPBACK } from '../../src/network/local-dht.ts'
import { Peer } from './peer.ts'
import { freePort } from './ports.ts'
import { temporaryFolder } from './tmp.ts'

/** Where a recipe is played: a DHT on loopback and peers, each a process of its own, as its user has them. */
export class Stage {
  readonly #t: Assertions
  readonly cwd: string
  readonly dht: string
  /** The same for nodes within the test's process. */
  readonly bootstrap: readonly HostPort[]

  static async open(t: Assertions): Promise<Stage> {
    const cwd = temporaryFolder(t)
    const port = String(await freePort())
    const dht = new Peer(t, { cwd, args: ['dht', '--local-port', port] })
    await dht.saw('DHT bootstrap node at')
    return new Stage(t, cwd, { host: LOOPBACK, port: Number(port) })
  }

  private constructor(t: Assertions, cwd: string, dht: HostPort) {
    this.#t = t
    this.cwd = cwd
    this.dht = `${dht.host}:${dht.port}`
    this.bootstrap = [dht]
  }

  async start(name: string, flags: readonly string[] = []): Promise<Member> {
    const args = ['start', name, '--dht-bootstrap', this.dht, ...flags]
    return Member.open(new Peer(this.#t, { cwd: this.cwd, args }))
  }

  /** Starts a peer with the command line that another one printed for it. */
  async startWith(name: string, command: string): Promise<Member> {
    const words = await shellWords(command)
    const begin = ['npm', 'start', '--', '--dht-bootstrap', this.dht]
    this.#t.alike(words.slice(0, begin.length), begin, 'a whole command, network included')
    const args = ['start', name, ...words.slice(3)]
    return Member.open(new Peer(this.#t, { cwd: this.cwd, args }))
  }
}

/** A peer of a recipe. */
export class Member {
  readonly peer: Peer
  readonly key: string

  static async open(peer: Peer): Promise<Member> {
    const [, key = ''] = await peer.saw(/Peer pubkey \(hex\): (\S+)/)
    await peer.saw('Sidechannel: ready')
    return new Member(peer, key)
  }

  private constructor(peer: Peer, key: string) {
    this.peer = peer
    this.key = key
  }

  /** Types a command; an answer that fails when no failure is expected is the end of the test. */
  async run(line: string, answer: string | RegExp): Promise<RegExpMatchArray> {
    const expected = new RegExp(answer, 'm')
    const [text] = await this.peer.answer(line, new RegExp(`${expected.source}|^Command failed: .*$`, 'm'))
    const match = text.match(expected)
    if (match === null) throw new Error(`${line.slice(0, 200)}\n${text}`)
    return match
  }

  /** Asks for the sidechannels until so many neighbours take part in one of them. */
  async meets(channel: string, neighbours: number): Promise<void> {
    const line = new RegExp(
      `^"${channel}": (\\d+) neighbours?( \\((\\d+) not authorised\\))?.*\\n  received`,
      'm'
    )
    await this.until(
      '/sc_stats',
      line,
      ([, count, , left = '0']) => Number(count) - Number(left) === neighbours
    )
  }

  /** What `/sc_stats` says of the rules of a channel. */
  async rules(channel: string): Promise<string> {
    return (await this.run('/sc_stats', new RegExp(`^"${channel}": .*$`)))[0]
  }

  /** Asks again until the answer is what is waited for. */
  async until(line: string, answer: RegExp, done: (match: RegExpMatchArray) => boolean): Promise<void> {
    while (!done(await this.run(line, answer))) await new Promise((resolve) => setTimeout(resolve, 50))
  }

  /** `/sc_welcome`: what it prints to be copied. */
  async welcome(channel: string): Promise<{ welcome: string; joiner: string; join: string }> {
    const line = `/sc_welcome --channel "${channel}" --text "Welcome to ${channel}"`
    const expected = /^welcome_b64: (\S+)\n[^\n]*\n(npm start -- .*)\n[^\n]*\n(\/sc_join .*)$/m
    const [, welcome = '', joiner = '', join = ''] = await this.run(line, expected)
    return { welcome, joiner, join }
  }

  /** `/sc_invite`: what it prints to be copied. */
  async invite(
    channel: string,
    key: string,
    more = ''
  ): Promise<{ invite: string; joiner: string; join: string }> {
    const line = `/sc_invite --channel "${channel}" --pubkey "${key}" ${more}`
    const expected = /^invite_b64: (\S+)\n[^\n]*\n(npm start -- .*)\n[^\n]*\n(\/sc_join .*)$/m
    const [, invite = '', joiner = '', join = ''] = await this.run(line, expected)
    return { invite, joiner, join }
  }

  /** Sends, and expects this many neighbours to take it. */
  async sends(channel: string, message: string, neighbours = 1): Promise<void> {
    const answer = new RegExp(`Sent to ${neighbours} neighbours? in "${channel}"`)
    await this.run(`/sc_send --channel "${channel}" --message "${message}"`, answer)
  }

  /** Resolves once such a message was printed. */
  async heard(from: Member, channel: string, message: string): Promise<void> {
    await this.peer.saw(`[${channel}] ${from.key}: ${message}\n`.replace(/[[\]]/g, '\\$&'))
  }

  async stop(): Promise<void> {
    await this.peer.stop()
  }
}

/** The words that a POSIX shell makes of a line. */
export function shellWords(line: string): Promise<string[]> {
  return new Promise((resolve, reject) => {
    const child = spawn('sh', ['-c', `for word in ${line}; do printf '%s\\0' "$word"; done`], {
      stdio: ['ignore', 'pipe', 'ignore']
    })
    let output = ''
    child.stdout?.on('data', (chunk: Uint8Array) => {
      output += b4a.toString(chunk)
    })
    child.on('error', reject)
    child.stdout?.on('end', () => resolve(output.split('\0').slice(0, -1)))
  })
}
