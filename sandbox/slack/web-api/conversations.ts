import type {
  ConversationsInfoResponse,
  ConversationsListResponse,
  ConversationsMembersResponse,
  UsersConversationsResponse,
} from '@slack/web-api';

import type { Channel, ChannelKind } from '../model.ts';
import { channelShape } from '../shapes/channel.ts';
import type { Shape } from '../shapes/vendor.ts';
import { flag, list, text } from './arguments.ts';
import { method, SlackError } from './call.ts';
import type { Answer, Call, Methods } from './call.ts';
import { isMember, requireChannelScope, visibleChannel } from './lookup.ts';
import { page } from './pages.ts';

const READ = ['channels:read', 'groups:read', 'im:read', 'mpim:read'];

export const conversations: Methods = {
  'conversations.list': method(20, READ, listChannels),
  'conversations.info': method(50, READ, info),
  'conversations.members': method(100, READ, members),
  'users.conversations': method(50, READ, usersChannels),
};

const KINDS: ReadonlyMap<string, ChannelKind> = new Map([
  ['public_channel', 'public'],
  ['private_channel', 'private'],
  ['im', 'im'],
  ['mpim', 'mpim'],
]);

function listChannels(call: Call): Answer {
  const { items, nextCursor } = page(
    call,
    channelsOfTypes(call, () => true),
    100,
    1000,
  );
  return {
    ok: true,
    channels: items.map((channel) => listed(call, channel)),
    response_metadata: { next_cursor: nextCursor },
  } satisfies WithChannels<ConversationsListResponse>;
}

function usersChannels(call: Call): Answer {
  const user = text(call, 'user') ?? call.caller.userId;
  if (!call.world.users.has(user)) throw new SlackError('user_not_found');
  const { items, nextCursor } = page(
    call,
    channelsOfTypes(call, (channel) => channel.members.has(user)),
    100,
    999,
  );
  return {
    ok: true,
    channels: items.map((channel) => channelShape(channel, user)),
    response_metadata: { next_cursor: nextCursor },
  } satisfies WithChannels<UsersConversationsResponse>;
}

/** Channels are many shapes in one list; each is what `conversations.info` gives. */
type WithChannels<Response> = Omit<Shape<Response>, 'channels'> & {
  readonly channels: readonly ReturnType<typeof channelShape>[];
};

function listed(call: Call, channel: Channel) {
  return Object.assign(channelShape(channel, call.caller.userId), {
    num_members: channel.members.size,
  });
}

function channelsOfTypes(call: Call, wanted: (channel: Channel) => boolean): readonly Channel[] {
  const types = list(call, 'types');
  const kinds = new Set((types.length > 0 ? types : ['public_channel']).map(kindOf));
  for (const kind of kinds) requireChannelScope(call.caller, { kind }, 'read');
  const excludeArchived = flag(call, 'exclude_archived');
  const found: Channel[] = [];
  for (const channel of call.world.channelsByTeam.get(call.caller.team.id)?.values() ?? []) {
    if (!kinds.has(channel.kind) || (excludeArchived && channel.archived)) continue;
    if (channel.kind !== 'public' && !isMember(call, channel)) continue;
    if (wanted(channel)) found.push(channel);
  }
  return found;
}

function kindOf(type: string): ChannelKind {
  const kind = KINDS.get(type);
  if (kind === undefined) throw new SlackError('invalid_types');
  return kind;
}

function info(call: Call): Answer {
  const channel = visibleChannel(call);
  requireChannelScope(call.caller, channel, 'read');
  const shape = channelShape(channel, call.caller.userId);
  const numMembers = flag(call, 'include_num_members') ? { num_members: channel.members.size } : {};
  return { ok: true, channel: { ...shape, ...numMembers } } satisfies { ok: true; channel: object } & Pick<
    Shape<ConversationsInfoResponse>,
    'ok'
  >;
}

function members(call: Call): Answer {
  const channel = visibleChannel(call);
  requireChannelScope(call.caller, channel, 'read');
  const { items, nextCursor } = page(call, [...channel.members], 100, 1000);
  return {
    ok: true,
    members: items,
    response_metadata: { next_cursor: nextCursor },
  } satisfies Shape<ConversationsMembersResponse>;
}
