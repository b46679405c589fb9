import type {
  ChatDeleteResponse,
  ChatGetPermalinkResponse,
  ChatMeMessageResponse,
  ChatPostEphemeralResponse,
  ChatPostMessageResponse,
  ChatUpdateResponse,
} from '@slack/web-api';

import { permalink } from '../events.ts';
import { showEphemeral } from '../interactivity/ephemerals.ts';
import { addMessage, changeMessage, deleteMessage } from '../messages.ts';
import type { Channel, Message } from '../model.ts';
import { isAdministrator } from '../roles.ts';
import { historyWithMetadata, messageShape } from '../shapes/message.ts';
import type { Shape } from '../shapes/vendor.ts';
import { characterCount } from '../text/characters.ts';
import { normalizeMrkdwn } from '../text/render.ts';
import { flag, requiredText, text } from './arguments.ts';
import { author } from './author.ts';
import { method, SlackError } from './call.ts';
import type { Answer, Call, Methods } from './call.ts';
import { readContent, refuseEmpty } from './content.ts';
import { joinedChannel, postTarget, requiredMessage, visibleChannel } from './lookup.ts';

/** Updates refuse what posts cut. */
const LONGEST_UPDATE = 4000;

export const chat: Methods = {
  'chat.postMessage': method('post', ['chat:write'], postMessage),
  'chat.postEphemeral': method(100, ['chat:write'], postEphemeral),
  'chat.meMessage': method(50, ['chat:write'], meMessage),
  'chat.update': method(50, ['chat:write'], update),
  'chat.delete': method(50, ['chat:write'], remove),
  'chat.getPermalink': method('unlimited', [], getPermalink),
};

function postMessage(call: Call): Answer {
  const channel = postTarget(call);
  const content = readContent(call);
  refuseEmpty(content);
  const threadTs = text(call, 'thread_ts');
  if (threadTs !== undefined && !channel.messages.has(threadTs)) throw new SlackError('thread_not_found');
  const message = addMessage(call.world, channel, {
    ...author(call),
    text: content.text ?? '',
    blocks: content.blocks,
    blocksFromText: content.blocksFromText,
    attachments: content.attachments,
    metadata: content.metadata?.event_type === '' ? undefined : content.metadata,
    threadTs,
    broadcast: flag(call, 'reply_broadcast'),
  });
  return {
    ok: true,
    channel: channel.id,
    ts: message.ts,
    message: messageShape(call.world, channel, message, historyWithMetadata),
  } satisfies Shape<ChatPostMessageResponse>;
}

function postEphemeral(call: Call): Answer {
  const channel = postTarget(call);
  const user = requiredText(call, 'user');
  if (!channel.members.has(user)) throw new SlackError('user_not_in_channel');
  const content = readContent(call);
  refuseEmpty(content);
  const { text: words, blocks } = content;
  const { ts: message_ts } = showEphemeral(call.world, {
    channelId: channel.id,
    userId: user,
    appId: call.caller.app.id,
    text: words ?? '',
    blocks,
    threadTs: text(call, 'thread_ts'),
  });
  call.log.add('ephemeral', channel.id, 'shown', {
    app: call.caller.app.id,
    user,
    text: words,
    blocks,
    ts: message_ts,
  });
  return { ok: true, message_ts } satisfies Shape<ChatPostEphemeralResponse>;
}

function meMessage(call: Call): Answer {
  const channel = postTarget(call);
  const words = requiredText(call, 'text', 'no_text');
  const { userId, app } = call.caller;
  const draft = {
    subtype: 'me_message',
    user: userId,
    botId: app.botId,
    appId: app.id,
    text: normalizeMrkdwn(words),
  };
  const message = addMessage(call.world, channel, draft);
  return { ok: true, channel: channel.id, ts: message.ts } satisfies Shape<ChatMeMessageResponse>;
}

function update(call: Call): Answer {
  const channel = ownedChannel(call);
  const message = requiredMessage(call, channel, 'ts');
  if (!isOwn(call, message) || message.subtype === 'tombstone') throw new SlackError('cant_update_message');
  if (characterCount(text(call, 'text') ?? '') > LONGEST_UPDATE) throw new SlackError('msg_too_long');
  const content = readContent(call);
  const nothingGiven =
    content.text === undefined && content.blocks === undefined && content.attachments === undefined;
  if (nothingGiven) throw new SlackError('no_text');
  const broadcast = flag(call, 'reply_broadcast');
  if (broadcast && (message.threadTs === undefined || message.threadTs === message.ts))
    throw new SlackError('cant_broadcast_message');
  // Blocks that the app gave stay when only the text changes; those made from the text follow it.
  const keepsBlocks = content.blocksFromText && !message.blocksFromText && message.blocks !== undefined;
  const edit = keepsBlocks ? { text: content.text, attachments: content.attachments } : content;
  changeMessage(
    call.world,
    channel,
    message,
    { ...edit, metadata: content.metadata, broadcast },
    message.user ?? call.caller.userId,
  );
  if (content.metadata?.event_type === '') message.metadata = undefined;
  const shape = messageShape(call.world, channel, message, historyWithMetadata);
  return {
    ok: true,
    channel: channel.id,
    ts: message.ts,
    text: message.text,
    message: shape,
  } satisfies Shape<ChatUpdateResponse>;
}

function remove(call: Call): Answer {
  const channel = ownedChannel(call);
  const message = requiredMessage(call, channel, 'ts');
  const may = isOwn(call, message) || isAdmin(call);
  if (!may || message.subtype === 'tombstone') throw new SlackError('cant_delete_message');
  deleteMessage(call.world, channel, message);
  return { ok: true, channel: channel.id, ts: message.ts } satisfies Shape<ChatDeleteResponse>;
}

/** Where messages are changed: a channel that the caller is in, or at least sees, and that isn't archived. */
function ownedChannel(call: Call): Channel {
  const channel = visibleChannel(call);
  if (channel.archived) throw new SlackError('is_archived');
  return channel;
}

/** By their own token admins delete what they may delete in Slack: everybody's. */
function isAdmin({ caller, world }: Call): boolean {
  const user = world.users.get(caller.userId);
  return caller.token.kind === 'user' && user !== undefined && isAdministrator(user);
}

function isOwn(call: Call, message: Message): boolean {
  const { app, token, userId } = call.caller;
  if (token.kind === 'user') return message.user === userId;
  return message.botId === app.botId && (message.user === undefined || message.user === userId);
}

function getPermalink(call: Call): Answer {
  const channel = joinedChannel(call);
  const message = requiredMessage(call, channel, 'message_ts');
  return {
    ok: true,
    channel: channel.id,
    permalink: permalink(call.world, channel, message.ts),
  } satisfies Shape<ChatGetPermalinkResponse>;
}
