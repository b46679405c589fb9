/** The permissions of the Slack app, and the events that it is told. `config/slack-app-manifest.yaml` asks for these. */

/** Without one of these the bridge can't work, and doesn't start. */
export const requiredScopes = [
  'channels:history',
  'channels:read',
  'chat:write',
  'chat:write.customize',
  'metadata.message:read',
  'reactions:read',
  'reactions:write',
  'users:read',
] as const;

/** What goes missing without each of these. */
export const optionalScopes = {
  'bookmarks:read': 'the bookmarks of channels aren’t shown',
  'channels:join': 'the bot can’t join public channels by itself',
  commands:
    'there is no command /matrix in Slack, with which people link their accounts from there, and nothing of the bridge in the menus of messages',
  'channels:manage': 'nobody is invited to public channels, or removed from them, from Matrix',
  'emoji:read': 'the workspace’s own emoji are shown by their names',
  'channels:write.topic': 'topics from Matrix don’t reach public channels',
  'files:read': 'files from Slack come as links to them',
  'files:write': 'of files from Matrix only the names are shown, and very long messages come in many posts',
  'groups:history': 'messages in private channels don’t reach Matrix',
  'groups:write': 'nobody is invited to private channels, or removed from them, from Matrix',
  'users:read.email': 'people aren’t matched by their e-mail addresses',
  'groups:read': 'private channels aren’t seen',
  'team:read': 'rooms that the bridge makes are without the workspace’s picture',
  'usergroups:read': 'usergroups are shown by their id instead of their name',
  'groups:write.topic': 'topics from Matrix don’t reach private channels',
  'pins:read': 'messages that are pinned in Slack aren’t pinned in Matrix',
  'pins:write': 'messages that are pinned in Matrix aren’t pinned in Slack',
} as const;

/**
 * The entries in each message's menu, by their callback ids. Slack takes five, with names of at most 24 characters.
 * @see https://docs.slack.dev/interactivity/implementing-shortcuts
 */
export const messageShortcuts = {
  matrix_copy_link: {
    name: 'Copy Matrix link',
    description: 'Shows you the address of this message on Matrix.',
  },
  matrix_retry: {
    name: 'Retry on Matrix',
    description: 'Tries again what did not reach Matrix of this message.',
  },
  matrix_listeners: {
    name: 'Who listens on Matrix',
    description: 'Shows you who reads this channel on Matrix.',
  },
} as const;

export type ShortcutId = keyof typeof messageShortcuts;

/** The permission of the app-level token for Socket Mode. */
export const appTokenScope = 'connections:write';

/** The bot events that `slackEvent` reads. */
export const botEvents = [
  'app_uninstalled',
  'channel_archive',
  'channel_deleted',
  'channel_id_changed',
  'channel_left',
  'channel_rename',
  'channel_unarchive',
  'emoji_changed',
  'group_archive',
  'group_deleted',
  'group_left',
  'group_rename',
  'group_unarchive',
  'member_joined_channel',
  'member_left_channel',
  'message.channels',
  'message.groups',
  'pin_added',
  'pin_removed',
  'reaction_added',
  'reaction_removed',
  'subteam_created',
  'subteam_updated',
  'team_join',
  'tokens_revoked',
  'user_change',
] as const;

/** The bot events upon which the bridge asks Slack where it may be used: they are stored nowhere. */
export const accessEvents = ['team_access_granted', 'team_access_revoked'] as const;

/**
 * What people who log in are asked to permit. Which of them they gave is known of each; without `chat:write` the bot
 * goes on posting for them.
 */
export const userScopes = [
  'channels:history',
  'channels:read',
  'channels:write',
  'chat:write',
  'files:read',
  'files:write',
  'groups:history',
  'groups:read',
  'groups:write',
  'im:history',
  'im:read',
  'im:write',
  'mpim:history',
  'mpim:read',
  'mpim:write',
  'pins:read',
  'pins:write',
  'reactions:read',
  'reactions:write',
  'users:read',
] as const;

/** The events of what people who logged in can see. Those of public channels come to the bot. */
export const userEvents = [
  'member_joined_channel',
  'member_left_channel',
  'message.groups',
  'message.im',
  'message.mpim',
  'pin_added',
  'pin_removed',
  'reaction_added',
  'reaction_removed',
] as const;
