import path from '#path'
import { shellWord } from '../../config/start-command.ts'
import { readVersion } from '../../version.ts'
import { SEAL_LINE } from '../generated.ts'
import type { StartPlan } from '../plan.ts'
import { scriptPath } from '../scripts/start-scripts.ts'
import { plainPath, type Surroundings } from './surroundings.ts'

export function agentLabel(peer: string): string {
  return `intercom.${peer}`
}

/** An agent of the user: it starts when they log in. */
export function launchdAgent(plan: StartPlan, file: string, { home, path: searched }: Surroundings): string {
  const { peer } = plan
  const label = agentLabel(peer)
  const log = path.join(home, 'Library', 'Logs', `${label}.log`)
  const agents = `~/Library/LaunchAgents/${label}.plist`
  const notes = [
    `Runs the Intercom peer "${peer}" under launchd.`,
    `Made by Intercom ${readVersion()}, ${SEAL_LINE}`,
    `and made again by the line in scripts/start-${peer}.sh.`,
    '',
    'To install it, and to see how it is:',
    `  cp ${shellWord(file)} ${agents}`,
    `  launchctl bootstrap gui/$(id -u) ${agents}`,
    `  launchctl print gui/$(id -u)/${label}`,
    `  launchctl bootout gui/$(id -u)/${label}   (ends it)`,
    '',
    'What the node logs is in the file below. To have it rotated, write into',
    `/etc/newsyslog.d/${label}.conf (logfilename, mode, count, size in kB, when, flags):`,
    `  ${log}  600  5  10240  *  J`,
    'After a rotation start the agent again: launchd keeps the old file open.',
    'macOS enforces no limit of memory for agents.'
  ]
  const lines = [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">',
    '<!--',
    ...notes.map((note) => (note === '' ? '' : `  ${comment(note)}`)),
    '-->',
    '<plist version="1.0">',
    '<dict>',
    ...entry('Label', text(label)),
    ...entry('ProgramArguments', ...array(['/bin/sh', scriptPath(plan, 'sh'), '--terminal', '0'])),
    ...entry('EnvironmentVariables', '<dict>', ...entry('PATH', text(searched)), '</dict>'),
    ...entry('RunAtLoad', '<true/>'),
    '  <!-- Again when it failed; no sooner than 30 seconds after the start before. -->',
    ...entry('KeepAlive', '<dict>', ...entry('SuccessfulExit', '<false/>'), '</dict>'),
    ...entry('ThrottleInterval', '<integer>30</integer>'),
    '  <!-- It ends in order within 5 seconds. -->',
    ...entry('ExitTimeOut', '<integer>15</integer>'),
    ...entry('ProcessType', text('Background')),
    '  <!-- 0077: what it writes is for its user alone. -->',
    ...entry('Umask', '<integer>63</integer>'),
    ...entry(
      'SoftResourceLimits',
      '<dict>',
      ...entry('NumberOfFiles', '<integer>65536</integer>'),
      '</dict>'
    ),
    ...entry('StandardOutPath', text(log)),
    ...entry('StandardErrorPath', text(log)),
    '</dict>',
    '</plist>'
  ]
  return `${lines.join('\n')}\n`
}

function entry(key: string, ...value: readonly string[]): string[] {
  return [`  <key>${escaped(key)}</key>`, ...value.map((line) => `  ${line}`)]
}

function array(texts: readonly string[]): string[] {
  return ['<array>', ...texts.map((each) => `  ${text(each)}`), '</array>']
}

function text(value: string): string {
  return `<string>${escaped(value)}</string>`
}

function escaped(value: string): string {
  return plainPath(value).replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}

/** Two dashes would be the end of it. */
function comment(line: string): string {
  return plainPath(line).replace(/-(?=-)/g, '- ')
}
