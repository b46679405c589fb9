import type { ConversationsHistoryResponse, ConversationsRepliesResponse } from '@slack/web-api';

import { formatTs, parseTs } from '../ids.ts';
import type { Channel, Message } from '../model.ts';
import { historyView, historyWithMetadata, messageShape } from '../shapes/message.ts';
import type { WireMessage } from '../shapes/message.ts';
import type { Shape } from '../shapes/vendor.ts';
import { lowerBound } from '../world.ts';
import { flag, limit, requiredText, text } from './arguments.ts';
import { method, SlackError } from './call.ts';
import type { Answer, Call, Methods } from './call.ts';
import { readableChannel, requireChannelScope } from './lookup.ts';
import { decodeCursor, encodeCursor } from './pages.ts';

const HISTORY = ['channels:history', 'groups:history', 'im:history', 'mpim:history'];

export const history: Methods = {
  'conversations.history': method(50, HISTORY, readHistory),
  'conversations.replies': method(50, HISTORY, readReplies),
};

/** Youngest first; replies only where they were broadcast. */
function readHistory(call: Call): Answer {
  const channel = readableChannel(call);
  requireChannelScope(call.caller, channel, 'history');
  const count = limit(call, 'limit', 100, 999);
  const { from, to } = timeRange(call, channel.timeline);
  const before = decodeCursor(text(call, 'cursor'), 'next_ts');
  const end = before === undefined ? to : Math.min(to, lowerBound(channel.timeline, before));
  const start = Math.max(from, end - count);
  const shown = channel.timeline.slice(start, end).reverse();
  const hasMore = start > from;
  return {
    ok: true,
    messages: shapes(call, channel, shown),
    has_more: hasMore,
    pin_count: channel.pins.size,
    channel_actions_ts: null,
    channel_actions_count: 0,
    ...(hasMore && { response_metadata: { next_cursor: encodeCursor('next_ts', shown.at(-1)?.ts ?? '') } }),
  } satisfies Omit<Shape<ConversationsHistoryResponse>, 'messages' | 'channel_actions_ts'> & Messages;
}

interface Messages {
  readonly messages: readonly WireMessage[];
  readonly channel_actions_ts?: null;
}

/** The root, then its replies, oldest first. The root is on every page. */
function readReplies(call: Call): Answer {
  const channel = readableChannel(call);
  requireChannelScope(call.caller, channel, 'history');
  const ts = requiredText(call, 'ts', 'thread_not_found');
  const asked = channel.messages.get(ts);
  const root = asked?.threadTs === undefined ? asked : channel.messages.get(asked.threadTs);
  if (!root || !asked) throw new SlackError('thread_not_found');
  const replies = channel.threads.get(root.ts) ?? [];
  const count = limit(call, 'limit', 1000, 1000);
  const { from, to } = timeRange(call, replies);
  const after = decodeCursor(text(call, 'cursor'), 'next_ts');
  const start = after === undefined ? from : Math.max(from, lowerBound(replies, after));
  const end = Math.min(to, start + count - 1);
  const hasMore = end < to;
  return {
    ok: true,
    messages: shapes(call, channel, [root, ...replies.slice(start, end)]),
    has_more: hasMore,
    ...(hasMore && { response_metadata: { next_cursor: encodeCursor('next_ts', replies[end]?.ts ?? '') } }),
  } satisfies Omit<Shape<ConversationsRepliesResponse>, 'messages'> & Messages;
}

function shapes(call: Call, channel: Channel, messages: readonly Message[]): readonly WireMessage[] {
  const view = flag(call, 'include_all_metadata') ? historyWithMetadata : historyView;
  return messages.map((message) => messageShape(call.world, channel, message, view));
}

/** The indexes that `oldest`, `latest` and `inclusive` leave. */
function timeRange(call: Call, messages: readonly Message[]): { readonly from: number; readonly to: number } {
  const inclusive = flag(call, 'inclusive');
  const oldest = timeOf(call, 'oldest');
  const latest = timeOf(call, 'latest');
  const from = oldest === undefined ? 0 : lowerBound(messages, formatTs(inclusive ? oldest : oldest + 1));
  const to =
    latest === undefined ? messages.length : lowerBound(messages, formatTs(inclusive ? latest + 1 : latest));
  return { from, to: Math.max(from, to) };
}

function timeOf(call: Call, name: 'oldest' | 'latest'): number | undefined {
  const given = text(call, name);
  if (given === undefined) return undefined;
  const micros = parseTs(given);
  if (micros === undefined) throw new SlackError(`invalid_ts_${name}`);
  return micros === 0 && name === 'latest' ? undefined : micros;
}
