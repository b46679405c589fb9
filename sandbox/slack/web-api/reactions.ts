import type { BookmarksListResponse, PinsListResponse, ReactionsGetResponse } from '@slack/web-api';

import { permalink } from '../events.ts';
import * as messages from '../messages.ts';
import type { Channel, Message } from '../model.ts';
import { historyView, messageShape } from '../shapes/message.ts';
import type { WireMessage } from '../shapes/message.ts';
import type { Shape } from '../shapes/vendor.ts';
import { reactionName } from '../text/emoji.ts';
import { requiredText, text } from './arguments.ts';
import { method, SlackError } from './call.ts';
import type { Answer, Call, Methods } from './call.ts';
import { joinedChannel, requiredMessage, visibleChannel } from './lookup.ts';

const MOST_REACTIONS = 50;
const MOST_OF_ONE = 23;
const MOST_PINS = 100;

export const reactions: Methods = {
  'reactions.add': method(50, ['reactions:write'], add),
  'reactions.remove': method(20, ['reactions:write'], remove),
  'reactions.get': method(50, ['reactions:read'], get),
  'pins.add': method(20, ['pins:write'], pin),
  'pins.remove': method(20, ['pins:write'], unpin),
  'pins.list': method(20, ['pins:read'], listPins),
  'bookmarks.list': method(50, ['bookmarks:read'], listBookmarks),
};

function target(call: Call): { readonly channel: Channel; readonly message: Message } {
  if (text(call, 'timestamp') === undefined) throw new SlackError('no_item_specified');
  const channel = joinedChannel(call);
  const message = requiredMessage(call, channel, 'timestamp');
  return { channel, message };
}

function add(call: Call): Answer {
  const name = emojiNameOf(call);
  const { channel, message } = target(call);
  if (channel.archived) throw new SlackError('is_archived');
  const existing = message.reactions.find((one) => one.name === name);
  if (!existing && message.reactions.length >= MOST_REACTIONS) throw new SlackError('too_many_emoji');
  const mine = message.reactions.filter((one) => one.users.includes(call.caller.userId)).length;
  if (mine >= MOST_OF_ONE && existing?.users.includes(call.caller.userId) !== true)
    throw new SlackError('too_many_reactions');
  if (!messages.addReaction(call.world, channel, message, call.caller.userId, name))
    throw new SlackError('already_reacted');
  return { ok: true };
}

function remove(call: Call): Answer {
  const name = emojiNameOf(call);
  const { channel, message } = target(call);
  if (channel.archived) throw new SlackError('is_archived');
  if (!messages.removeReaction(call.world, channel, message, call.caller.userId, name))
    throw new SlackError('no_reaction');
  return { ok: true };
}

function emojiNameOf(call: Call): string {
  const name = reactionName(requiredText(call, 'name', 'invalid_name'), call.caller.team.emoji);
  if (name === undefined) throw new SlackError('invalid_name');
  return name;
}

function get(call: Call): Answer {
  const { channel, message } = target(call);
  return {
    ok: true,
    type: 'message',
    channel: channel.id,
    message: {
      ...messageShape(call.world, channel, message, historyView),
      permalink: permalink(call.world, channel, message.ts),
    },
  } satisfies Omit<Shape<ReactionsGetResponse>, 'message'> & {
    readonly message: WireMessage & { readonly permalink: string };
  };
}

function pin(call: Call): Answer {
  const { channel, message } = target(call);
  if (channel.archived) throw new SlackError('is_archived');
  if (channel.pins.size >= MOST_PINS) throw new SlackError('too_many_pins');
  if (!messages.pinMessage(call.world, channel, message, call.caller.userId))
    throw new SlackError('already_pinned');
  return { ok: true };
}

function unpin(call: Call): Answer {
  const { channel, message } = target(call);
  if (!messages.unpinMessage(call.world, channel, message, call.caller.userId))
    throw new SlackError('no_pin');
  return { ok: true };
}

function listPins(call: Call): Answer {
  const channel = visibleChannel(call);
  const items = [...channel.pins].flatMap(([ts, { by, at }]) => {
    const message = channel.messages.get(ts);
    if (!message) return [];
    const shape = messageShape(call.world, channel, message, historyView);
    const pinned = { ...shape, permalink: permalink(call.world, channel, ts) };
    return [{ type: 'message', created: at, created_by: by, channel: channel.id, message: pinned }];
  });
  return { ok: true, items } satisfies Omit<Shape<PinsListResponse>, 'items'> & {
    readonly items: readonly object[];
  };
}

function listBookmarks(call: Call): Answer {
  if (text(call, 'channel_id') === undefined) throw new SlackError('invalid_arguments');
  const channel = visibleChannel({ ...call, args: { ...call.args, channel: call.args['channel_id'] } });
  const bookmarks = channel.bookmarks.map(({ id, title, link }, index) => ({
    id,
    channel_id: channel.id,
    title,
    link,
    emoji: '',
    icon_url: '',
    type: 'link',
    rank: String.fromCodePoint(97 + index),
  }));
  return { ok: true, bookmarks } satisfies Omit<Shape<BookmarksListResponse>, 'bookmarks'> & {
    readonly bookmarks: readonly object[];
  };
}
