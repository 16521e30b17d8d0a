import type { Socket } from 'node:net'
import net from '#net'
import type { Scope } from '../../helpers/tmp.ts'

const LOOPBACK = '127.0.0.1'

/** A TCP proxy on loopback that can do to connections what networks do. */
export class TcpProxy {
  readonly port: number
  /** Where new connections go; 0: they are refused. */
  target = 0
  readonly #pairs = new Set<readonly [client: Socket, server: Socket]>()
  #wake: () => void = () => {}
  /** How many connections there were. */
  connections = 0

  static async open(t: Scope): Promise<TcpProxy> {
    let proxy: TcpProxy | null = null
    const server = net.createServer((socket) => proxy?.handleConnection(socket))
    await new Promise<void>((resolve) => server.listen(0, LOOPBACK, () => resolve()))
    const { port } = server.address() as { port: number }
    const opened = new TcpProxy(port)
    proxy = opened
    t.teardown(
      async () => {
        opened.cut()
        await new Promise<void>((resolve) => server.close(() => resolve()))
      },
      { order: 5 }
    )
    return opened
  }

  private constructor(port: number) {
    this.port = port
  }

  get url(): string {
    return `ws://${LOOPBACK}:${this.port}`
  }

  /** With which a node lets clients come by way of this. */
  get flags(): string[] {
    return ['--sc-bridge-allow-host', `${LOOPBACK}:${this.port}`]
  }

  handleConnection(client: Socket): void {
    client.on('error', () => {})
    if (this.target === 0) {
      client.destroy()
      return
    }
    this.connections++
    const server = net.connect(this.target, LOOPBACK)
    server.on('error', () => {})
    const pair = [client, server] as const
    this.#pairs.add(pair)
    client.on('data', (bytes) => server.write(bytes))
    server.on('data', (bytes) => {
      // Passed on as fast as the client takes it, so that a client that does not read is felt by the node.
      if (!client.write(bytes)) server.pause()
    })
    client.on('drain', () => server.resume())
    for (const socket of pair) {
      // The end of one side is passed on as well.
      socket.on('end', () => (socket === client ? server : client).end())
      socket.on('close', () => {
        this.#pairs.delete(pair)
        for (const each of pair) each.destroy()
        this.#wake()
      })
    }
  }

  /** Ends every connection without a word. */
  cut(): void {
    for (const pair of this.#pairs) for (const socket of pair) socket.destroy()
  }

  /** From now on nothing passes in either direction, and nobody is told. */
  stall(): void {
    for (const pair of this.#pairs) for (const socket of pair) socket.pause()
  }

  flow(): void {
    for (const pair of this.#pairs) for (const socket of pair) socket.resume()
  }

  /** Resolves once there is no connection. */
  async empty(): Promise<void> {
    while (this.#pairs.size > 0) await new Promise<void>((resolve) => (this.#wake = resolve))
  }
}
