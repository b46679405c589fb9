import { openDirect } from '../direct.ts';
import type { Channel, ChannelKind, Message, Team, User } from '../model.ts';
import { SLACKBOT, slackbot } from '../people.ts';
import { requiredText } from './arguments.ts';
import { requireScope, SlackError } from './call.ts';
import type { Call, Caller } from './call.ts';

const PREFIX = { public: 'channels', private: 'groups', im: 'im', mpim: 'mpim' } as const satisfies Record<
  ChannelKind,
  string
>;

/** Asks for `channels:<what>`, `groups:<what>`, …, by the channel's kind. */
export function requireChannelScope(
  caller: Caller,
  channel: Pick<Channel, 'kind'>,
  what: 'read' | 'history' | 'write',
): void {
  const prefix = PREFIX[channel.kind];
  // Bots change public channels with `channels:manage`, people with `channels:write`.
  if (what === 'write' && channel.kind === 'public')
    requireScope(caller, 'channels:manage', 'channels:write');
  else requireScope(caller, `${prefix}:${what}`);
}

/** The channel of the argument, if the caller may know of it. */
export function visibleChannel(call: Call, argument = 'channel'): Channel {
  const channel = call.world.channels.get(requiredText(call, argument));
  if (!channel || channel.teamId !== call.caller.team.id) throw new SlackError('channel_not_found');
  if (channel.kind !== 'public' && !isMember(call, channel)) throw new SlackError('channel_not_found');
  return channel;
}

/** The channel of the argument, with the caller as a member. */
export function joinedChannel(call: Call): Channel {
  const channel = visibleChannel(call);
  if (!isMember(call, channel)) throw new SlackError('not_in_channel');
  return channel;
}

/** Where a post goes: a channel by id or `#name`, or a person, whose direct conversation is opened. */
export function postTarget(call: Call): Channel {
  const target = requiredText(call, 'channel', 'channel_not_found');
  const { world, caller } = call;
  const person = world.users.get(target);
  if (person?.teamId === caller.team.id)
    return openDirect(world, caller.team.id, [caller.userId, person.id]).channel;
  const channel = world.channels.get(target) ?? channelByName(call, target.replace(/^#/, ''));
  if (!channel || channel.teamId !== caller.team.id) throw new SlackError('channel_not_found');
  if (!isMember(call, channel)) {
    if (channel.kind !== 'public') throw new SlackError('channel_not_found');
    const mayWriteAnyway = caller.scopes.includes('chat:write.public');
    if (!mayWriteAnyway) throw new SlackError('not_in_channel');
  }
  if (channel.archived) throw new SlackError('is_archived');
  return channel;
}

/** The channel of the argument, where the caller may read: people read public channels without being in them. */
export function readableChannel(call: Call): Channel {
  const channel = visibleChannel(call);
  if (channel.kind === 'public' && call.caller.token.kind === 'user') return channel;
  if (!isMember(call, channel)) throw new SlackError('not_in_channel');
  return channel;
}

export function isMember(call: Call, channel: Channel): boolean {
  return channel.members.has(call.caller.userId);
}

export function requiredMessage(
  call: Call,
  channel: Channel,
  argument: string,
  error = 'message_not_found',
): Message {
  const message = channel.messages.get(requiredText(call, argument, error));
  if (!message) throw new SlackError(error);
  return message;
}

export function requiredUser(call: Call, argument = 'user'): User {
  const id = requiredText(call, argument, 'user_not_found');
  if (id === SLACKBOT) return slackbot(call.caller.team.id);
  const user = call.world.users.get(id);
  if (!user || !isKnownTo(call, user)) throw new SlackError('user_not_found');
  return user;
}

/** Of the workspace, or of another one (Slack Connect) and in one of its channels. */
function isKnownTo({ world, caller }: Call, user: User): boolean {
  if (user.teamId === caller.team.id) return true;
  const channels = [...(world.channelsByTeam.get(caller.team.id)?.values() ?? [])];
  return channels.some(({ members }) => members.has(user.id));
}

/** Another organisation's workspace, if somebody of it is in a channel of the caller's. */
export function knownTeam(call: Call, id: string): Team | undefined {
  const people = [...(call.world.usersByTeam.get(id)?.values() ?? [])];
  return people.some((user) => isKnownTo(call, user)) ? call.world.teams.get(id) : undefined;
}

function channelByName(call: Call, name: string): Channel | undefined {
  const channels = call.world.channelsByTeam.get(call.caller.team.id)?.values() ?? [];
  for (const channel of channels) if (channel.name === name && channel.kind !== 'im') return channel;
  return undefined;
}
