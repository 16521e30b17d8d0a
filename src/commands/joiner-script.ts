import { messageOf } from '../base/errors.ts'
import { claimScript, type NewScript } from '../base/new-script.ts'
import { printable } from '../base/text.ts'
import type { CommandOutput } from './registry.ts'

interface JoinerOutput extends CommandOutput {
  readonly result: { readonly joiner: string }
}

/**
 * An answer with a command line for another peer; with a name, that line is written into a script as well. Where there
 * can be no such file, nothing is done: what is signed for somebody is not to be lost in an error.
 */
export function withScript(
  name: string | undefined,
  about: string,
  answer: () => JoinerOutput
): CommandOutput {
  if (name === undefined) return answer()
  const script = claimScript(name)
  const answered = answerOrDrop(script, answer)
  const { lines, result } = answered
  try {
    script.write(joinerScript(result.joiner, about))
  } catch (error) {
    // Such as a disk that was full just then.
    script.drop()
    return { ...answered, lines: [...lines, `There is no script: ${printable(messageOf(error))}`] }
  }
  return {
    lines: [...lines, `The same as a script, for somebody else to run: ${printable(script.file)}`],
    result: { ...result, script: script.file }
  }
}

function answerOrDrop(script: NewScript, answer: () => JoinerOutput): JoinerOutput {
  try {
    return answer()
  } catch (error) {
    script.drop()
    throw error
  }
}

/** For a POSIX shell; the line is quoted for one already. */
export function joinerScript(joiner: string, about: string): string {
  return `${[
    '#!/bin/sh',
    `# ${printable(about)} Run it in the folder of the project:`,
    '#   sh <this file>',
    '# It only runs the line at its end, in this terminal; what is given to the script is added to it, such as',
    '#   sh <this file> --peer-store-name bob',
    '# Read that line before you run it: it says whom you join, and under which rules.',
    'stop() {',
    '  printf \'intercom: %s\\n\' "$1" >&2',
    '  exit 1',
    '}',
    '{ [ -f scripts/launch.mjs ] && grep -q \'"name": "intercom"\' package.json 2>/dev/null; } ||',
    "  stop 'Run this in the folder of the project: cd there first.'",
    '{ [ -d node_modules ] && [ -f dist/src/main.js ]; } || stop \'Run "npm install" in this folder first.\'',
    '',
    `exec ${joiner} "$@"`
  ].join('\n')}\n`
}
