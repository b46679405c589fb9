import type { App, Channel, Message, StoredFile } from '../model.ts';
import type { World } from '../world.ts';
import { fileShape } from './file.ts';

export interface MessageView {
  /** History calls show metadata only on request; events always do. */
  readonly metadata: boolean;
  /** Counts of the thread on its root; events of a new message have none. */
  readonly thread: boolean;
  /** Events name a shared file by subtype, and then leave the team out; history does neither. */
  readonly fileSubtype: boolean;
}

export const historyView: MessageView = { metadata: false, thread: true, fileSubtype: false };
export const historyWithMetadata: MessageView = { metadata: true, thread: true, fileSubtype: false };
export const eventView: MessageView = { metadata: true, thread: false, fileSubtype: true };
/** `message` and `previous_message` inside `message_changed` and `message_deleted`. */
export const changedView: MessageView = { metadata: true, thread: true, fileSubtype: false };

/** A message as Slack writes it, without the channel. */
export function messageShape(
  world: World,
  channel: Channel,
  message: Message,
  view: MessageView,
): WireMessage {
  const app = message.botId === undefined ? undefined : world.appsByBot.get(message.botId);
  const files = message.files.map((id) => world.files.get(id)).filter((file) => file !== undefined);
  const root = message.threadTs === undefined ? undefined : channel.messages.get(message.threadTs);
  const isReply = message.threadTs !== undefined && message.threadTs !== message.ts;
  return {
    type: 'message' as const,
    hidden: message.subtype === 'tombstone' ? true : undefined,
    subtype: message.subtype ?? (view.fileSubtype && files.length > 0 ? 'file_share' : undefined),
    user: message.user,
    text: message.text,
    ts: message.ts,
    client_msg_id: message.clientMsgId,
    bot_id: message.botId,
    app_id: message.appId,
    username: message.username,
    icons: message.icons,
    team: view.fileSubtype && files.length > 0 ? undefined : teamOf(world, channel, message),
    bot_profile: app !== undefined && message.username === undefined ? botProfile(world, app) : undefined,
    blocks: message.blocks,
    attachments: message.attachments,
    metadata: view.metadata ? message.metadata : undefined,
    ...filesShape(world, files),
    thread_ts: message.threadTs ?? (view.thread && channel.threads.has(message.ts) ? message.ts : undefined),
    parent_user_id: isReply || message.subtype === 'tombstone' ? (root ?? message).user : undefined,
    root:
      message.subtype === 'thread_broadcast' && root
        ? messageShape(world, channel, root, { ...historyView, thread: true })
        : undefined,
    ...(view.thread && !isReply ? threadShape(channel, message) : {}),
    edited: message.edited,
    reactions: view.thread && message.reactions.length > 0 ? reactionsShape(message) : undefined,
    pinned_to: view.thread && channel.pins.has(message.ts) ? [channel.id] : undefined,
    ...message.details,
  };
}

/** The fields that any message can have; subtypes add their own. */
export interface WireMessage {
  readonly type: 'message';
  readonly subtype?: string | undefined;
  readonly user?: string | undefined;
  readonly text: string;
  readonly ts: string;
  readonly client_msg_id?: string | undefined;
  readonly bot_id?: string | undefined;
  readonly app_id?: string | undefined;
  readonly username?: string | undefined;
  readonly icons?: Readonly<Record<string, string>> | undefined;
  readonly team?: string | undefined;
  readonly bot_profile?: BotProfileShape | undefined;
  readonly blocks?: readonly unknown[] | undefined;
  readonly attachments?: readonly unknown[] | undefined;
  readonly metadata?: unknown;
  readonly files?: readonly ReturnType<typeof fileShape>[] | undefined;
  readonly thread_ts?: string | undefined;
  readonly parent_user_id?: string | undefined;
  readonly root?: WireMessage | undefined;
  readonly reply_count?: number | undefined;
  readonly reply_users_count?: number | undefined;
  readonly reply_users?: readonly string[] | undefined;
  readonly latest_reply?: string | undefined;
  readonly edited?: { readonly user: string; readonly ts: string } | undefined;
  readonly reactions?:
    | readonly { readonly name: string; readonly users: readonly string[]; readonly count: number }[]
    | undefined;
  readonly pinned_to?: readonly string[] | undefined;
  readonly upload?: boolean | undefined;
  readonly display_as_bot?: boolean | undefined;
  readonly is_locked?: boolean | undefined;
  readonly subscribed?: boolean | undefined;
  readonly hidden?: boolean | undefined;
}

export type BotProfileShape = ReturnType<typeof botProfile>;

export function botProfile(world: World, app: App) {
  const icon = app.iconUrl ?? `${world.url}/avatars/${app.botId}`;
  return {
    id: app.botId,
    app_id: app.id,
    user_id: app.botUserId,
    name: app.name,
    icons: { image_36: `${icon}_36.png`, image_48: `${icon}_48.png`, image_72: `${icon}_72.png` },
    deleted: !app.installed,
    updated: world.teams.get(app.teamId)?.created ?? 0,
    team_id: app.teamId,
  };
}

/** Posts under a name of their own have no user, hence no team. */
function teamOf(world: World, channel: Channel, message: Message): string | undefined {
  if (message.user === undefined) return undefined;
  return world.users.get(message.user)?.teamId ?? channel.teamId;
}

function filesShape(world: World, files: readonly StoredFile[]) {
  if (files.length === 0) return {};
  return { files: files.map((file) => fileShape(world, file)), upload: false, display_as_bot: false };
}

function reactionsShape(message: Message) {
  return message.reactions.map(({ name, users }) => ({ name, users: [...users], count: users.length }));
}

function threadShape(channel: Channel, message: Message) {
  const replies = channel.threads.get(message.ts) ?? [];
  if (replies.length === 0 && message.subtype !== 'tombstone') return {};
  const users = new Set<string>();
  for (const reply of replies) users.add(reply.user ?? reply.botId ?? '');
  return {
    reply_count: replies.length,
    reply_users_count: users.size,
    latest_reply: replies.at(-1)?.ts ?? '0000000000.000000',
    reply_users: [...users].slice(0, 5),
    is_locked: false,
    subscribed: false,
  };
}
