// Comments, texts, what may be a regular expression, and the braces that tell where a template goes on.
const TOKEN =
  /\/\/[^\n]*|\/\*[\s\S]*?(?:\*\/|$)|'(?:\\[\s\S]|[^'\\\n])*'|"(?:\\[\s\S]|[^"\\\n])*"|\/(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\[\n])+\/|[`{}]/g
/** Of a template, up to its end or to what it computes. */
const TEXT = /(?:\\[\s\S]|\$(?!\{)|[^`\\$])*/y

// After anything else a slash divides.
const BEFORE_EXPRESSION =
  /(?:^|[=(,:;!&|?{}[+\-*%~^<>]|\b(?:return|typeof|case|in|of|do|else|yield|await|void|delete|throw)|\b(?:if|while|for)\s*\([^()]*\))$/

/** The source with blanks for what is not code, character for character; the quotes of texts stay. */
export function blank(source: string): string {
  /** Of each brace that is open, whether a template goes on behind it. */
  const braces: boolean[] = []
  let code = ''
  while (code.length < source.length) {
    TOKEN.lastIndex = code.length
    const match = TOKEN.exec(source)
    code += source.slice(code.length, match?.index)
    if (match === null) break
    const [token] = match
    const first = token[0] as string
    if (first === '`' || (first === '}' && braces.pop())) {
      TEXT.lastIndex = code.length + 1
      code += first + spaces(TEXT.exec(source)?.[0] ?? '')
      const isOver = source[code.length] !== '$'
      code += source.slice(code.length, code.length + (isOver ? 1 : 2))
      if (!isOver) braces.push(true)
    } else if (first === '{' || first === '}') {
      if (first === '{') braces.push(false)
      code += first
    } else if (token.startsWith('//') || token.startsWith('/*')) {
      code += spaces(token)
    } else if (first === '/' && !BEFORE_EXPRESSION.test(code.slice(-200).trimEnd())) {
      code += first
    } else {
      code += first + spaces(token.slice(1, -1)) + first
    }
  }
  return code
}

/** As many blanks, on as many lines. */
export function spaces(text: string): string {
  return text.replace(/[^\n]/g, ' ')
}
