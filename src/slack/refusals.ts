/** Slack's refusals in people's words: what is wrong and what can be done. Shown to the sender. */

const words: Readonly<Record<string, string>> = {
  channel_not_found:
    'the Slack channel is gone, or private and the bridge’s bot was never invited. Invite the bot there with /invite.',
  not_in_channel: 'the bridge’s bot isn’t a member of the Slack channel. Invite it there with /invite.',
  is_archived: 'the Slack channel is archived. Unarchive it in Slack to go on.',
  method_not_supported_for_channel_type:
    'Slack doesn’t let the bot do this in a channel of this kind. In a private channel, a member has to invite it with /invite.',
  restricted_action:
    'the workspace’s settings don’t let the bot do this. An admin of the workspace can allow it.',
  restricted_action_read_only_channel:
    'only some members may post in this Slack channel, and the bot is not one of them.',
  restricted_action_thread_only_channel: 'this Slack channel takes new messages in threads only.',
  restricted_action_non_threadable_channel: 'this Slack channel takes no replies in threads.',
  restricted_action_thread_locked: 'the Slack thread is locked.',
  thread_locked: 'the Slack thread is locked.',
  cant_broadcast_message: 'Slack doesn’t show this message in the channel.',
  cannot_reply_to_message: 'Slack takes no reply to this message.',
  thread_not_found: 'the Slack thread is gone.',
  message_not_found: 'the Slack message is gone.',
  no_text: 'there was no text that Slack could show.',
  msg_too_long: 'the message is too long for Slack.',
  msg_blocks_too_long: 'the message is too long for Slack.',
  too_many_attachments: 'the message has too many parts for Slack.',
  invalid_blocks: 'Slack can’t show the format of this message.',
  invalid_blocks_format: 'Slack can’t show the format of this message.',
  cant_update_message: 'Slack doesn’t let the bridge change this message.',
  edit_window_closed: 'the workspace doesn’t allow edits of messages this old.',
  cant_delete_message: 'Slack doesn’t let the bridge delete this message.',
  compliance_exports_prevent_deletion:
    'the workspace keeps all messages: Slack doesn’t let the bridge delete this one.',
  invalid_name: 'the Slack workspace has no emoji of this name.',
  too_many_emoji: 'the Slack message has as many different reactions as Slack allows.',
  too_many_reactions: 'the Slack message has as many reactions as Slack allows.',
  not_reactable: 'Slack takes no reactions to this message.',
  bad_timestamp: 'Slack doesn’t know this message.',
  user_not_found: 'Slack doesn’t know this person.',
  user_not_visible: 'Slack doesn’t show this person to the bridge.',
  users_not_found: 'Slack doesn’t know this person.',
  bot_not_found: 'Slack doesn’t know this app.',
  not_authorized:
    'Slack lets only who made a channel, and admins of the workspace, do this. It can be done in Slack.',
  permission_denied: 'the workspace’s settings don’t let the bot do this.',
  cant_kick_from_general: 'nobody can be removed from the channel that all of the workspace are in.',
  cant_kick_self: 'the bot can’t remove itself.',
  cant_invite: 'Slack doesn’t let the bot invite this person.',
  cant_invite_self: 'the bot is there already.',
  user_is_restricted: 'guests can be invited by people of the workspace only.',
  user_team_not_in_channel: 'this person’s organisation has no part in the Slack channel.',
  too_many_members: 'the Slack channel has as many members as Slack allows.',
  name_taken: 'another Slack channel has this name.',
  too_many_pins: 'the Slack channel has as many pinned messages as Slack allows.',
  no_permission: 'the workspace doesn’t let the bot do this.',
  not_allowed_token_type: 'Slack doesn’t take this kind of token. The bot token begins with xoxb-.',
  ekm_access_denied: 'the workspace has suspended access to its messages.',
  file_type_not_allowed: 'the workspace’s settings don’t allow files of this kind.',
  file_upload_size_restricted: 'the file is too large for the workspace.',
  file_uploads_disabled: 'the workspace’s settings don’t allow any files.',
  file_uploads_except_images_disabled: 'the workspace’s settings allow no other files than pictures.',
  storage_limit_reached: 'the workspace has no room for more files. An admin of the workspace can make some.',
  posting_to_channel_denied: 'the workspace’s settings don’t let the bot post in the Slack channel.',
  file_not_found: 'Slack doesn’t know the file any more.',
  cant_delete_file: 'Slack doesn’t let the bridge delete the file.',
  slack_connect_file_link_sharing_blocked: 'the organisation doesn’t allow this in shared channels.',
};

/** Where the one who may not is a linked person, to whom it is said. */
const wordsToPerson: Readonly<Record<string, string>> = {
  channel_not_found: 'the Slack channel is gone, or private and you aren’t a member of it.',
  not_in_channel: 'you aren’t a member of the Slack channel. Join it in Slack.',
  method_not_supported_for_channel_type: 'Slack doesn’t let you do this in a channel of this kind.',
  restricted_action: 'the workspace’s settings don’t let you do this.',
  restricted_action_read_only_channel:
    'only some members may post in this Slack channel, and you are not one of them.',
  cant_update_message: 'Slack doesn’t let you change this message.',
  cant_delete_message: 'Slack doesn’t let you delete this message.',
  permission_denied: 'the workspace’s settings don’t let you do this.',
  no_permission: 'the workspace doesn’t let you do this.',
  not_allowed_token_type: 'Slack lets no app do this as you.',
  user_is_restricted: 'the workspace’s settings don’t let you do this.',
  posting_to_channel_denied: 'the workspace’s settings don’t let you post in the Slack channel.',
  cant_delete_file: 'Slack doesn’t let you delete the file.',
};

interface Refused {
  /** The permission that Slack names as missing. */
  readonly needed?: string;
  /** It was done with a person's own token. */
  readonly byPerson: boolean;
}

export function refusalWords(code: string, { needed, byPerson }: Refused): string {
  if (code === 'missing_scope' && byPerson)
    return `the bridge’s Slack app lacks your permission ${needed ?? 'for this'}. Log in to Slack again.`;
  if (code === 'missing_scope')
    return `the Slack app lacks the permission ${needed ?? 'for this'}. An admin has to add it to the app and install it again.`;
  const own = byPerson && Object.hasOwn(wordsToPerson, code) ? wordsToPerson[code] : undefined;
  return own ?? (Object.hasOwn(words, code) ? words[code] : undefined) ?? `Slack refused it (${code}).`;
}
