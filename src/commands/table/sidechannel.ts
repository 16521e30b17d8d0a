import { channelName, token } from '../../config/sidechannel-types.ts'
import { hexKey, int, text } from '../../config/types.ts'
import { type CommandRow, needed, optional } from '../row.ts'
import { script } from '../types.ts'

const MOST_TEXT = 1024 * 1024
const channel = needed(channelName, 'The channel.')
const invite = optional(token('invite'), 'A signed invite, from /sc_invite.')
const welcome = optional(token('welcome'), "The owner's signed welcome, from /sc_welcome.")
const owner = optional(hexKey, "The owner's peer public key, where none is configured.")

export const SIDECHANNEL_COMMANDS = {
  sc_join: {
    args: { channel, invite, welcome, owner },
    effect: 'write',
    who: 'anyone',
    help: 'Join a sidechannel, or create it.',
    example: '/sc_join --channel lobby'
  },
  sc_leave: {
    args: { channel },
    effect: 'write',
    who: 'anyone',
    help: 'Leave a sidechannel and forget its invite and welcome.',
    example: '/sc_leave --channel lobby'
  },
  sc_send: {
    args: { channel, message: needed(text('<text>', { most: MOST_TEXT }), 'What to send.'), invite, welcome },
    effect: 'write',
    who: 'anyone',
    help: 'Send a message to everybody in a sidechannel.',
    example: '/sc_send --channel 0000intercom --message "hello there"'
  },
  sc_open: {
    args: {
      channel,
      via: optional(channelName, 'Where to ask (default: the entry channel).'),
      invite,
      welcome
    },
    effect: 'write',
    who: 'anyone',
    help: 'Ask others to open a sidechannel.',
    example: '/sc_open --channel lobby'
  },
  sc_invite: {
    args: {
      channel,
      pubkey: needed(hexKey, 'The peer public key of whoever is invited.'),
      ttl: optional(
        int(1, 10 * 365 * 86_400, '<sec>'),
        'How long it is valid (default: --sidechannel-invite-ttl).'
      ),
      welcome,
      script
    },
    effect: 'write',
    who: 'anyone',
    help: 'Sign an invite for one peer.',
    example: `/sc_invite --channel lobby --pubkey ${'0'.repeat(64)} --ttl 3600`
  },
  sc_welcome: {
    args: { channel, text: needed(text('<text>'), 'What it says.'), script },
    effect: 'write',
    who: 'anyone',
    help: 'Sign the welcome of a channel, as its owner.',
    example: '/sc_welcome --channel lobby --text "Be kind."'
  },
  sc_pending: {
    args: {},
    effect: 'read',
    who: 'anyone',
    help: 'List the requests of others to open sidechannels.',
    example: '/sc_pending'
  },
  sc_accept: {
    args: { channel, invite, owner },
    effect: 'write',
    who: 'anyone',
    help: 'Join a sidechannel that somebody asked to open.',
    example: '/sc_accept --channel lobby'
  },
  sc_stats: {
    args: {},
    effect: 'read',
    who: 'anyone',
    help: 'Show the sidechannels: neighbours, counts, drops by reason, the clock.',
    example: '/sc_stats'
  }
} as const satisfies Record<string, CommandRow>
