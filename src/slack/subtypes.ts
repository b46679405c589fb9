import type { AllMessageEvents } from '@slack/types';

/** What becomes of a message of a subtype. */
export type Treatment =
  /** As any message: somebody wrote it, or an app did. */
  | 'message'
  /** What its author did to the channel, in Slack's words: an emote. */
  | 'deed'
  /** A call in the channel: one line while it lasts, and how long it was when it is over. */
  | 'huddle'
  /** Not a message of its own: it tells what became of one. */
  | 'change'
  /** Members come and go with what they write; the room's list of members says the rest. */
  | 'members'
  /** What the channel shows of itself changed, or who may see it: see `messageEvent`. */
  | 'channel'
  /** Other events tell it, of the channel or of another message. */
  | 'elsewhere'
  /** It says nothing to people, or nothing that they may see. */
  | 'nothing';

/** Those that have a type of their own, without which this table isn't complete. */
type TypedSubtype = NonNullable<AllMessageEvents['subtype']>;

/** Those that Slack's documents or its exports name besides. */
type NamedSubtype =
  | 'assistant_app_thread'
  | 'bot_add'
  | 'bot_disable'
  | 'bot_enable'
  | 'bot_remove'
  | 'channel_canvas_updated'
  | 'channel_convert_to_private'
  | 'channel_convert_to_public'
  | 'file_comment'
  | 'file_mention'
  | 'group_archive'
  | 'group_join'
  | 'group_leave'
  | 'group_name'
  | 'group_purpose'
  | 'group_topic'
  | 'group_unarchive'
  | 'huddle_thread'
  | 'pinned_item'
  | 'reminder_add'
  | 'reply_broadcast'
  | 'tombstone'
  | 'unpinned_item';

/**
 * What becomes of each subtype of Slack's messages.
 * @see https://docs.slack.dev/reference/events/message
 */
const treatments: Readonly<Record<TypedSubtype | NamedSubtype, Treatment>> = {
  bot_message: 'message',
  file_share: 'message',
  me_message: 'message',
  thread_broadcast: 'message',

  bot_add: 'deed',
  bot_disable: 'deed',
  bot_enable: 'deed',
  bot_remove: 'deed',
  reminder_add: 'deed',

  huddle_thread: 'huddle',

  message_changed: 'change',
  message_deleted: 'change',

  channel_join: 'members',
  channel_leave: 'members',
  group_join: 'members',
  group_leave: 'members',

  channel_convert_to_private: 'channel',
  channel_convert_to_public: 'channel',
  channel_name: 'channel',
  channel_purpose: 'channel',
  channel_topic: 'channel',

  channel_archive: 'elsewhere', // the event of this name
  channel_unarchive: 'elsewhere',
  file_comment: 'elsewhere', // comments on files are messages since 2018
  file_mention: 'elsewhere', // the message that mentions the file
  group_archive: 'elsewhere',
  group_name: 'elsewhere',
  group_purpose: 'elsewhere',
  group_topic: 'elsewhere',
  group_unarchive: 'elsewhere',
  message_replied: 'elsewhere', // the reply itself
  pinned_item: 'elsewhere',
  reply_broadcast: 'elsewhere', // thread_broadcast
  unpinned_item: 'elsewhere',

  assistant_app_thread: 'nothing', // the empty root of a talk with an app
  channel_canvas_updated: 'nothing',
  channel_posting_permissions: 'nothing',
  ekm_access_denied: 'nothing', // the workspace's admins hold the text back
  tombstone: 'nothing', // a root that was deleted, and keeps its replies
};

/** A subtype that we don't know is shown as a message: better plainly than lost. */
export function treatmentOf(subtype: string | undefined): Treatment {
  if (subtype === undefined || !Object.hasOwn(treatments, subtype)) return 'message';
  return treatments[subtype as keyof typeof treatments]; // its own key, as was just asked
}

/** Whether what is of the subtype is a message to bridge, as long as somebody wrote it. */
export function becomesMessage(subtype: string | undefined): boolean {
  const treatment = treatmentOf(subtype);
  return treatment === 'message' || treatment === 'deed' || treatment === 'huddle';
}
