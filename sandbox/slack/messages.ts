import { randomUUID } from 'node:crypto';

import {
  publishChanged,
  publishDeleted,
  publishFile,
  publishFileShared,
  publishMessage,
  publishPin,
  publishReaction,
  snapshotMessage,
} from './events.ts';
import type { Channel, Message, Metadata } from './model.ts';
import { SLACKBOT } from './people.ts';
import type { World } from './world.ts';

/** What a new message may have; everything but the text is optional. */
export interface Draft {
  readonly text: string;
  readonly subtype?: string | undefined;
  readonly user?: string | undefined;
  readonly botId?: string | undefined;
  readonly appId?: string | undefined;
  readonly username?: string | undefined;
  readonly icons?: Readonly<Record<string, string>> | undefined;
  readonly byPerson?: boolean | undefined;
  readonly blocks?: readonly unknown[] | undefined;
  readonly blocksFromText?: boolean | undefined;
  readonly attachments?: readonly unknown[] | undefined;
  readonly metadata?: Metadata | undefined;
  readonly files?: readonly string[] | undefined;
  readonly threadTs?: string | undefined;
  readonly broadcast?: boolean | undefined;
  readonly details?: Readonly<Record<string, string>> | undefined;
}

/** Puts a message into the channel and tells the apps there. `threadTs` must be that of an existing message. */
export function addMessage(world: World, channel: Channel, draft: Draft): Message {
  const root = draft.threadTs === undefined ? undefined : channel.messages.get(draft.threadTs);
  const message: Message = {
    ts: world.nextTs(channel),
    subtype: draft.subtype ?? (root && draft.broadcast ? 'thread_broadcast' : undefined),
    user: draft.user,
    botId: draft.botId,
    appId: draft.appId,
    username: draft.username,
    icons: draft.icons,
    clientMsgId: draft.byPerson ? randomUUID() : undefined,
    text: draft.text,
    blocks: draft.blocks,
    blocksFromText: draft.blocksFromText ?? false,
    attachments: draft.attachments,
    metadata: draft.metadata,
    files: [...(draft.files ?? [])],
    // A reply to a reply goes into the root's thread.
    threadTs: root ? (root.threadTs ?? root.ts) : undefined,
    edited: undefined,
    reactions: [],
    details: draft.details,
  };
  world.append(channel, message);
  for (const id of message.files) share(world, channel, message, id);
  publishMessage(world, channel, message);
  touch(world, channel, message.ts);
  return message;
}

/** From now on the file is seen with the message. */
function share(world: World, channel: Channel, message: Message, fileId: string): void {
  const file = world.files.get(fileId);
  if (!file) return;
  const wasPublic = file.shares.some(({ channelId }) => world.channels.get(channelId)?.kind === 'public');
  file.shares.push({ channelId: channel.id, ts: message.ts });
  if (channel.kind === 'public' && !wasPublic) publishFile(world, file, 'file_public');
  publishFileShared(world, channel, file, message.user ?? file.user);
}

export interface Edit {
  readonly text?: string | undefined;
  readonly blocks?: readonly unknown[] | undefined;
  readonly blocksFromText?: boolean | undefined;
  readonly attachments?: readonly unknown[] | undefined;
  readonly metadata?: Metadata | undefined;
  readonly files?: readonly string[] | undefined;
  /** A reply is shown in the channel, too, from now on. */
  readonly broadcast?: boolean | undefined;
}

/** Changes what `edit` names. `by`: whose edit it is; without it (an unfurl) the message isn't marked as edited. */
export function changeMessage(
  world: World,
  channel: Channel,
  message: Message,
  edit: Edit,
  by?: string,
): void {
  const previous = snapshotMessage(world, channel, message);
  if (edit.text !== undefined) message.text = edit.text;
  if (edit.blocks !== undefined) message.blocks = edit.blocks.length > 0 ? edit.blocks : undefined;
  if (edit.blocksFromText !== undefined) message.blocksFromText = edit.blocksFromText;
  if (edit.attachments !== undefined)
    message.attachments = edit.attachments.length > 0 ? edit.attachments : undefined;
  if (edit.metadata !== undefined) message.metadata = edit.metadata;
  if (edit.files !== undefined) {
    for (const id of edit.files) if (!message.files.includes(id)) share(world, channel, message, id);
    message.files = [...edit.files];
  }
  if (edit.broadcast && message.subtype !== 'thread_broadcast') {
    message.subtype = 'thread_broadcast';
    world.insert(channel, message);
  }
  if (by !== undefined) message.edited = { user: by, ts: `${world.seconds()}.000000` };
  publishChanged(world, channel, snapshotMessage(world, channel, message), previous);
  touch(world, channel, message.ts);
}

