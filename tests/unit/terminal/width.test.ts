import test from 'brittle'
import fc from 'fast-check'
import { clusters, displayWidth } from '../../../src/terminal/width.ts'

const FAMILY = '👨‍👩‍👧'

test('clusters are what is seen as one character', (t) => {
  t.alike(clusters('ab c'), ['a', 'b', ' ', 'c'])
  t.alike(clusters('e\u0301a\u0323\u0308'), ['e\u0301', 'a\u0323\u0308'])
  t.alike(clusters(`${FAMILY}👍🏽❤️‍🔥x`), [FAMILY, '👍🏽', '❤️‍🔥', 'x'])
  t.alike(clusters('🇩🇪🇫🇷🇮'), ['🇩🇪', '🇫🇷', '🇮'])
  t.alike(clusters('1️⃣2'), ['1️⃣', '2'])
  t.alike(clusters('각ᄀ가'), ['각', 'ᄀ가'])
  t.alike(clusters('\u0301a'), ['\u0301', 'a'], 'a mark with nothing before it stands alone')
  t.alike(clusters('a\u0007\u0301'), ['a', '\u0007', '\u0301'], 'nothing attaches to a control')
  t.alike(clusters('a\u200d👩'), ['a\u200d', '👩'], 'only pictures are joined')
  t.alike(clusters(''), [])
})

test('widths are those of a terminal', (t) => {
  const widths: [string, number][] = [
    ['', 0],
    ['hello', 5],
    ['naïve', 5],
    ['nai\u0308ve', 5],
    ['漢字かなカナ', 12],
    ['ｗｉｄｅ', 8],
    ['ﾊﾝｶｸ', 4],
    ['한국', 4],
    ['한', 2],
    ['\u1100\uac00', 2],
    ['😀', 2],
    [FAMILY, 2],
    ['👍🏽', 2],
    ['🏽', 2],
    ['❤️', 2],
    ['❤', 1],
    ['🇩🇪', 2],
    ['1️⃣', 2],
    ['\u200b\u2060', 0],
    ['\u0301', 0],
    ['〿', 1],
    ['\u0007', 0],
    ['…—“”', 4],
    ['𠀀', 2]
  ]
  for (const [text, width] of widths) t.is(displayWidth(text), width, JSON.stringify(text))
})

test('clusters lose nothing, and cutting them again changes nothing', (t) => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const parts = clusters(text)
      const whole = parts.reduce((sum, part) => sum + displayWidth(part), 0)
      return (
        parts.join('') === text &&
        parts.every((part) => clusters(part).length === 1 && displayWidth(part) <= 2) &&
        whole === displayWidth(text)
      )
    })
  )
  t.pass()
})

test('clusters agree with Intl.Segmenter where there is one', (t) => {
  if (typeof Intl.Segmenter !== 'function') return t.pass('none on this runtime')
  const segmenter = new Intl.Segmenter('en', { granularity: 'grapheme' })
  const pieces =
    'a|1| |é|e|\u0301|\u0323|漢|😀|👩|👧|\u200d|\u200c|\ufe0f|❤|🏽|🇩|🇪|\u20e3|ᄀ|ᅡ|ᆨ|가|각|ก|ำ|ि|\u0001|\u200b|©'
  const unit = fc.constantFrom(...pieces.split('|'))
  fc.assert(
    fc.property(fc.string({ unit, maxLength: 12 }), (text) => {
      const expected = [...segmenter.segment(text)].map((part) => part.segment)
      return JSON.stringify(clusters(text)) === JSON.stringify(expected)
    }),
    { numRuns: 3000 }
  )
  t.pass()
})
