import test from 'brittle'
import fc from 'fast-check'
import { printable } from '../../../src/base/text.ts'
import { resolveConfig } from '../../../src/config/resolve.ts'
import { shellWord, subnetJoiner } from '../../../src/config/start-command.ts'
import { shellWords } from '../../helpers/recipe.ts'

const BOOTSTRAP = 'ab'.repeat(32)

/** Any text that an argument of a process can hold, the awkward ones first. */
const texts = fc
  .oneof(
    fc.constantFrom(
      "a'b",
      'a b',
      '$HOME `x` "y" \\',
      '@file',
      '--flag',
      '-x',
      'a,b',
      '\u2603\u200b%s',
      '!!',
      '~'
    ),
    fc.string({ unit: 'binary', minLength: 1, maxLength: 20 })
  )
  .filter((text) => text.isWellFormed() && !/\p{Cc}/u.test(text))

function configOf(words: readonly string[]) {
  return resolveConfig(['--peer-stores-directory', 'no-such-folder', ...words], {}).config
}

test('any text is one word of a shell, on one line, with nothing invisible in it', async (t) => {
  const sample = fc.sample(texts, 200)
  t.alike(await shellWords(sample.map(shellWord).join(' ')), sample)
  for (const text of sample) t.is(printable(shellWord(text)), shellWord(text))
  t.is(shellWord('plain-1.2:3,4=@/%'), 'plain-1.2:3,4=@/%')
  t.is(shellWord("it's"), "'it'\\''s'")
  t.is(shellWord('a\u200b b'), '"$(printf \'a\\342\\200\\213\\040b\')"')
})

test('the joiner of a subnet is on the same network, in the same subnet, with the same app', async (t) => {
  for (const channel of fc.sample(texts, 25)) {
    const [npm, start, dashes, ...words] = await shellWords(
      subnetJoiner(configOf([`--app=${channel}`, '--local', '--local-port', '4000']), BOOTSTRAP, channel)
    )
    t.alike([npm, start, dashes], ['npm', 'start', '--'])
    const { subnetBootstrap, subnetChannel, app, local, localPort, peerStoreName } = configOf(words)
    t.alike(
      { subnetBootstrap, subnetChannel, app, local, localPort, peerStoreName },
      {
        ...{ subnetBootstrap: BOOTSTRAP, subnetChannel: channel, app: channel },
        ...{ local: true, localPort: 4000, peerStoreName: 'joiner' }
      },
      channel
    )
  }
  t.is(
    subnetJoiner(configOf(['--dht-bootstrap', '127.0.0.1:1']), BOOTSTRAP, null),
    `npm start -- --peer-store-name joiner --subnet-bootstrap ${BOOTSTRAP} --dht-bootstrap 127.0.0.1:1`
  )
})
