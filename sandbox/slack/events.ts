import type * as Slack from '@slack/types';

import type { App, Channel, ChannelKind, Message, StoredFile, User } from './model.ts';
import { channelTypes, createdChannelShape } from './shapes/channel.ts';
import { changedView, eventView, messageShape } from './shapes/message.ts';
import type { WireMessage } from './shapes/message.ts';
import { userShape } from './shapes/user.ts';
import type { Fits, Shape } from './shapes/vendor.ts';
import type { viewShape } from './shapes/view.ts';
import type { World } from './world.ts';

/** A message that its author or Slack has just put into the channel. */
export function publishMessage(world: World, channel: Channel, message: Message): void {
  const event: Fits<MessageEvent, Omit<Shape<Slack.GenericMessageEvent>, BySubtype>> = {
    ...messageShape(world, channel, message, eventView),
    channel: channel.id,
    event_ts: message.ts,
    channel_type: channelTypes[channel.kind],
  };
  publishToChannel(world, channel, event);
}

/** A message as an event. Subtypes differ in these fields; what all have is held to the plainest message's type. */
interface MessageEvent extends WireMessage {
  readonly [key: string]: unknown;
  readonly channel: string;
  readonly event_ts: string;
  readonly channel_type: (typeof channelTypes)[ChannelKind];
}

type BySubtype = 'subtype' | 'user' | 'files';

/** An edit, an unfurl or a tombstone. `previous` was taken before the change. */
export function publishChanged(
  world: World,
  channel: Channel,
  message: WireMessage,
  previous: WireMessage,
): void {
  const ts = world.nextTs(channel);
  const event = {
    type: 'message',
    subtype: 'message_changed',
    message,
    previous_message: previous,
    channel: channel.id,
    hidden: true,
    ts,
    event_ts: ts,
    channel_type: channelTypes[channel.kind],
  } satisfies Omit<Shape<Slack.MessageChangedEvent>, 'message' | 'previous_message'> & Changed;
  publishToChannel(world, channel, event);
}

interface Changed {
  readonly message: WireMessage;
  readonly previous_message: WireMessage;
}

export function publishDeleted(world: World, channel: Channel, previous: WireMessage): void {
  const ts = world.nextTs(channel);
  const event = {
    type: 'message',
    subtype: 'message_deleted',
    previous_message: previous,
    channel: channel.id,
    hidden: true,
    deleted_ts: previous.ts,
    ts,
    event_ts: ts,
    channel_type: channelTypes[channel.kind],
  } satisfies Omit<Shape<Slack.MessageDeletedEvent>, 'previous_message'> & Omit<Changed, 'message'>;
  publishToChannel(world, channel, event);
}

/** A message as `message_changed` shows it, taken now. */
export function snapshotMessage(world: World, channel: Channel, message: Message): WireMessage {
  return messageShape(world, channel, message, changedView);
}

export function publishReaction(
  world: World,
  channel: Channel,
  reaction: {
    readonly added: boolean;
    readonly user: string;
    readonly name: string;
    readonly message: Message;
  },
): void {
  const event = {
    type: reaction.added ? ('reaction_added' as const) : ('reaction_removed' as const),
    user: reaction.user,
    reaction: reaction.name,
    item: { type: 'message', channel: channel.id, ts: reaction.message.ts },
    // Absent where no user wrote the message, whatever the vendor's type says.
    item_user: reaction.message.user,
    event_ts: world.nextTs(channel),
  } satisfies Omit<Shape<Slack.ReactionAddedEvent>, 'type' | 'item_user'> & PublishableEvent;
  publishToChannel(world, channel, event);
}

export function publishPin(
  world: World,
  channel: Channel,
  message: Message,
  by: string,
  added: boolean,
): void {
  const created = channel.pins.get(message.ts)?.at ?? world.seconds();
  const shape = messageShape(world, channel, message, changedView);
  const event = {
    type: added ? ('pin_added' as const) : ('pin_removed' as const),
    user: by,
    channel_id: channel.id,
    item: {
      type: 'message',
      created,
      created_by: by,
      channel: channel.id,
      message: { ...shape, permalink: permalink(world, channel, message.ts) },
    },
    item_user: message.user,
    pin_count: channel.pins.size,
    pinned_info: { channel: channel.id, pinned_by: by, pinned_ts: created },
    has_pins: added ? undefined : channel.pins.size > 0,
    event_ts: world.nextTs(channel),
  };
  publishToChannel(world, channel, event);
}

