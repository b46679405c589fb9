import type { App, Channel, ChannelKind } from '../model.ts';
import type { PublishedEvent, World } from '../world.ts';

const BY_KIND = {
  history: { public: 'channels:history', private: 'groups:history', im: 'im:history', mpim: 'mpim:history' },
  read: { public: 'channels:read', private: 'groups:read', im: 'im:read', mpim: 'mpim:read' },
} as const satisfies Record<string, Record<ChannelKind, string>>;

/**
 * The scope without which an app isn't sent an event; events that aren't listed need none.
 * `history` and `read` stand for the one of the channel's kind.
 */
const SCOPES: ReadonlyMap<string, string> = new Map([
  ['message', 'history'],
  ['reaction_added', 'reactions:read'],
  ['reaction_removed', 'reactions:read'],
  ['pin_added', 'pins:read'],
  ['pin_removed', 'pins:read'],
  ['channel_id_changed', 'read'],
  ['member_joined_channel', 'read'],
  ['member_left_channel', 'read'],
  ...['created', 'rename', 'archive', 'unarchive', 'deleted', 'left'].flatMap((change) => [
    [`channel_${change}`, 'channels:read'] as const,
    [`group_${change}`, 'groups:read'] as const,
  ]),
  ...['created', 'shared', 'public', 'change', 'deleted'].map(
    (change) => [`file_${change}`, 'files:read'] as const,
  ),
  ['user_change', 'users:read'],
  ['team_join', 'users:read'],
  ['emoji_changed', 'emoji:read'],
  ['subteam_created', 'usergroups:read'],
  ['subteam_updated', 'usergroups:read'],
]);

/**
 * The apps that an event is sent to: installed, subscribed, with the scope, and for what happens inside a channel with
 * their bot among its members.
 */
export function receivers(world: World, published: PublishedEvent): readonly App[] {
  const apps = world.appsByTeam.get(published.teamId) ?? [];
  const channel = published.channelId === undefined ? undefined : world.channels.get(published.channelId);
  return apps.filter((app) => receives(app, published, channel));
}

function receives(app: App, published: PublishedEvent, channel: Channel | undefined): boolean {
  const { reach, event } = published;
  if (!app.installed || app.transport === 'none') return false;
  if (typeof reach === 'object' && reach.appId !== app.id) return false;
  if (reach === 'channel' && channel?.members.has(app.botUserId) !== true) return false;
  if (app.subscriptions && !isSubscribed(app.subscriptions, event.type, channel)) return false;
  const needed = neededScope(event.type, channel);
  return needed === undefined || app.scopes.includes(needed);
}

/** A manifest subscribes to `message.channels`, `message.groups`, `message.im` and `message.mpim`, not to `message`. */
function isSubscribed(subscriptions: readonly string[], type: string, channel: Channel | undefined): boolean {
  if (type === 'app_rate_limited' || subscriptions.includes(type)) return true;
  if (type !== 'message' || !channel) return false;
  const names = {
    public: 'message.channels',
    private: 'message.groups',
    im: 'message.im',
    mpim: 'message.mpim',
  } as const;
  return subscriptions.includes(names[channel.kind]);
}

function neededScope(type: string, channel: Channel | undefined): string | undefined {
  const scope = SCOPES.get(type);
  if (scope !== 'history' && scope !== 'read') return scope;
  return BY_KIND[scope][channel?.kind ?? 'public'];
}
