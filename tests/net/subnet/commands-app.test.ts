import test from 'brittle'
import { channelBuffer } from '../../../features/subnet/members/place.ts'
import type { AppCommand } from '../../../src/app/protocol.ts'
import { Protocol } from '../../../src/app/protocol.ts'
import { toHex } from '../../../src/base/hex.ts'
import { COMMAND_NAMES } from '../../../src/commands/table.ts'
import { GoldenContract } from '../../helpers/subnet/golden-contract.ts'
import { appOf } from '../../helpers/subnet/member.ts'
import { byte } from '../../helpers/subnet/ops.ts'
import { openAdmin } from '../../helpers/subnet/typed.ts'
import { startDht } from '../../helpers/swarm.ts'

const OTHER = 'cd'.repeat(32)

class Market extends Protocol {
  override readonly commands: Readonly<Record<string, AppCommand>> = {
    offer: {
      help: 'Offer something.',
      example: '/offer --what tea',
      run: async ({ what }) => {
        if (what === undefined) throw new Error('Say what.')
        return { what, admin: await this.get('admin') }
      }
    },
    stats: { help: 'Not this one.', example: '/stats', run: () => 'taken' },
    'no name': { help: '', example: '', run: () => '' }
  }

  override async customCommand(input: string): Promise<unknown> {
    this.tokenizeInput(input)
    if (this.tokenized_input?.[0] === '/old') {
      console.log('one\ntwo\u001b[2J', { three: 3 })
      return this.parseArgs(input)
    }
    return input.startsWith('/text') ? 'a text' : undefined
  }

  override async printOptions(): Promise<void> {
    console.log('- /old --a 1')
  }

  override async extendApi(): Promise<void> {
    this.api.twoOf = (_a: unknown, _b: unknown) => 2
  }
}

const app = appOf((protocol) => new GoldenContract(protocol), {
  createProtocol: (peer, base) => new Market(peer, base)
})

test('what is read: keys, stats, the settlement, the help', async (t) => {
  const dht = await startDht(t)
  const admin = await openAdmin(t, dht, [
    `/set_mod --user ${OTHER} --mod 1`,
    `/add_writer --key ${byte(0x77)}`
  ])
  const { key, address } = admin.node
  const { bootstrap, writerKey, channel } = admin.desk
  const rows: [line: string, value: unknown, printed: string][] = [
    ['/get --key admin', key, key],
    ['/get --key "admin" --confirmed true', key, key],
    ['/get --key=admin --confirmed false', key, key],
    ['/get --key admin --unconfirmed', key, key],
    [`/get --key 'mod/${OTHER}'`, true, 'true'],
    ['/get --key appv', { name: 'test', version: '1', hash: '0'.repeat(64) }, ''],
    ['/get --key nothing', null, 'null']
  ]
  for (const [line, value, printed] of rows) {
    t.alike(await admin.result(line), value, line)
    t.alike(await admin.run(line), [printed === '' ? JSON.stringify(value) : printed])
  }
  t.is((await admin.refused('/get'))[1], 'Usage: /get --key "<key>" [--confirmed true|false] [--unconfirmed]')
  t.is((await admin.refused('/tx'))[1], 'Missing option. Please use the --command flag.')
  t.alike(await admin.run('/print --text "a b"'), ['a b'])

  const stats = await admin.run('/stats')
  const labels = stats.map((line) => line.split(/:| \(/)[0])
  t.alike(labels.slice(0, 16), [
    ...['--- Stats ---', 'wallet.address', 'hypermall.writerKey', 'admin', 'isIndexer', 'isWriter'],
    ...['swarm.connections.size', 'base.view.core.signedLength', 'base.signedLength', 'base.indexedLength'],
    ...['base.linearizer.indexers.length', 'base.key', 'discoveryKey', 'VIEW Dag', 'SYSTEM Dag'],
    'Total Registered Writers'
  ])
  t.is(stats[15], 'Total Registered Writers: 2', 'the admin, and the one that was added')
  const { publicKey, subnet } = (await admin.result('/stats')) as {
    publicKey: string
    subnet: { bootstrap: string; writerKey: string; admin: string }
  }
  t.alike([publicKey, subnet.bootstrap, subnet.writerKey, subnet.admin], [key, bootstrap, writerKey, key])

  const channelHex = toHex(channelBuffer(channel ?? ''))
  t.alike(await admin.run('/deploy_subnet'), [
    `Subnet bootstrap: ${bootstrap}`,
    `Subnet channel (hex): ${channelHex}`,
    'Subnet deployment tx: none (settlement is local: nothing was deployed, and nothing paid)'
  ])
  const msb = (await admin.result('/msb')) as Record<string, unknown>
  t.alike([msb.peerMsbAddress, msb.peerMsbBalance, msb.msbFee, msb.connectedValidators], [address, 0, 0, 0])
  t.ok((await admin.run('/msb'))[0]?.startsWith('Settlement is local: '))
  t.alike(await admin.result('/help'), [...COMMAND_NAMES])
})

test('commands of an app: declared, or taken without a word', async (t) => {
  const admin = await openAdmin(t, await startDht(t), [], { app })
  const { key } = admin.node
  const { log } = console
  t.alike(await admin.result('/offer --what "green tea"'), { what: 'green tea', admin: key })
  t.alike(await admin.run('/offer --what tea'), [JSON.stringify({ what: 'tea', admin: key })])
  t.alike(await admin.refused('/offer'), ['command_failed', 'Say what.'])
  t.is((await admin.run('/stats'))[0], '--- Stats ---', 'an app takes the place of no command')
  t.is((await admin.run('/text'))[0], 'a text')
  t.alike(await admin.run('/old --a 1'), ['one', 'two\\e[2J {"three":3}'], 'what it printed')
  t.alike(await admin.result('/old --a 1'), { a: '1' }, 'what it returned')
  t.is(console.log, log, 'the console is as it was')
  t.alike(await admin.refused('/ofer'), ['unknown_command', 'Unknown command /ofer. Did you mean /offer?'])
  t.is((await admin.refused('what?'))[0], 'unknown_command')

  const help = await admin.run('/help')
  t.alike(help.slice(-5, -4), ['App'])
  t.ok(/^ {2}\/offer +Offer something\.$/.test(help.at(-4) ?? ''), help.at(-4))
  t.alike(help.slice(-3), ['The app says:', '  - /old --a 1', '  /api --method twoOf'])
  t.alike(await admin.result('/help'), [...COMMAND_NAMES, 'offer'])
  t.is((await admin.run('/help offer'))[0], '/offer')
  t.alike(admin.node.commands.appNames, ['offer'])

  const { contract, api } = admin.desk.contractSchema()
  t.alike([contract.contractClass, contract.protocolClass], ['GoldenContract', 'Market'])
  t.absent(contract.txTypes.includes('notThere'), 'registered, but there is no such function')
  t.alike(contract.txTypes, [...contract.txTypes].sort())
  t.alike(api.methods.twoOf, { params: ['arg0', 'arg1'] })
  t.is(api.methods.tx?.params.length, 6)
})