/** `member_joined_channel` or `member_left_channel`. */
export function publishMembership(
  world: World,
  channel: Channel,
  change: { readonly joined: boolean; readonly user: string; readonly inviter: string | undefined },
): void {
  const event = {
    type: change.joined ? ('member_joined_channel' as const) : ('member_left_channel' as const),
    user: change.user,
    channel: channel.id,
    channel_type: channel.kind === 'public' ? 'C' : 'G',
    team: channel.teamId,
    inviter: change.inviter,
    event_ts: world.nextTs(channel),
  } satisfies Omit<Shape<Slack.MemberJoinedChannelEvent>, 'type'> & PublishableEvent;
  publishToChannel(world, channel, event);
}

export function publishChannelCreated(world: World, channel: Channel): void {
  if (channel.kind !== 'public') return;
  const event = {
    type: 'channel_created',
    channel: createdChannelShape(channel),
    event_ts: world.nextTs(channel),
  } satisfies Shape<Slack.ChannelCreatedEvent>;
  publishAboutChannel(world, channel, event);
}

export function publishChannelRenamed(world: World, channel: Channel): void {
  const { id, name, created } = channel;
  const isPublic = channel.kind === 'public';
  const details = { id, name, name_normalized: name, created, is_channel: isPublic, is_mpim: false };
  const event_ts = world.nextTs(channel);
  publishAboutChannel(
    world,
    channel,
    isPublic
      ? ({ type: 'channel_rename', channel: details, event_ts } satisfies Shape<Slack.ChannelRenameEvent>)
      : ({ type: 'group_rename', channel: details, event_ts } satisfies Shape<Slack.GroupRenameEvent>),
  );
}

/** Slack's own example has `user`, its type `actor_id`. */
type Unarchived = Shape<Slack.GroupUnarchiveEvent> & { readonly user: string };

export function publishArchived(world: World, channel: Channel, user: string, archived: boolean): void {
  const event_ts = world.nextTs(channel);
  const isPublic = channel.kind === 'public';
  const about = { channel: channel.id, user, event_ts };
  if (archived && isPublic) {
    const event = {
      type: 'channel_archive',
      ...about,
      is_moved: 0,
    } satisfies Shape<Slack.ChannelArchiveEvent>;
    publishAboutChannel(world, channel, event);
  } else if (archived) {
    const event = { type: 'group_archive', ...about, is_moved: 0 } satisfies Shape<Slack.GroupArchiveEvent>;
    publishAboutChannel(world, channel, event);
  } else if (isPublic) {
    const event = { type: 'channel_unarchive', ...about } satisfies Shape<Slack.ChannelUnarchiveEvent>;
    publishAboutChannel(world, channel, event);
  } else {
    const event = { type: 'group_unarchive', ...about, actor_id: user } satisfies Unarchived;
    publishAboutChannel(world, channel, event);
  }
}

export function publishChannelDeleted(world: World, channel: Channel, by: string): void {
  const event_ts = world.nextTs(channel);
  const event =
    channel.kind === 'public'
      ? { type: 'channel_deleted', channel: channel.id, actor_id: by, event_ts }
      : { type: 'group_deleted', channel: channel.id, actor_id: by, date_deleted: world.seconds(), event_ts };
  publishAboutChannel(world, channel, event);
}

export function publishMoved(world: World, channel: Channel, old: string): void {
  const event = {
    type: 'channel_id_changed',
    old_channel_id: old,
    new_channel_id: channel.id,
    event_ts: world.nextTs(channel),
  } satisfies Shape<Slack.ChannelIDChangedEvent>;
  publishToChannel(world, channel, event);
}

/** Those in a new DM hear of it, and who opened it that it is open; bots can't subscribe to either. */
export function publishDirectOpened(world: World, channel: Channel, by: string): void {
  const { id, teamId } = channel;
  const tell = (userId: string, event: PublishableEvent): void =>
    world.publish({ teamId, channelId: id, reach: { userId }, event });
  if (channel.kind === 'im')
    for (const user of channel.members) {
      const other = [...channel.members].find((member) => member !== user) ?? user;
      const details = { id, is_im: true, user: other, created: channel.created, is_org_shared: false };
      tell(user, { type: 'im_created', user, channel: details } satisfies Shape<Slack.IMCreatedEvent>);
    }
  const opened = { user: by, channel: id };
  if (channel.kind === 'mpim')
    tell(by, { type: 'group_open', ...opened } satisfies Shape<Slack.GroupOpenEvent>);
  else
    tell(by, {
      type: 'im_open',
      ...opened,
      event_ts: world.nextTs(channel),
    } satisfies Shape<Slack.IMOpenEvent>);
}

/** An app's own bot was taken out of a channel: only that app hears of it, as `channel_left` or `group_left`. */
export function publishLeft(world: World, channel: Channel, appId: string, actor: string): void {
  const type = channel.kind === 'public' ? 'channel_left' : 'group_left';
  const event = { type, channel: channel.id, actor_id: actor, event_ts: world.nextTs(channel) };
  world.publish({ teamId: channel.teamId, channelId: channel.id, reach: { appId }, event });
}

