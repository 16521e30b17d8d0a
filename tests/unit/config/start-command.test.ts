import test from 'brittle'
import fc from 'fast-check'
import { printable } from '../../../src/base/text.ts'
import { shellWord } from '../../../src/config/start-command.ts'
import { shellWords } from '../../helpers/recipe.ts'

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

test('any text is one word of a shell, on one line, with nothing invisible in it', async (t) => {
  const sample = fc.sample(texts, 200)
  t.alike(await shellWords(sample.map(shellWord).join(' ')), sample)
  for (const text of sample) t.is(printable(shellWord(text)), shellWord(text))
  t.is(shellWord('plain-1.2:3,4=@/%'), 'plain-1.2:3,4=@/%')
  t.is(shellWord("it's"), "'it'\\''s'")
  t.is(shellWord('a\u200b b'), '"$(printf \'a\\342\\200\\213\\040b\')"')
})
