/** Commands of the terminal that append one operation; programs give the same arguments as an object. */
export const SUBNET_OPERATIONS = [
  'add_admin',
  'update_admin',
  'add_indexer',
  'add_writer',
  'remove_writer',
  'remove_indexer',
  'unban',
  'set_auto_add_writers',
  'enable_transactions',
  'set_chat_status',
  'set_mod',
  'mute_status',
  'delete_message',
  'pin_message',
  'unpin_message',
  'enable_whitelist',
  'set_whitelist_status',
  'set_app'
] as const
export type SubnetOperation = (typeof SUBNET_OPERATIONS)[number]
