import { printable } from './text.ts'

/**
 * Every error a person, an agent or a script can meet: a stable code, the exit code of a process that
 * ends with it, and the step that helps when the place that throws has no better one.
 */
export const ERRORS = {
  unknown_flag: { exit: 2, next: 'Run with --help to see every flag.' },
  bad_flag: { exit: 2, next: 'Run with --help to see what each flag accepts.' },
  unknown_word: {
    exit: 2,
    next: 'Subcommands come first; the name of a store is taken after "start", "init", "status" and "doctor".'
  },
  bad_config_file: { exit: 2, next: 'Mend the file, or move it away to start with the defaults.' },
  bad_answers: {
    exit: 2,
    next: 'Mend that and ask again; nothing was written. "init --help" lists every decision.'
  },
  not_answered: {
    exit: 1,
    next: 'Answer every question (an empty line takes what stands in brackets), or give --yes or --answers <@file>.'
  },
  store_locked: { exit: 1, next: 'Stop that process, or pick another store with --peer-store-name.' },
  store_moved: {
    exit: 1,
    next: 'A copied store does not open. Use the original, or start a new store and copy only db/keypair.json into it.'
  },
  store_broken: {
    exit: 1,
    next: 'Check the disk (space, permissions). If the store is damaged, copy its db/keypair.json into a new one.'
  },
  store_newer: {
    exit: 1,
    next: 'Start it with the version of Intercom that it was last opened with, or a later one. Nothing in it was touched.'
  },
  store_unwritable: { exit: 1, next: 'Make room on the disk of the store, and check the permissions.' },
  key_file_corrupt: {
    exit: 1,
    next: 'Put back a copy of the file. It was left as it is; without it this identity cannot be recovered.'
  },
  key_file_password: { exit: 1, next: 'Give the right password with --wallet-password-file.' },
  key_file_io: { exit: 1, next: 'Check the permissions of the file and of its folder.' },
  token_file: {
    exit: 1,
    next: 'Name a file that holds one token of at least 16 characters, or leave its flag out to have one made.'
  },
  port_in_use: { exit: 1, next: 'Stop the process that holds the port, or pick another one.' },
  unknown_command: { exit: 2, next: 'Type /help to see every command.' },
  bad_arguments: { exit: 2, next: 'Type /help <command> to see its arguments.' },
  denied: { exit: 1, next: 'Nothing was done.' },
  uninvited: {
    exit: 1,
    next: 'Ask the owner for an invite to this peer, then /sc_join --channel <name> --invite <json|b64|@file>.'
  },
  owner_only: { exit: 1, next: 'Ask the owner to send it, or use a channel in which everybody may write.' },
  no_owner: {
    exit: 1,
    next: 'Give the owner key: /sc_join --channel <name> --owner <hex>, or --sidechannel-owner at start.'
  },
  too_large: { exit: 1, next: 'Shorten or split the message.' },
  unserialisable: { exit: 1, next: 'Send JSON that nests at most 64 deep.' },
  rate_limited: { exit: 1, next: 'Wait until the neighbours have taken what is queued, then send again.' },
  not_joined: { exit: 1, next: 'Join it first: /sc_join --channel <name>.' },
  bad_invite: { exit: 1, next: 'Ask an inviter for an invite to this peer and this channel.' },
  bad_welcome: { exit: 1, next: 'Ask the owner of the channel for its welcome_b64.' },
  no_request: {
    exit: 1,
    next: 'List the requests with /sc_pending, or join with /sc_join --channel <name>.'
  },
  script_exists: { exit: 1, next: 'Give another name, or move that file away.' },
  script_unwritable: { exit: 1, next: 'Check the permissions of the folder, and the room on its disk.' },
  changed_by_hand: {
    exit: 1,
    next: 'Move the files away to keep what you changed, or have them replaced with --force. Nothing was written.'
  },
  setup_unwritable: { exit: 1, next: 'Check the permissions of the folder, and the room on its disk.' },
  setup_unsupported: { exit: 1, next: 'Use a folder with a plainer name.' },
  not_confirmed: { exit: 1, next: 'Nothing was done.' },
  app_missing: {
    exit: 1,
    next: 'Name the folder of an app with --app: it holds contract.js and protocol.js, or contract.ts and protocol.ts.'
  },
  app_broken: { exit: 1, next: 'Mend the app; docs/apps.md says what one consists of.' },
  subnet_mismatch: {
    exit: 1,
    next: 'Take another store with --peer-store-name: a store with a history belongs to one subnet.'
  },
  subnet_interrupted: { exit: 1, next: 'Read the reason in the log of the node; /stats shows it too.' },
  state_split: {
    exit: 1,
    next: 'Compare the line App of /stats with that of the indexers. Start the node again with the same app: it then takes over what they have signed (docs/operations.md says more).'
  },
  subnet_refused: { exit: 1, next: 'Look at the roles and at the state, then try again.' },
  import_refused: {
    exit: 1,
    next: 'Read docs/subnet-migration.md: it says what can be moved, and from where.'
  },
  no_subnet: { exit: 1, next: 'Start the node without --subnet 0.' },
  no_admin: { exit: 1, next: 'That is for the node that made the subnet: its writer key is the bootstrap.' },
  not_writable: {
    exit: 1,
    next: 'Ask the admin to add the writer key of this peer: /add_writer --key <key> (/stats shows it).'
  },
  contract_error: { exit: 1, next: 'Mend the command; --sim 1 tries it without writing anything.' },
  contract_too_slow: {
    exit: 1,
    next: 'Tell whoever wrote the app: its contract takes too long for this command.'
  },
  contract_crashed: {
    exit: 1,
    next: 'Tell whoever wrote the app: its contract ends the process it runs in.'
  },
  contract_differs: {
    exit: 1,
    next: 'Tell whoever wrote the app: a contract may use only what it is given and what it reads from the state.'
  },
  contract_untried: { exit: 1, next: 'Try again. With --log-level debug the log of the node says more.' },
  settlement_unavailable: {
    exit: 1,
    next: 'Only try it (--sim 1), or use a subnet with the settlement "local": those made with /add_admin are.'
  },
  tx_disabled: { exit: 1, next: 'The admin switches transactions on: /enable_transactions --enabled 1.' },
  tx_unknown_command: { exit: 1, next: 'Give a command that the app knows.' },
  closed: { exit: 1, next: 'Start the node again.' },
  no_node: {
    exit: 3,
    next: 'Start the node with --sc-bridge 1, or name another one with --peer-store-name.'
  },
  bridge_off: { exit: 3, next: 'Start the node with --sc-bridge 1.' },
  no_token: { exit: 4, next: 'Give --sc-bridge-token-file, or set SC_BRIDGE_TOKEN in the environment.' },
  output_failed: { exit: 1, next: 'See where standard output goes (disk space).' },
  timed_out: { exit: 1, next: 'Wait longer, or for less.' },
  command_failed: { exit: 1, next: 'List the commands with "npm start -- cli /help".' },
  internal: { exit: 1, next: 'This is a fault of the program: please report it with the lines above.' }
} as const satisfies Record<string, { exit: number; next: string }>

