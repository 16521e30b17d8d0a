/**
 * Just enough of an assembler for WebAssembly to write one small vector kernel in readable form: functions
 * from expressions, and a module from functions. An expression is the bytes that leave its value on the stack.
 */
export type Code = readonly number[]

export const I32 = 0x7f
export const V128 = 0x7b

/** Unsigned LEB128. */
export function leb(value: number): Code {
  const out: number[] = []
  let rest = value
  while (rest > 0x7f) {
    out.push((rest & 0x7f) | 0x80)
    rest >>>= 7
  }
  return [...out, rest]
}

/** Signed LEB128. */
function sleb(value: number): Code {
  const out: number[] = []
  let rest = value
  while (rest < -0x40 || rest > 0x3f) {
    out.push((rest & 0x7f) | 0x80)
    rest >>= 7
  }
  return [...out, rest & 0x7f]
}

const simd = (opcode: number): Code => [0xfd, ...leb(opcode)]
const ALIGN_16 = 4

// Integers.
export const int = (value: number): Code => [0x41, ...sleb(value)]
export const plus = (a: Code, b: Code): Code => [...a, ...b, 0x6a]
export const minus = (a: Code, b: Code): Code => [...a, ...b, 0x6b]
export const lessThan = (a: Code, b: Code): Code => [...a, ...b, 0x48]

// Locals, parameters first.
export const get = (local: number): Code => [0x20, ...leb(local)]
export const set = (local: number, value: Code): Code => [...value, 0x21, ...leb(local)]

// Vectors of four 32-bit lanes.
export const load = (address: Code, offset: number): Code => [
  ...address,
  ...simd(0),
  ALIGN_16,
  ...leb(offset)
]
export const store = (address: Code, offset: number, value: Code): Code => [
  ...address,
  ...value,
  ...simd(11),
  ALIGN_16,
  ...leb(offset)
]
export const shiftLeft = (value: Code, bits: number): Code => [...value, ...int(bits), ...simd(0xab)]
export const shiftRight = (value: Code, bits: Code): Code => [...value, ...bits, ...simd(0xad)]
export const add = (first: Code, ...more: readonly Code[]): Code => chain(first, more, simd(0xae))
export const xor = (first: Code, ...more: readonly Code[]): Code => chain(first, more, simd(0x51))
/** Bits of `a` where the mask has 1, of `b` where it has 0. */
export const select = (a: Code, b: Code, mask: Code): Code => [...a, ...b, ...mask, ...simd(0x52)]
/** One bit per lane: whether it is zero. */
export const zeroLanes = (value: Code): Code => [
  ...value,
  ...int(0),
  ...simd(0x11),
  ...simd(0x37),
  ...simd(0xa4)
]

function chain(first: Code, more: readonly Code[], operation: Code): Code {
  return [...first, ...more.flatMap((code) => [...code, ...operation])]
}

// Control flow.
export const call = (index: number, ...args: readonly Code[]): Code => [...args.flat(), 0x10, ...leb(index)]
export const when = (condition: Code, body: Code): Code => [...condition, 0x04, 0x40, ...body, 0x0b]
/** Runs the body, and again for as long as the condition holds after it. */
export const repeat = (body: Code, condition: Code): Code => [
  0x03,
  0x40,
  ...body,
  ...condition,
  0x0d,
  0,
  0x0b
]

export interface WasmFunction {
  readonly name: string
  readonly params: number
  readonly result: boolean
  readonly locals: readonly { readonly type: number; readonly count: number }[]
  readonly body: Code
}

/** A module that exports all its functions, and one page of memory as `memory`. Parameters are integers. */
export function assemble(functions: readonly WasmFunction[]): Uint8Array<ArrayBuffer> {
  const types = functions.map((fn) => [
    0x60,
    ...vector(integers(fn.params)),
    ...vector(integers(fn.result ? 1 : 0))
  ])
  const exported = functions.map((fn, index) => [...name(fn.name), 0, ...leb(index)])
  const bodies = functions.map((fn) => {
    const locals = fn.locals.map(({ type, count }) => [...leb(count), type])
    return sized([...vector(locals), ...fn.body, 0x0b])
  })
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, vector(types)),
    ...section(3, vector(functions.map((_, index) => leb(index)))),
    ...section(5, vector([[0, 1]])),
    ...section(7, vector([[...name('memory'), 2, 0], ...exported])),
    ...section(10, vector(bodies))
  ])
}

const integers = (count: number): Code[] => Array.from({ length: count }, () => [I32])
const sized = (code: Code): Code => [...leb(code.length), ...code]
const vector = (items: readonly Code[]): Code => [...leb(items.length), ...items.flat()]
const section = (id: number, content: Code): Code => [id, ...sized(content)]
const name = (text: string): Code => sized([...text].map((char) => char.charCodeAt(0)))
