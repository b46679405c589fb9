import type { ConversationsOpenResponse } from '@slack/web-api';

import { findDirect, isDirect, openDirect } from '../direct.ts';
import type { Channel } from '../model.ts';
import { channelShape } from '../shapes/channel.ts';
import type { Shape } from '../shapes/vendor.ts';
import { flag, list, requiredText, text } from './arguments.ts';
import { method, SlackError } from './call.ts';
import type { Answer, Call, Methods } from './call.ts';
import { joinedChannel, requireChannelScope, visibleChannel } from './lookup.ts';

const OPEN = ['channels:manage', 'channels:write', 'groups:write', 'im:write', 'mpim:write'];
/** Others than who asks. */
const MOST_OTHERS = 8;

export const direct: Methods = {
  'conversations.open': method(50, OPEN, open),
  'conversations.mark': method(50, OPEN, mark),
};

function open(call: Call): Answer {
  const { channel, existed } = text(call, 'channel') === undefined ? ofPeople(call) : again(call);
  return {
    ok: true,
    ...(existed && { no_op: true, already_open: true }),
    channel: flag(call, 'return_im') ? channelShape(channel, call.caller.userId) : { id: channel.id },
  } satisfies Omit<Shape<ConversationsOpenResponse>, 'channel'> & {
    readonly channel: { readonly id: string };
  };
}

interface Opened {
  readonly channel: Channel;
  readonly existed: boolean;
}

function again(call: Call): Opened {
  if (list(call, 'users').length > 0) throw new SlackError('invalid_arguments');
  const channel = visibleChannel(call);
  if (!isDirect(channel)) throw new SlackError('method_not_supported_for_channel_type');
  requireChannelScope(call.caller, channel, 'write');
  return { channel, existed: true };
}

/** Whoever asks is in it, named or not. */
function ofPeople(call: Call): Opened {
  const { world, caller } = call;
  const users = list(call, 'users');
  if (users.length === 0) throw new SlackError('users_list_not_supplied');
  const everybody = [...new Set([caller.userId, ...users])];
  if (everybody.length - 1 > MOST_OTHERS) throw new SlackError('too_many_users');
  for (const id of everybody) {
    const user = world.users.get(id);
    if (user?.teamId !== caller.team.id) throw new SlackError('user_not_found');
    if (user.deleted) throw new SlackError('user_disabled');
    if (user.bot && user.id !== caller.userId && caller.token.kind === 'bot')
      throw new SlackError('cannot_dm_bot');
  }
  requireChannelScope(caller, { kind: everybody.length > 2 ? 'mpim' : 'im' }, 'write');
  const known = findDirect(world, caller.team.id, everybody);
  if (known) return { channel: known, existed: true };
  if (flag(call, 'prevent_creation')) throw new SlackError('channel_not_found');
  return openDirect(world, caller.team.id, everybody);
}

function mark(call: Call): Answer {
  const channel = joinedChannel(call);
  requireChannelScope(call.caller, channel, 'write');
  const ts = requiredText(call, 'ts', 'invalid_timestamp');
  if (!/^\d+\.\d{6}$/.test(ts)) throw new SlackError('invalid_timestamp');
  channel.lastRead.set(call.caller.userId, ts);
  call.world.changed({ what: 'channel', teamId: channel.teamId, channelId: channel.id, id: channel.id });
  return { ok: true };
}
