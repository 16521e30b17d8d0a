import test from 'brittle'
import type { LoadedApp } from '../../../features/subnet/app/load-app.ts'
import { Contract } from '../../../src/app/contract.ts'
import { Protocol } from '../../../src/app/protocol.ts'
import { beginSubnet, removeMark, say } from '../../helpers/subnet/damage.ts'
import { appOf, openMember, until } from '../../helpers/subnet/member.ts'
import { startDht } from '../../helpers/swarm.ts'

/** Says what it has heard, and whether it was whole then. */
class Listener extends Contract {
  constructor(protocol: Protocol, heard: string[]) {
    super(protocol)
    this.messageHandler(async () => {
      const { msg } = this.op as { readonly msg: string }
      heard.push(`${msg}: ${this.protocol === protocol ? 'whole' : 'without its protocol'}`)
      await this.put('heard', msg)
    })
  }
}

/** An app that notes what is made of it while there is no log yet, and what it hears. */
function createApp(): { readonly app: LoadedApp; readonly early: string[]; readonly heard: string[] } {
  const [early, heard]: [string[], string[]] = [[], []]
  const note = (what: string, base: { readonly view: unknown }) => {
    try {
      void base.view
    } catch {
      early.push(what)
    }
  }
  const app = appOf(
    (protocol) => {
      note('contract', protocol.base)
      return new Listener(protocol, heard)
    },
    {
      createProtocol(peer, base) {
        note('protocol', base)
        return new Protocol(peer, base)
      }
    }
  )
  return { app, early, heard }
}

test('what is still to be applied at a start has the whole app already (D30)', async (t) => {
  const dht = await startDht(t)
  const { app } = createApp()
  const admin = await openMember(t, dht, [], { app })
  await beginSubnet(admin)
  const flags = ['--subnet-bootstrap', admin.desk.bootstrap]
  const writer = await openMember(t, dht, flags, { app })
  await admin.desk.operate('add_writer', { key: writer.desk.writerKey })
  await until(writer, () => writer.desk.writable)
  await admin.close()
  await say(writer, 1, 'pending')
  await writer.close()
  // As after a crash: what no indexer has signed is applied anew.
  const { folder } = writer
  removeMark(folder)

  const { app: same, early, heard } = createApp()
  const again = await openMember(t, dht, flags, { app: same, folder })
  t.alike(early, ['protocol', 'contract', 'contract'], 'one to try with, and one that applies')
  t.alike(heard, [])
  await say(again, 1, 'later')
  t.ok(heard.includes('pending 0: whole'), heard.join())
  t.is(await again.desk.get('heard', false), 'later 0')
  t.absent(again.desk.interrupted)
})
