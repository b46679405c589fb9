import type { ConversationsCreateResponse } from '@slack/web-api';

import * as channels from '../channels.ts';
import { isDirect } from '../direct.ts';
import type { Channel } from '../model.ts';
import { channelShape } from '../shapes/channel.ts';
import type { Shape } from '../shapes/vendor.ts';
import { characterCount } from '../text/characters.ts';
import { clearableText, flag, list, requiredText } from './arguments.ts';
import { method, requireScope, SlackError } from './call.ts';
import type { Answer, Call, Methods } from './call.ts';
import { isMember, joinedChannel, requireChannelScope, requiredUser, visibleChannel } from './lookup.ts';

const MANAGE = ['channels:manage', 'channels:write', 'groups:write', 'im:write', 'mpim:write'];
const INVITE = [...MANAGE, 'channels:write.invites', 'groups:write.invites'];

export const conversationChanges: Methods = {
  'conversations.create': method(20, MANAGE, create),
  'conversations.join': method(50, ['channels:join', 'channels:write'], join),
  'conversations.leave': method(50, MANAGE, leave),
  'conversations.invite': method(50, INVITE, invite),
  'conversations.kick': method(50, MANAGE, kick),
  'conversations.rename': method(20, MANAGE, rename),
  'conversations.setTopic': method(20, [...MANAGE, 'channels:write.topic', 'groups:write.topic'], setTopic),
  'conversations.setPurpose': method(
    20,
    [...MANAGE, 'channels:write.topic', 'groups:write.topic'],
    setPurpose,
  ),
  'conversations.archive': method(20, MANAGE, archive),
  'conversations.unarchive': method(20, MANAGE, unarchive),
};

function create(call: Call): Answer {
  const name = requiredText(call, 'name', 'invalid_name_required');
  const kind = flag(call, 'is_private') ? 'private' : 'public';
  requireScope(
    call.caller,
    ...(kind === 'public' ? ['channels:manage', 'channels:write'] : ['groups:write']),
  );
  refuseName(call, name);
  const { team, userId } = call.caller;
  const channel = channels.createChannel(call.world, { teamId: team.id, name, kind, creator: userId });
  return answer(call, channel) satisfies Pick<Shape<ConversationsCreateResponse>, 'ok'>;
}

function refuseName(call: Call, name: string): void {
  const problem = channels.invalidName(name);
  if (problem !== undefined) throw new SlackError(problem);
  if (channels.channelNamed(call.world, call.caller.team.id, name)) throw new SlackError('name_taken');
}

function join(call: Call): Answer {
  const channel = visibleChannel(call);
  if (channel.kind !== 'public') throw new SlackError('method_not_supported_for_channel_type');
  if (channel.archived) throw new SlackError('is_archived');
  if (!channels.joinChannel(call.world, channel, call.caller.userId)) call.warn('already_in_channel');
  return answer(call, channel);
}

function leave(call: Call): Answer {
  const channel = writableChannel(call);
  if (channel.general) throw new SlackError('cant_leave_general');
  if (!channels.leaveChannel(call.world, channel, call.caller.userId))
    return { ok: true, not_in_channel: true };
  return { ok: true };
}

function invite(call: Call): Answer {
  const channel = writableMemberChannel(call);
  const users = list(call, 'users');
  if (users.length === 0) throw new SlackError('no_user');
  for (const user of users) {
    if (user === call.caller.userId) throw new SlackError('cant_invite_self');
    if (call.world.users.get(user)?.teamId !== channel.teamId) throw new SlackError('user_not_found');
    if (channel.members.has(user)) throw new SlackError('already_in_channel');
  }
  for (const user of users) channels.joinChannel(call.world, channel, user, call.caller.userId);
  return answer(call, channel);
}

function kick(call: Call): Answer {
  const channel = writableMemberChannel(call);
  const user = requiredUser(call);
  if (user.id === call.caller.userId) throw new SlackError('cant_kick_self');
  if (channel.general) throw new SlackError('cant_kick_from_general');
  if (!channels.leaveChannel(call.world, channel, user.id, call.caller.userId))
    throw new SlackError('not_in_channel');
  return { ok: true };
}

function rename(call: Call): Answer {
  const channel = writableMemberChannel(call);
  // Only who made a channel, or an admin, may rename it; apps are no admins.
  if (channel.creator !== call.caller.userId) throw new SlackError('not_authorized');
  const name = requiredText(call, 'name', 'invalid_name_required');
  refuseName(call, name);
  channels.renameChannel(call.world, channel, call.caller.userId, name);
  return answer(call, channel);
}

function setTopic(call: Call): Answer {
  const channel = noteChannel(call);
  const topic = noteText(call, 'topic');
  channels.setTopic(call.world, channel, call.caller.userId, topic);
  return answer(call, channel);
}

function setPurpose(call: Call): Answer {
  const channel = noteChannel(call);
  const purpose = noteText(call, 'purpose');
  channels.setPurpose(call.world, channel, call.caller.userId, purpose);
  return { ok: true, purpose };
}

function archive(call: Call): Answer {
  const channel = writableChannel(call);
  if (channel.general) throw new SlackError('cant_archive_general');
  if (!isMember(call, channel)) throw new SlackError('not_in_channel');
  if (channel.archived) throw new SlackError('already_archived');
  channels.setArchived(call.world, channel, call.caller.userId, true);
  return { ok: true };
}

function unarchive(call: Call): Answer {
  const channel = visibleChannel(call);
  requireChannelScope(call.caller, channel, 'write');
  if (!channel.archived) throw new SlackError('not_archived');
  channels.setArchived(call.world, channel, call.caller.userId, false);
  return { ok: true };
}

function noteText(call: Call, name: 'topic' | 'purpose'): string {
  const value = clearableText(call, name);
  if (value === undefined) throw new SlackError('invalid_arguments');
  if (characterCount(value) > 250) throw new SlackError('too_long');
  return value;
}

/** Topics may be set with a scope of their own. */
function noteChannel(call: Call): Channel {
  const channel = joinedChannel(call);
  if (channel.kind === 'im') throw new SlackError('method_not_supported_for_channel_type');
  const manage = channel.kind === 'public' ? ['channels:manage', 'channels:write'] : ['groups:write'];
  requireScope(
    call.caller,
    ...manage,
    channel.kind === 'public' ? 'channels:write.topic' : 'groups:write.topic',
  );
  if (channel.archived) throw new SlackError('is_archived');
  return channel;
}

function writableMemberChannel(call: Call): Channel {
  const channel = writableChannel(call);
  if (!isMember(call, channel)) throw new SlackError('not_in_channel');
  return channel;
}

function writableChannel(call: Call): Channel {
  const channel = visibleChannel(call);
  requireChannelScope(call.caller, channel, 'write');
  if (isDirect(channel)) throw new SlackError('method_not_supported_for_channel_type');
  if (channel.archived) throw new SlackError('is_archived');
  return channel;
}

function answer(call: Call, channel: Channel) {
  return { ok: true as const, channel: channelShape(channel, call.caller.userId) };
}
