import type { Channel, ChannelKind } from '../model.ts';

/** `channel_type` in message events. */
export const channelTypes = {
  public: 'channel',
  private: 'group',
  im: 'im',
  mpim: 'mpim',
} as const satisfies Record<ChannelKind, string>;

/** A conversation object as `viewer` (a user id) sees it. */
export function channelShape(channel: Channel, viewer: string | undefined) {
  if (channel.kind === 'im') return directShape(channel, viewer);
  const isMember = viewer !== undefined && channel.members.has(viewer);
  return {
    ...commonShape(channel),
    name: channel.name,
    name_normalized: channel.name,
    is_channel: channel.kind === 'public',
    is_group: channel.kind === 'private',
    is_im: false,
    is_mpim: channel.kind === 'mpim',
    is_private: channel.kind !== 'public',
    is_general: channel.general,
    is_member: isMember,
    creator: channel.creator,
    unlinked: 0,
    is_shared: false,
    is_pending_ext_shared: false,
    pending_shared: [],
    parent_conversation: null,
    shared_team_ids: [channel.teamId],
    pending_connected_team_ids: [],
    topic: noteShape(channel.topic),
    purpose: noteShape(channel.purpose),
    previous_names: [...channel.previousNames],
    ...(channel.kind === 'mpim' && { is_open: true }),
    last_read: lastRead(channel, viewer),
  };
}

/** The channel object inside `channel_created`. */
export function createdChannelShape(channel: Channel) {
  return {
    id: channel.id,
    name: channel.name,
    name_normalized: channel.name,
    created: channel.created,
    creator: channel.creator,
    context_team_id: channel.teamId,
    is_channel: true,
    is_group: false,
    is_im: false,
    is_mpim: false,
    is_private: false,
    is_archived: channel.archived,
    is_frozen: false,
    is_general: channel.general,
    is_shared: false,
    is_org_shared: false,
    is_ext_shared: false,
    is_pending_ext_shared: false,
  };
}

function directShape(channel: Channel, viewer: string | undefined) {
  const other = [...channel.members].find((member) => member !== viewer) ?? channel.creator;
  return {
    ...commonShape(channel),
    is_im: true,
    user: other,
    is_user_deleted: false,
    is_open: true,
    priority: 0,
    last_read: lastRead(channel, viewer),
  };
}

/** Members only have one. */
function lastRead(channel: Channel, viewer: string | undefined): string | undefined {
  if (viewer === undefined || !channel.members.has(viewer)) return undefined;
  return channel.lastRead.get(viewer) ?? '0000000000.000000';
}

function commonShape(channel: Channel) {
  return {
    id: channel.id,
    created: channel.created,
    updated: channel.created * 1000,
    context_team_id: channel.teamId,
    is_archived: channel.archived,
    is_ext_shared: false,
    is_org_shared: false,
  };
}

function noteShape(note: Channel['topic']) {
  return { value: note.value, creator: note.creator, last_set: note.lastSet };
}
