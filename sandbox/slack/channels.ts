import {
  publishArchived,
  publishChannelCreated,
  publishChannelDeleted,
  publishChannelRenamed,
  publishLeft,
  publishMembership,
  publishMoved,
} from './events.ts';
import { newId } from './ids.ts';
import { addMessage } from './messages.ts';
import type { Channel, ChannelKind } from './model.ts';
import { SLACKBOT } from './people.ts';
import type { World } from './world.ts';

export interface NewChannel {
  readonly id?: string | undefined;
  readonly teamId: string;
  readonly name: string;
  readonly kind: ChannelKind;
  readonly creator: string;
  readonly general?: boolean | undefined;
}

const NO_NOTE = { value: '', creator: '', lastSet: 0 } as const;

/** Makes a channel with its creator as the only member. The name must be free (`channelNamed`). */
export function createChannel(world: World, options: NewChannel): Channel {
  const letter = options.kind === 'im' ? 'D' : 'C';
  const channel: Channel = {
    id: options.id ?? newId(letter),
    teamId: options.teamId,
    kind: options.kind,
    name: options.name,
    previousNames: [],
    created: world.seconds(),
    creator: options.creator,
    archived: false,
    general: options.general ?? false,
    topic: NO_NOTE,
    purpose: NO_NOTE,
    members: new Set(options.creator === SLACKBOT ? [] : [options.creator]),
    timeline: [],
    messages: new Map(),
    threads: new Map(),
    pins: new Map(),
    bookmarks: [],
    lastRead: new Map(),
    lastMicros: 0,
  };
  world.addChannel(channel);
  publishChannelCreated(world, channel);
  touch(world, channel);
  return channel;
}

export function channelNamed(world: World, teamId: string, name: string): Channel | undefined {
  for (const channel of world.channelsByTeam.get(teamId)?.values() ?? [])
    if (channel.name === name) return channel;
  return undefined;
}

/** `false`: already a member. */
export function joinChannel(world: World, channel: Channel, user: string, inviter?: string): boolean {
  if (channel.members.has(user)) return false;
  channel.members.add(user);
  const text = `<@${user}> has joined the channel`;
  addMessage(world, channel, {
    subtype: 'channel_join',
    user,
    text,
    ...(inviter !== undefined && { details: { inviter } }),
  });
  publishMembership(world, channel, { joined: true, user, inviter });
  touch(world, channel);
  return true;
}

/** `false`: not a member. `by`: who removed the person, when it wasn't they themselves. */
export function leaveChannel(world: World, channel: Channel, user: string, by?: string): boolean {
  // Who left sees no more of it: an app hears of its own bot's leaving by `channel_left` only.
  if (!channel.members.delete(user)) return false;
  addMessage(world, channel, { subtype: 'channel_leave', user, text: `<@${user}> has left the channel` });
  publishMembership(world, channel, { joined: false, user, inviter: undefined });
  const app = world.users.get(user)?.bot?.appId;
  if (app !== undefined) publishLeft(world, channel, app, by ?? user);
  touch(world, channel);
  return true;
}

export function setTopic(world: World, channel: Channel, user: string, value: string): void {
  channel.topic = { value, creator: user, lastSet: world.seconds() };
  const text =
    value === '' ? `<@${user}> cleared the channel topic` : `<@${user}> set the channel topic: ${value}`;
  addMessage(world, channel, { subtype: 'channel_topic', user, text, details: { topic: value } });
  touch(world, channel);
}

export function setPurpose(world: World, channel: Channel, user: string, value: string): void {
  channel.purpose = { value, creator: user, lastSet: world.seconds() };
  const text =
    value === ''
      ? `<@${user}> cleared the channel description`
      : `<@${user}> set the channel description: ${value}`;
  addMessage(world, channel, { subtype: 'channel_purpose', user, text, details: { purpose: value } });
  touch(world, channel);
}

export function renameChannel(world: World, channel: Channel, user: string, name: string): void {
  const old = channel.name;
  channel.previousNames.unshift(old);
  channel.name = name;
  const text = `<@${user}> has renamed the channel from "${old}" to "${name}"`;
  addMessage(world, channel, { subtype: 'channel_name', user, text, details: { old_name: old, name } });
  publishChannelRenamed(world, channel);
  touch(world, channel);
}

/** Archives or brings back; the caller has checked that it changes something. */
export function setArchived(world: World, channel: Channel, user: string, archived: boolean): void {
  channel.archived = archived;
  const subtype = archived ? 'channel_archive' : 'channel_unarchive';
  addMessage(world, channel, {
    subtype,
    user,
    text: `<@${user}> ${archived ? 'archived' : 'un-archived'} the channel`,
  });
  publishArchived(world, channel, user, archived);
  touch(world, channel);
}

/** Makes a public channel private, or a private one public. Nothing but a message in it tells of that. */
export function convertChannel(world: World, channel: Channel, user: string, isPrivate: boolean): void {
  channel.kind = isPrivate ? 'private' : 'public';
  const kind = isPrivate ? 'private' : 'public';
  const text = `<@${user}> made this channel ${kind}`;
  addMessage(world, channel, { subtype: `channel_convert_to_${kind}`, user, text });
  touch(world, channel);
}

/** Gives the channel another id, as Slack does when it is moved between workspaces. Its messages keep theirs. */
export function moveChannel(world: World, channel: Channel, id: string): void {
  const old = channel.id;
  world.channels.delete(old);
  world.channelsByTeam.get(channel.teamId)?.delete(old);
  channel.id = id;
  world.addChannel(channel);
  publishMoved(world, channel, old);
  touch(world, channel);
}

export function deleteChannel(world: World, channel: Channel, user: string): void {
  publishChannelDeleted(world, channel, user);
  world.channels.delete(channel.id);
  world.channelsByTeam.get(channel.teamId)?.delete(channel.id);
  touch(world, channel);
}

/** Why Slack would refuse a channel's name, or `undefined`. */
export function invalidName(name: string): string | undefined {
  if (name === '') return 'invalid_name_required';
  if (name.length > 80) return 'invalid_name_maxlength';
  if (/^[-_]+$/.test(name)) return 'invalid_name_punctuation';
  if (!/^[\p{Ll}\p{Lo}\p{M}\p{N}_-]+$/u.test(name)) return 'invalid_name_specials';
  return undefined;
}

function touch(world: World, channel: Channel): void {
  world.changed({ what: 'channel', teamId: channel.teamId, channelId: channel.id, id: channel.id });
}