export type ErrorCode = keyof typeof ERRORS

export class IntercomError extends Error {
  readonly code: ErrorCode
  /** What the reader can do about it. */
  readonly next: string

  constructor(code: ErrorCode, message: string, options: { next?: string; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'IntercomError'
    this.code = code
    this.next = options.next ?? ERRORS[code].next
  }

  get exitCode(): number {
    return ERRORS[this.code].exit
  }
}

export function toIntercomError(error: unknown): IntercomError {
  if (error instanceof IntercomError) return error
  return new IntercomError('internal', messageOf(error), { cause: error })
}

export function messageOf(error: unknown): string {
  if (error instanceof Error) return error.message
  // Anything can be thrown, even an object that has no text.
  return typeof error === 'object' && error !== null ? Object.prototype.toString.call(error) : String(error)
}

/** Why a text is not JSON. The parser quotes what it was given, which may hold a secret: where it stopped is enough. */
export function notJson(error: unknown): string {
  return printable(messageOf(error).replace(/, (\.\.\.)?".*$/s, ''))
}

/** Markdown reference of every code. */
export function errorsMarkdown(): string {
  const out = [
    '# Errors',
    '',
    'Made from the table in `src/base/errors.ts` by `npm run docs`; do not edit by hand.',
    '',
    'Every error has a code that stays the same, a sentence, and a next step. A process that ends with an error ends',
    'with its exit code. Where the place that fails knows a better step than the one here, it names that instead.',
    '',
    '| code | exit code | what to do |',
    '| --- | --- | --- |'
  ]
  for (const [code, { exit, next }] of Object.entries(ERRORS)) {
    out.push(`| \`${code}\` | ${exit} | ${next.replaceAll('|', '\\|').replaceAll('<', '&lt;')} |`)
  }
  out.push('')
  return out.join('\n')
}

/** The `code` of a system or library error, such as `ENOENT`. */
export function systemCode(error: unknown): string | null {
  const code = (error as { code?: unknown } | null)?.code
  return typeof code === 'string' ? code : null
}
