/** UTF-8 one byte at a time; what is none becomes U+FFFD. Controls give nothing: the caller knows them. */
export class Utf8 {
  #needed = 0
  #code = 0
  #low = 0x80
  #high = 0xbf

  push(byte: number): string {
    if (byte < 0x80) return this.end() + (byte < 0x20 || byte === 0x7f ? '' : String.fromCharCode(byte))
    if (this.#needed === 0) return this.#start(byte)
    if (byte < this.#low || byte > this.#high) return this.end() + this.#start(byte)
    this.#low = 0x80
    this.#high = 0xbf
    this.#code = (this.#code << 6) | (byte & 0x3f)
    this.#needed -= 1
    return this.#needed === 0 ? String.fromCodePoint(this.#code) : ''
  }

  /** Something else follows: a character that was begun is not going to be whole. */
  end(): string {
    const broken = this.#needed > 0
    this.#needed = 0
    this.#low = 0x80
    this.#high = 0xbf
    return broken ? '\ufffd' : ''
  }

  #start(byte: number): string {
    if (byte < 0xc2 || byte > 0xf4) return '\ufffd'
    this.#needed = byte < 0xe0 ? 1 : byte < 0xf0 ? 2 : 3
    this.#code = byte & (0x3f >> this.#needed)
    // The shortest form only, no surrogates, nothing past U+10FFFF.
    if (byte === 0xe0) this.#low = 0xa0
    if (byte === 0xed) this.#high = 0x9f
    if (byte === 0xf0) this.#low = 0x90
    if (byte === 0xf4) this.#high = 0x8f
    return ''
  }
}