/** Deletes a message; a root with replies leaves a tombstone that holds its thread together. */
export function deleteMessage(world: World, channel: Channel, message: Message): void {
  const previous = snapshotMessage(world, channel, message);
  const hasReplies = (channel.threads.get(message.ts)?.length ?? 0) > 0;
  world.remove(channel, message);
  if (hasReplies) {
    const tombstone = tombstoneOf(message);
    world.insert(channel, tombstone);
    publishChanged(world, channel, snapshotMessage(world, channel, tombstone), previous);
  } else {
    publishDeleted(world, channel, previous);
    removeEmptyTombstone(world, channel, message.threadTs);
  }
  touch(world, channel, message.ts);
}

/** The last reply of a deleted root takes the tombstone along. */
function removeEmptyTombstone(world: World, channel: Channel, rootTs: string | undefined): void {
  const root = rootTs === undefined ? undefined : channel.messages.get(rootTs);
  if (!root || root.subtype !== 'tombstone' || channel.threads.has(root.ts)) return;
  const previous = snapshotMessage(world, channel, root);
  world.remove(channel, root);
  publishDeleted(world, channel, previous);
}

function tombstoneOf(message: Message): Message {
  return {
    ...message,
    subtype: 'tombstone',
    user: SLACKBOT,
    botId: undefined,
    appId: undefined,
    username: undefined,
    icons: undefined,
    clientMsgId: undefined,
    text: 'This message was deleted.',
    blocks: undefined,
    attachments: undefined,
    metadata: undefined,
    files: [],
    threadTs: message.ts,
    edited: undefined,
    reactions: [],
    details: undefined,
  };
}

/** `false`: the person had already reacted so. */
export function addReaction(
  world: World,
  channel: Channel,
  message: Message,
  user: string,
  name: string,
): boolean {
  const reaction = message.reactions.find((one) => one.name === name);
  if (reaction?.users.includes(user)) return false;
  if (reaction) reaction.users.push(user);
  else message.reactions.push({ name, users: [user] });
  publishReaction(world, channel, { added: true, user, name, message });
  touch(world, channel, message.ts);
  return true;
}

/** `false`: the person had not reacted so. */
export function removeReaction(
  world: World,
  channel: Channel,
  message: Message,
  user: string,
  name: string,
): boolean {
  const reaction = message.reactions.find((one) => one.name === name);
  const at = reaction?.users.indexOf(user) ?? -1;
  if (!reaction || at < 0) return false;
  reaction.users.splice(at, 1);
  if (reaction.users.length === 0) message.reactions = message.reactions.filter((one) => one !== reaction);
  publishReaction(world, channel, { added: false, user, name, message });
  touch(world, channel, message.ts);
  return true;
}

/** `false`: it was pinned already. */
export function pinMessage(world: World, channel: Channel, message: Message, by: string): boolean {
  if (channel.pins.has(message.ts)) return false;
  channel.pins.set(message.ts, { by, at: world.seconds() });
  publishPin(world, channel, message, by, true);
  touch(world, channel, message.ts);
  return true;
}

/** `false`: it wasn't pinned. */
export function unpinMessage(world: World, channel: Channel, message: Message, by: string): boolean {
  if (!channel.pins.delete(message.ts)) return false;
  publishPin(world, channel, message, by, false);
  touch(world, channel, message.ts);
  return true;
}

function touch(world: World, channel: Channel, ts: string): void {
  world.changed({ what: 'message', teamId: channel.teamId, channelId: channel.id, id: ts });
}
