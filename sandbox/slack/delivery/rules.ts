import type { App, Channel, ChannelKind, Token } from '../model.ts';
import { userTokens } from '../user-tokens.ts';
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
  ['im_created', 'im:read'],
  ['im_open', 'im:read'],
  ['im_close', 'im:read'],
  ['group_open', 'groups:read'],
  ['group_close', 'groups:read'],
  ['user_change', 'users:read'],
  ['team_join', 'users:read'],
  ['emoji_changed', 'emoji:read'],
  ['subteam_created', 'usergroups:read'],
  ['subteam_updated', 'usergroups:read'],
]);

/** For whom an app gets an event: its bot, or one of the people who let it act for them. */
export interface Receiver {
  readonly app: App;
  readonly userId: string;
  readonly isBot: boolean;
}

/**
 * The apps that an event is sent to, once each: installed, and subscribed, with the scope, and for what happens inside a
 * channel a member of it, for their bot or for a person. Where both may see it, it comes for the bot.
 * @see https://docs.slack.dev/apis/events-api/#authorizations
 */
export function receivers(world: World, published: PublishedEvent): readonly Receiver[] {
  const apps = world.appsByTeam.get(published.teamId) ?? [];
  const channel = published.channelId === undefined ? undefined : world.channels.get(published.channelId);
  return apps.flatMap((app) => receiverOf(world, app, published, channel) ?? []);
}

function receiverOf(
  world: World,
  app: App,
  published: PublishedEvent,
  channel: Channel | undefined,
): Receiver | undefined {
  const { reach } = published;
  if (!app.installed || app.transport === 'none') return undefined;
  if (typeof reach === 'object' && 'appId' in reach && reach.appId !== app.id) return undefined;
  if (seenByBot(app, published, channel)) return { app, userId: app.botUserId, isBot: true };
  const token = userTokens(world, app).find((one) => seenByPerson(app, one, published, channel));
  return token?.userId === undefined ? undefined : { app, userId: token.userId, isBot: false };
}

function seenByBot(app: App, { reach, event }: PublishedEvent, channel: Channel | undefined): boolean {
  if (typeof reach === 'object' && 'userId' in reach) return false;
  if (reach === 'channel' && channel?.members.has(app.botUserId) !== true) return false;
  if (app.subscriptions && !isSubscribed(app.subscriptions, event.type, channel)) return false;
  return isAllowed(app.scopes, event.type, channel);
}

function seenByPerson(
  app: App,
  token: Token,
  { reach, event }: PublishedEvent,
  channel: Channel | undefined,
): boolean {
  const userId = token.userId ?? '';
  if (typeof reach === 'object' && 'userId' in reach && reach.userId !== userId) return false;
  if (reach === 'channel' && channel?.members.has(userId) !== true) return false;
  return (
    isSubscribed(app.userSubscriptions, event.type, channel) &&
    isAllowed(token.scopes ?? [], event.type, channel)
  );
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

/** Whether the scopes have the one that the event needs. */
function isAllowed(scopes: readonly string[], type: string, channel: Channel | undefined): boolean {
  const scope = SCOPES.get(type);
  if (scope === undefined) return true;
  const needed = scope === 'history' || scope === 'read' ? BY_KIND[scope][channel?.kind ?? 'public'] : scope;
  return scopes.includes(needed);
}