export function publishUser(world: World, user: User, type: 'user_change' | 'team_join'): void {
  const shape = userShape(world, user, true);
  const event = { type, user: shape, cache_ts: world.seconds(), event_ts: world.eventTs() };
  world.publish({ teamId: user.teamId, channelId: undefined, reach: 'team', event });
}

/** An event without a channel, to every app of the team or to one. */
export function publishToTeam(
  world: World,
  teamId: string,
  event: { readonly type: string } & Readonly<Record<string, unknown>>,
  appId?: string,
): void {
  world.publish({ teamId, channelId: undefined, reach: appId === undefined ? 'team' : { appId }, event });
}

/** @see https://docs.slack.dev/reference/events/app_home_opened */
export function publishHomeOpened(
  world: World,
  app: App,
  opened: {
    readonly user: string;
    readonly channel: Channel;
    readonly tab: 'home' | 'messages';
    readonly view: ReturnType<typeof viewShape> | undefined;
  },
): void {
  const { user, channel, tab, view } = opened;
  const event = {
    type: 'app_home_opened' as const,
    user,
    channel: channel.id,
    tab,
    event_ts: world.eventTs(),
  };
  const held = event satisfies Omit<Shape<Slack.AppHomeOpenedEvent>, 'view'>;
  publishToTeam(world, app.teamId, { ...held, ...(view && tab === 'home' && { view }) }, app.id);
}

export function permalink(world: World, channel: Channel, ts: string): string {
  const domain = world.teams.get(channel.teamId)?.domain ?? channel.teamId.toLowerCase();
  const message = channel.messages.get(ts);
  const address = `https://${domain}.slack.com/archives/${channel.id}/p${ts.replace('.', '')}`;
  const threadTs = message?.threadTs;
  return threadTs === undefined || threadTs === ts
    ? address
    : `${address}?thread_ts=${threadTs}&cid=${channel.id}`;
}

function publishToChannel(world: World, channel: Channel, event: PublishableEvent): void {
  world.publish({ teamId: channel.teamId, channelId: channel.id, reach: 'channel', event });
}

/** What happens to a public channel concerns every app of the team; to a private one, its members only. */
function publishAboutChannel(world: World, channel: Channel, event: PublishableEvent): void {
  const reach = channel.kind === 'public' ? 'team' : 'channel';
  world.publish({ teamId: channel.teamId, channelId: channel.id, reach, event });
}

type PublishableEvent = { readonly type: string } & Readonly<Record<string, unknown>>;

/** `file_created` goes to the app that made it; the others to whoever can see the file. */
export function publishFile(
  world: World,
  file: StoredFile,
  type: 'file_created' | 'file_change' | 'file_public',
): void {
  const about = { file_id: file.id, file: { id: file.id }, event_ts: world.eventTs() };
  const event =
    type === 'file_change'
      ? ({ type, ...about } satisfies Shape<Slack.FileChangeEvent>)
      : ({ type, user_id: file.user, ...about } satisfies Shape<
          Slack.FileCreatedEvent | Slack.FilePublicEvent
        >);
  if (type !== 'file_created') publishAboutFile(world, file, event);
  else {
    const appId = world.users.get(file.user)?.bot?.appId;
    if (appId !== undefined) publishToTeam(world, file.teamId, event, appId);
  }
}

/** The file is seen in the channel from now on. */
export function publishFileShared(world: World, channel: Channel, file: StoredFile, by: string): void {
  const event = {
    type: 'file_shared',
    file_id: file.id,
    user_id: by,
    file: { id: file.id },
    channel_id: channel.id,
    event_ts: world.eventTs(),
  } satisfies Shape<Slack.FileSharedEvent>;
  publishToChannel(world, channel, event);
}

export function publishFileDeleted(world: World, file: StoredFile): void {
  const channel_ids = [...new Set(file.shares.map(({ channelId }) => channelId))];
  const event = {
    type: 'file_deleted',
    file_id: file.id,
    channel_ids,
    event_ts: world.eventTs(),
  } satisfies Shape<Slack.FileDeletedEvent> & { readonly channel_ids: readonly string[] };
  publishAboutFile(world, file, event);
}

/** Everybody in the team may see what was shared in a public channel; else only those where it was shared. */
function publishAboutFile(world: World, file: StoredFile, event: PublishableEvent): void {
  const channels = file.shares.flatMap(({ channelId }) => world.channels.get(channelId) ?? []);
  const [first] = channels;
  if (channels.some(({ kind }) => kind === 'public')) publishToTeam(world, file.teamId, event);
  else if (first) publishToChannel(world, first, event);
}
