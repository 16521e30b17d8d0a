/**
 * The bytes of a terminal in raw mode as keys. Total: any bytes, cut anywhere, give keys or nothing; what
 * is kept between two pushes is bounded, however long a sequence claims to be.
 */

import { Utf8 } from './utf8.ts'

const MOTIONS = ['up', 'down', 'left', 'right', 'home', 'end', 'delete'] as const
const CONTROL_LETTERS = 'abcdefgklnprtuwyz'

type Motion = (typeof MOTIONS)[number]
type ControlLetter =
  | 'a'
  | 'b'
  | 'c'
  | 'd'
  | 'e'
  | 'f'
  | 'g'
  | 'k'
  | 'l'
  | 'n'
  | 'p'
  | 'r'
  | 't'
  | 'u'
  | 'w'
  | 'y'
  | 'z'

export type KeyName =
  | Motion
  | `${'ctrl' | 'alt'}-${Motion}`
  | `ctrl-${ControlLetter}`
  | `alt-${'b' | 'd' | 'f' | 'backspace'}`
  | 'backspace'
  | 'enter'
  | 'escape'
  | 'tab'
  | 'shift-tab'

export type Key = { readonly name: 'text' | 'paste'; readonly text: string } | { readonly name: KeyName }

export interface KeyDecoder {
  push(bytes: Uint8Array): Key[]
  /** Nothing came for a while: an escape that began no sequence was the escape key. */
  flush(): Key[]
}

/** Twice what the line editor takes, so that the editor sees, and says, that a paste was cut. */
export const MAX_PASTE = 128 * 1024
// Longer than any parameters that a terminal sends; more are read over, not kept.
const MAX_PARAMETERS = 32
const PASTE_END = '\u001b[201~'

const ESC = 0x1b
const CR = 0x0d
const LF = 0x0a
const BEL = 0x07
const DEL = 0x7f

const CONTROLS: ReadonlyMap<number, KeyName> = new Map<number, KeyName>([
  ...[...CONTROL_LETTERS].map(
    (letter) => [letter.charCodeAt(0) - 0x60, `ctrl-${letter}` as KeyName] as const
  ),
  [0x08, 'backspace'],
  [0x09, 'tab'],
  [LF, 'enter'],
  [CR, 'enter'],
  [DEL, 'backspace']
])
const ALT: Readonly<Record<string, KeyName>> = { b: 'alt-b', d: 'alt-d', f: 'alt-f' }
const LETTERS: Readonly<Record<string, Motion>> = {
  A: 'up',
  B: 'down',
  C: 'right',
  D: 'left',
  F: 'end',
  H: 'home'
}
const TILDES: Readonly<Record<number, Motion>> = { 1: 'home', 3: 'delete', 4: 'end', 7: 'home', 8: 'end' }

type Mode = 'text' | 'escape' | 'csi' | 'ss3' | 'function' | 'string' | 'string-escape' | 'paste'

export function createKeyDecoder(): KeyDecoder {
  return new Decoder()
}

class Decoder implements KeyDecoder {
  readonly #utf8 = new Utf8()
  #mode: Mode = 'text'
  #keys: Key[] = []
  #text = ''
  #afterReturn = false
  #parameters = ''
  #emptyString = false
  #paste = ''
  #matched = 0

  push(bytes: Uint8Array): Key[] {
    for (const byte of bytes) this.#take(byte)
    return this.#drain()
  }

  flush(): Key[] {
    const alone = this.#mode === 'escape' || this.#mode === 'string-escape'
    // An alt key whose letter is also how a string of the terminal begins, but none did.
    const altOnly = this.#mode === 'string' && this.#emptyString
    if (alone) this.#emit('escape')
    if (alone || altOnly) this.#mode = 'text'
    return this.#drain()
  }

