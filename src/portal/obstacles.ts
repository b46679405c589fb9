import type { RoomId, TeamId } from '../ids.ts';
import type { PortalContext } from './context.ts';
import { encryptionFor, encryptionObstacle } from './encryption.ts';
import type { Obstacle, ObstacleKind } from './obstacle-kind.ts';
import type {
  EncryptionChoice,
  PortalChannel,
  PortalKind,
  PortalPolicy,
  ReadThrough,
  SlackChannel,
} from './ports.ts';

export interface Pair {
  readonly room: RoomId;
  readonly channel: PortalChannel;
  readonly policy: Pick<PortalPolicy, 'otherBridges'> & Partial<Pick<PortalPolicy, 'encryption'>>;
  /** Absent: a channel that the bot reads. */
  readonly kind?: PortalKind;
  readonly through?: ReadThrough;
  /** The channel as one of its people just saw it, who isn't known as its reader yet. */
  readonly seen?: SlackChannel;
}

/** The first thing in the way between a room and a channel, cheapest look-ups first; undefined when nothing is. */
export async function findObstacle(context: PortalContext, pair: Pair): Promise<Obstacle | undefined> {
  const inSlack = teamObstacle(context, pair.channel.team) ?? (await channelObstacle(context, pair));
  return inSlack ?? (await roomObstacle(context, pair)) ?? (await bridgesObstacle(context, pair));
}

/** Why a workspace can't be used; undefined when it can. */
export function teamObstacle(context: PortalContext, id: TeamId): Obstacle | undefined {
  const team = context.slack.team(id);
  if (!team)
    return obstacle('team', `The workspace ${id} is not connected: put its token into the configuration.`);
  if (team.trouble === undefined) return undefined;
  return obstacle('team', `The workspace ${team.name} can't be used now: ${team.trouble}`);
}

async function channelObstacle(context: PortalContext, pair: Pair): Promise<Obstacle | undefined> {
  const { channel } = pair;
  const found = pair.seen ?? (await context.slack.channel(channel.team, channel.channel));
  if (pair.through === 'people' && found?.member !== true) return noReader(pair);
  if (!found) {
    return obstacle(
      'channel-gone',
      `Slack doesn't show #${channel.name} to the bridge: it was deleted, or it is private and the bridge's app is no member. Invite the app there.`,
    );
  }
  if (found.archived)
    return obstacle(
      'archived',
      `The Slack channel #${found.name} is archived. Bring it back there to go on.`,
    );
  if (!found.member)
    return obstacle(
      'bot-left',
      `The bridge's app is not in the Slack channel #${found.name}. Invite it there.`,
    );
  return undefined;
}

function noReader({ kind = 'channel', channel }: Pair): Obstacle {
  const where = kind === 'channel' ? `the private Slack channel #${channel.name}` : 'this chat';
  const others = kind === 'channel' ? ' Or have the bridge’s app invited there, with /invite.' : '';
  return obstacle(
    'no-reader',
    `Nobody of ${where} is logged in to Slack here any more. It goes on when one of them says “login” to me in a chat of our own.${others}`,
  );
}

async function roomObstacle(context: PortalContext, pair: Pair): Promise<Obstacle | undefined> {
  const { room } = pair;
  const rights = await context.matrix.rights(room);
  if (!rights.joined)
    return obstacle('bot-removed', `The bridge's bot ${context.matrix.bot} is not in the room. Invite it.`);
  if (rights.missing.length > 0) {
    return obstacle(
      'rights',
      `The bridge's bot lacks rights in the room: ${rights.missing.join(', ')}. Give ${context.matrix.bot} a higher power level.`,
    );
  }
  if (await context.matrix.state(room, 'm.room.tombstone', ''))
    return obstacle(
      'upgraded',
      'The room was replaced by a newer one. Unlink this one and link the new room.',
    );
  const isEncrypted = (await context.matrix.state(room, 'm.room.encryption', '')) !== undefined;
  const choice = await encryptionOf(context, pair);
  return encryptionObstacle(context.encryption, choice, isEncrypted) ?? exposure(context, pair);
}

/** Whether the room is to be encrypted. Slack is asked only where that depends on the channel. */
export async function encryptionOf(
  context: Pick<PortalContext, 'encryption' | 'slack'>,
  { kind, policy, channel, seen, through }: Pick<Pair, 'kind' | 'policy' | 'channel' | 'seen' | 'through'>,
): Promise<EncryptionChoice> {
  const { encryption: defaults, slack } = context;
  const choices = ([false, true] as const).map((isPrivate) =>
    encryptionFor(defaults, { ...(kind && { kind }), policy, private: isPrivate }),
  );
  const [ofPublic = 'off', ofPrivate = 'off'] = choices;
  if (ofPublic === ofPrivate || through === 'people') return ofPrivate;
  const found = seen ?? (await slack.channel(channel.team, channel.channel));
  return found?.private === false ? ofPublic : ofPrivate;
}

/**
 * A private channel never meets a room that anybody may enter or read. Undefined when the channel is public in Slack,
 * or the room is not open.
 */
export async function exposure(
  context: PortalContext,
  { room, channel, seen }: Pair,
): Promise<Obstacle | undefined> {
  const opened = await openness(context, room);
  if (opened === undefined) return undefined; // Slack lets nobody ask often
  const found = seen ?? (await context.slack.channel(channel.team, channel.channel));
  if (found && !found.private) return undefined;
  return obstacle(
    'exposed',
    `#${channel.name} is private in Slack, and ${opened} in this room. Change that in the room's settings, or use another room.`,
  );
}

async function openness(context: PortalContext, room: RoomId): Promise<string | undefined> {
  const rules = await context.matrix.state(room, 'm.room.join_rules', '');
  if (rules?.['join_rule'] === 'public') return 'anybody may join';
  const history = await context.matrix.state(room, 'm.room.history_visibility', '');
  if (history?.['history_visibility'] === 'world_readable') return 'anybody may read along';
  return undefined;
}

/** Two bridges between the same places would send each other's messages round in circles. */
export async function bridgesObstacle(context: PortalContext, pair: Pair): Promise<Obstacle | undefined> {
  if (pair.policy.otherBridges || (pair.kind ?? 'channel') !== 'channel') return undefined;
  const { team, channel } = pair.channel;
  const inSlack = pair.seen ? [] : await context.slack.otherBridges({ team, channel }); // their first post is looked at
  const names = [...(await context.matrix.otherBridges(pair.room)), ...inSlack];
  if (names.length === 0) return undefined;
  return obstacle(
    'other-bridge',
    `Another bridge is at work here: ${names.join(', ')}. Two of them would repeat each other's messages.`,
  );
}

function obstacle(kind: ObstacleKind, message: string): Obstacle {
  return { kind, message };
}

/** `#general (Acme)`, as people read it. */
export function channelTitle(context: PortalContext, channel: PortalChannel | SlackChannel): string {
  return `#${channel.name} (${context.slack.team(channel.team)?.name ?? channel.team})`;
}
