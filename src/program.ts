import process from '#process'
import { bindSidechannelCommands } from '../features/sidechannel/commands.ts'
import { takeHanded } from '../features/sidechannel/handed.ts'
import { receivedLine, requestLine } from '../features/sidechannel/lines.ts'
import type { OpenRequest } from '../features/sidechannel/requests.ts'
import { type Received, Sidechannels } from '../features/sidechannel/sidechannels.ts'
import { foreignApp } from '../features/subnet/app/files.ts'
import { type LoadedApp, loadApp } from '../features/subnet/app/load-app.ts'
import { bindSubnetCommands } from '../features/subnet/commands.ts'
import { SubnetDesk } from '../features/subnet/desk.ts'
import { TrialLoad } from '../features/subnet/dry-run/trial-load.ts'
import { Timer } from '../features/timer/timer.ts'
import { protectSecretFiles } from './access/main-token.ts'
import { banner, firstSteps } from './banner.ts'
import { IntercomError, messageOf, toIntercomError } from './base/errors.ts'
import { createLog, type Log } from './base/log.ts'
import { checkArguments } from './cli/arguments.ts'
import { type Config, flagName, flagSpec, PLANES, secretsOf } from './config/flags.ts'
import { configText, helpText } from './config/help.ts'
import { type Resolved, resolveConfig } from './config/resolve.ts'
import { subcommandHelp } from './config/subcommand-help.ts'
import { Report } from './metrics/report.ts'
import { LOOPBACK, LocalDht } from './network/local-dht.ts'
import { IntercomNode } from './node.ts'
import { bindNodeCommands } from './node-commands.ts'
import { Pear } from './pear.ts'
import { openServers } from './servers.ts'
import { handOver, putIntoForce } from './setup/at-start.ts'
import { listenForSignals } from './signals.ts'
import { openStandardStreams, type StandardStreams } from './streams.ts'
import { Supervisor } from './supervisor.ts'
import { openTerminal, type Terminal } from './terminal/terminal.ts'
import { readVersion } from './version.ts'

// The longest an orderly end may take; then the process ends without.
const CLOSE_TIME = 5000

/** Exit codes of an end that was forced, as shells have them. */
const FORCED: Readonly<Record<string, number>> = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 }

interface Service {
  close(): Promise<void>
}

class Program {
  readonly #streams: StandardStreams
  #log: Log
  #terminal: Terminal | null = null
  /** Closed in reverse. */
  readonly #services: Service[] = []
  #supervisor: Supervisor | null = null
  #ending: Promise<void> | null = null
  #linesLost = 0
  /** Something went wrong on the way to an end that was none. */
  #failed = false

  readonly #words: readonly string[]

  constructor(words: readonly string[]) {
    this.#words = words
    this.#streams = openStandardStreams((error) => this.#handleOutputGone(error))
    this.#log = this.#createLog('info', false)
  }

  async run(): Promise<void> {
    try {
      const resolved = resolveConfig(this.#words, process.env)
      const { config } = resolved
      this.#log = this.#createLog(config.logLevel, config.logJson)
      for (const secret of secretsOf(config)) this.#log.secret(secret)
      const text = this.#answer(resolved)
      if (text !== null) {
        this.#streams.output.write(`${text}\n`)
        await this.end(0)
        return
      }
      listenForSignals({
        terminal: this.#streams.attached,
        now: () => process.uptime() * 1000,
        onstop: () => this.end(0),
        onforce: (signal) => process.exit(FORCED[signal] ?? 1)
      })
      Pear?.teardown?.(() => this.end(0))
      if (resolved.subcommand === 'dht') await this.#startDht(config)
      else if (resolved.subcommand === 'subnet import') await this.#importSubnet(resolved)
      else await this.#startNode(resolved)
    } catch (error) {
      await this.#fail(error)
    }
  }

  /** Closes everything in reverse order and ends the process; the first call decides the exit code. */
  end(code: number): Promise<void> {
    // Not in this very call: what closes may fail at once and come here again.
    this.#ending ??= Promise.resolve().then(() => this.#end(code))
    return this.#ending
  }

  #handleOutputGone(error: Error | null): void {
    if (error !== null) {
      this.#failed = true
      this.#log.error('cannot write to standard output', { error: messageOf(error) })
    }
    void this.end(0)
  }