  #drain(): Key[] {
    this.#endText()
    const keys = this.#keys
    this.#keys = []
    return keys
  }

  #endText(): void {
    if (this.#text !== '') this.#keys.push({ name: 'text', text: this.#text })
    this.#text = ''
  }

  #emit(name: KeyName): void {
    this.#endText()
    this.#keys.push({ name })
  }

  #take(byte: number): void {
    const mode = this.#mode
    if (mode === 'text') this.#takeText(byte)
    else if (mode === 'paste') this.#takePaste(byte)
    else if (mode === 'escape') this.#takeEscape(byte)
    else if (mode === 'string') this.#takeString(byte)
    else if (mode === 'csi' || mode === 'ss3') this.#takeSequence(byte, mode)
    else {
      // One more byte belongs to it, unless it broke off.
      this.#mode = 'text'
      if (mode === 'string-escape' && byte !== 0x5c) this.#takeEscape(byte)
      else if (mode === 'function' && (byte < 0x20 || byte >= DEL)) this.#takeText(byte)
    }
  }

  #takeText(byte: number): void {
    const secondHalf = byte === LF && this.#afterReturn
    this.#afterReturn = byte === CR
    this.#text += this.#utf8.push(byte)
    if (byte === ESC) this.#mode = 'escape'
    else if ((byte < 0x20 || byte === DEL) && !secondHalf) {
      const name = CONTROLS.get(byte)
      if (name !== undefined) this.#emit(name)
    }
  }

  #takeEscape(byte: number): void {
    const char = String.fromCharCode(byte)
    this.#mode = 'text'
    this.#parameters = ''
    if (char === '[') this.#mode = 'csi'
    else if (char === 'O') this.#mode = 'ss3'
    else if (']PX^_'.includes(char)) {
      this.#mode = 'string'
      this.#emptyString = true
    } else if (byte === DEL || byte === 0x08) this.#emit('alt-backspace')
    else if (byte < 0x20 || byte > DEL) {
      this.#emit('escape')
      this.#takeText(byte)
    } else {
      const name = ALT[char]
      if (name !== undefined) this.#emit(name)
    }
  }

  #takeSequence(byte: number, kind: 'csi' | 'ss3'): void {
    if (byte < 0x20 || byte >= DEL) {
      // No sequence holds this: it broke off, and the key that follows counts.
      this.#mode = 'text'
      this.#takeText(byte)
    } else if (byte < 0x40) {
      if (this.#parameters.length <= MAX_PARAMETERS) this.#parameters += String.fromCharCode(byte)
    } else if (kind === 'csi' && byte === 0x5b && this.#parameters === '') {
      this.#mode = 'function'
    } else {
      this.#mode = 'text'
      this.#finish(kind, String.fromCharCode(byte), this.#parameters)
    }
  }

  #finish(kind: 'csi' | 'ss3', final: string, parameters: string): void {
    if (parameters.length > MAX_PARAMETERS || !/^[\d;:]*$/.test(parameters)) return
    const numbers = parameters.split(';').map((part) => Number.parseInt(part, 10) || 0)
    const [code = 0, modifier = 0] = numbers
    if (kind === 'csi' && final === '~' && code === 200) {
      this.#mode = 'paste'
    } else if (kind === 'csi' && (final === '~' || final === '^')) {
      this.#motion(TILDES[code], final === '^' ? 5 : modifier)
    } else if (final === 'Z' && kind === 'csi') {
      this.#emit('shift-tab')
    } else if (final === 'M' && kind === 'ss3') {
      this.#emit('enter')
    } else if (final >= 'a' && final <= 'd') {
      this.#motion(LETTERS[final.toUpperCase()], kind === 'ss3' ? 5 : 0)
    } else {
      this.#motion(LETTERS[final], numbers.at(-1) ?? 0)
    }
  }

  /** Modifiers come as one more than a sum of bits: 1 shift, 2 alt, 4 ctrl. */
  #motion(motion: Motion | undefined, modifier: number): void {
    if (motion === undefined) return
    const bits = Math.max(0, modifier - 1)
    if (bits & 4) this.#emit(`ctrl-${motion}`)
    else if (bits & 2) this.#emit(`alt-${motion}`)
    else this.#emit(motion)
  }

  /** A terminal's answer to a question nobody asked; any control ends it, so that a person gets out. */
  #takeString(byte: number): void {
    this.#emptyString = false
    if (byte === ESC) this.#mode = 'string-escape'
    else if (byte < 0x20) {
      this.#mode = 'text'
      if (byte !== BEL) this.#takeText(byte)
    }
  }

  #takePaste(byte: number): void {
    if (byte === PASTE_END.charCodeAt(this.#matched)) {
      this.#matched += 1
      if (this.#matched < PASTE_END.length) return
      this.#addPaste(this.#utf8.end())
      this.#endText()
      this.#keys.push({ name: 'paste', text: this.#paste })
      this.#paste = ''
      this.#matched = 0
      this.#mode = 'text'
    } else if (this.#matched > 0) {
      this.#addPaste(this.#utf8.end() + PASTE_END.slice(0, this.#matched))
      this.#matched = 0
      this.#takePaste(byte)
    } else {
      const text = this.#utf8.push(byte)
      this.#addPaste(byte < 0x20 || byte === DEL ? text + String.fromCharCode(byte) : text)
    }
  }

  #addPaste(text: string): void {
    if (this.#paste.length < MAX_PASTE) this.#paste += text
  }
}
