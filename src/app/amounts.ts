/** Amounts as contracts keep them: whole numbers of the smallest unit, as decimal strings (spec/subnet 3.2). */

const MAX_AMOUNT = 2n ** 128n - 1n
const DECIMAL = /^(\d*)(?:\.(\d*))?$/
const MAX_DIGITS = 1024

export function safeBigInt(value: unknown): bigint | null {
  try {
    return BigInt(value as string)
  } catch {
    // Not a whole number: the answer is what says so.
    return null
  }
}

/** '1.5' -> '1500000000000000000'. Digits past the last decimal are cut; what is not an amount is '0'. */
export function toBigIntString(decimal: unknown, decimals = 18): string {
  const amount = parseDecimal(decimal, decimals)
  return amount === null || amount > MAX_AMOUNT ? '0' : amount.toString()
}

/** '1500000000000000000' -> '1.5'. What is not an amount, or out of range, is '0'. */
export function fromBigIntString(value: unknown, decimals = 18): string {
  const text = String(value)
  const amount = text.includes('.') ? parseDecimal(text, decimals) : whole(text)
  if (amount === null || amount > MAX_AMOUNT || !isDecimals(decimals)) return '0'
  if (decimals === 0) return amount.toString()
  const digits = amount.toString().padStart(decimals + 1, '0')
  const fraction = digits.slice(-decimals).replace(/0+$/, '')
  return digits.slice(0, -decimals) + (fraction === '' ? '' : `.${fraction}`)
}

function parseDecimal(value: unknown, decimals: number): bigint | null {
  const text = String(value).trim()
  const [match, units = '', fraction = ''] = text.length <= MAX_DIGITS ? (DECIMAL.exec(text) ?? []) : []
  if (match === undefined || units + fraction === '' || !isDecimals(decimals)) return null
  return BigInt(units + fraction.slice(0, decimals).padEnd(decimals, '0') || '0')
}

function whole(text: string): bigint | null {
  return text.length <= MAX_DIGITS && /^\d+$/.test(text) ? BigInt(text) : null
}

function isDecimals(decimals: number): boolean {
  return Number.isInteger(decimals) && decimals >= 0 && decimals <= MAX_DIGITS
}