  async #end(code: number): Promise<void> {
    const deadline = setTimeout(() => {
      this.#log.error('closing took too long; ending without')
      process.exit(1)
    }, CLOSE_TIME)
    this.#supervisor?.stopping()
    for (const part of [this.#terminal, ...this.#services.reverse()]) {
      try {
        await part?.close()
      } catch (error) {
        this.#failed = true
        this.#log.error('closing failed', { error: messageOf(error) })
      }
    }
    await this.#streams.output.flush()
    await this.#streams.errors.flush()
    clearTimeout(deadline)
    process.exit(code || (this.#failed ? 1 : 0))
  }

  #answer({ subcommand, config, sources }: Resolved): string | null {
    if (config.help) return subcommand === 'subnet import' ? subcommandHelp(subcommand) : helpText()
    if (config.version) return readVersion()
    if (config.printConfig) return configText(config, sources)
    return null
  }

  async #startNode({ config, idle, secretFiles }: Resolved): Promise<void> {
    if (idle.length > 0) {
      const names = idle.map((key) => `--${flagName(key)}`).join(', ')
      const planes = [...new Set(idle.map((key) => PLANES[flagSpec(key).plane].title))].join(', ')
      this.#log.info(`no effect yet: ${names} (not in this version: ${planes})`)
    }
    protectSecretFiles(secretFiles, this.#log)
    this.#supervisor = new Supervisor(this.#log)
    const app = config.subnet ? this.#prepareApp(config) : null
    const node = new IntercomNode({ config, log: this.#log })
    this.#services.push(node)
    bindNodeCommands(node, () => void this.end(0))
    await node.ready()
    if (this.#ending === null && app !== null) await this.#openSubnet(node, await app())
    if (this.#ending === null) await this.#openSidechannels(node)
    const servers = await openServers(node, {
      open: async (server) => {
        this.#services.push(server)
        await server.ready()
      },
      isEnding: () => this.#ending !== null
    })
    if (this.#ending !== null) return
    const print = (line: string) => this.#print(line)
    banner(node, readVersion()).forEach(print)
    await putIntoForce(node, print)
    if (this.#ending !== null) return
    for (const line of [...(await firstSteps(node)), ...servers]) print(line)
    await node.store.runFile.update({ readyAt: node.now() })
    this.#supervisor.ready()
    if (config.reportEvery > 0) this.#services.push(new Report(node, config.reportEvery * 1000))
    // A server has nobody at its terminal, and does not end with its input.
    if (config.terminal && !config.rpc) await this.#openTerminal(node)
  }

  async #openTerminal(node: IntercomNode): Promise<void> {
    const { input, output, interactive } = this.#streams
    if (input === null) return
    const onend = () => void this.end(0)
    if (interactive) output.write('Type /help to see the commands.\n')
    this.#terminal = openTerminal({ input, output, interactive, commands: node.commands, onend })
    await this.#terminal.ready()
  }

  /** It is tried from now on, while others open; the app itself is loaded here once that went well. */
  #prepareApp({ app }: Config): () => Promise<LoadedApp> {
    const foreign = foreignApp(app)
    if (foreign === null) return () => loadApp(app)
    const trial = new TrialLoad({ app: foreign, log: this.#log })
    this.#services.push(trial)
    return async () => {
      await trial.ended
      return loadApp(app)
    }
  }

  async #openSubnet(node: IntercomNode, app: LoadedApp): Promise<void> {
    const desk = new SubnetDesk(node, {
      app,
      features: node.config.timer ? { timer: (host) => new Timer(host, { now: node.now }) } : {}
    })
    this.#services.push(desk)
    desk.on('line', (line: string) => this.#print(line))
    await desk.ready()
    bindSubnetCommands(node, desk)
  }

  async #openSidechannels(node: IntercomNode): Promise<void> {
    handOver(node, (handed) => takeHanded(node, handed))
    const sidechannels = new Sidechannels(node)
    this.#services.push(sidechannels)
    // With the bridge on, they go to its clients.
    if (!node.config.sidechannelQuiet && !node.config.scBridge) {
      sidechannels.on('message', (received: Received) => this.#print(receivedLine(received)))
    }
    sidechannels.on('request', (request: OpenRequest) => this.#print(requestLine(request)))
    await sidechannels.ready()
    bindSidechannelCommands(node, sidechannels)
    void sidechannels.announced().then(() => {
      if (this.#ending !== null) return
      this.#print('Sidechannel: ready')
      void node.store.runFile.update()
    })
  }

  #print(line: string): void {
    if (this.#terminal === null) this.#streams.output.write(`${line}\n`)
    else this.#terminal.print(line)
  }

  async #importSubnet({ config, args }: Resolved): Promise<void> {
    const { from, confirmed = true } = checkArguments('subnet import', args)
    const app = await this.#prepareApp(config)()
    const { SubnetImport } = await import('../features/subnet/import/import.ts')
    const job = new SubnetImport({ config, log: this.#log, from, confirmed, app })
    this.#services.push(job)
    try {
      for (const line of await job.run()) this.#streams.output.write(`${line}\n`)
    } catch (error) {
      // A signal may have ended it, which must not look like success.
      this.#failed = true
      throw error
    }
    await this.end(0)
  }

  async #startDht(config: Config): Promise<void> {
    const dht = new LocalDht(config.localPort)
    this.#services.push(dht)
    await dht.ready()
    const at = `${LOOPBACK}:${config.localPort}`
    if (!dht.hosting) throw new IntercomError('port_in_use', `Another program listens on ${at}.`)
    this.#streams.output.write(
      `DHT bootstrap node at ${at}: peers find it with --local or --dht-bootstrap ${at}\n`
    )
  }

  async #fail(error: unknown): Promise<void> {
    const known = toIntercomError(error)
    this.#streams.errors.write(`intercom: ${known.message} ${known.next}\n`)
    if (known.code === 'internal' && error instanceof Error) this.#streams.errors.write(`${error.stack}\n`)
    await this.end(known.exitCode)
  }

  #createLog(level: Config['logLevel'], json: boolean): Log {
    return createLog({ level, json, now: Date.now, write: (line) => this.#writeLog(line) })
  }

  /** Where a person types, log lines stay clear of what is being typed. */
  #writeLog(line: string): void {
    const { errors, errorsAreTerminal } = this.#streams
    if (this.#terminal?.interactive && errorsAreTerminal) this.#terminal.print(line)
    else if (errors.full) this.#linesLost++
    else {
      if (this.#linesLost > 0) errors.write(`(${this.#linesLost} log lines were lost: nobody was reading)\n`)
      this.#linesLost = 0
      errors.write(`${line}\n`)
    }
  }
}

/** A node, or what else a command line without a word for a running node asks for. */
export async function runProgram(words: readonly string[]): Promise<void> {
  await new Program(words).run()
}
