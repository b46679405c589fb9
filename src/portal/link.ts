import { CannotBridge, TryLater } from '../errors.ts';
import type { RoomId, SlackUserId } from '../ids.ts';
import { chatLane } from './chats/make-chat.ts';
import type { PortalContext } from './context.ts';
import { encryptIfRequired } from './encryption.ts';
import { channelTitle, encryptionOf, findObstacle } from './obstacles.ts';
import { pausePortal, reasonOf, resumePortal } from './pause.ts';
import type { Portal, PortalPolicy, ReadThrough, SlackChannel } from './ports.ts';
import { nowTs } from './since.ts';
import type { RoomAlias } from './shown/alias.ts';
import { aliasOfRoom, giveAlias, withdrawAliases } from './shown/alias.ts';
import { reopenRoom } from './shown/closed-room.ts';
import { shareName } from './shown/name.ts';

export interface LinkRequest {
  readonly room: RoomId;
  readonly channel: SlackChannel;
  /** Who asked, for the audit log. */
  readonly actor: string;
  /** Link although another bridge is at work in the room or the channel. */
  readonly otherBridges: boolean;
  /** The linked person in Slack through whom it is read: the bot isn't in it. */
  readonly by?: SlackUserId;
  /** The bridge made the room for this channel: they share their name. */
  readonly ownRoom: boolean;
}

/** Joining rooms and channels, and parting them again. All of it may be repeated after a crash: the end is the same. */
export interface Linking {
  /**
   * A live portal between the two; the one that is there, when they are linked already. Throws `CannotBridge` that says
   * what is in the way and what to do: another link, rights, an archived channel, a private channel in an open room, …
   */
  link(request: LinkRequest): Promise<Portal>;
  /** Parts them: ghosts leave, the room's bridge state is cleared. The room and its history stay. */
  unlink(portal: Portal, actor: string): Promise<void>;
  setPolicy(portal: Portal, change: Partial<PortalPolicy>, actor: string): Promise<Portal>;
  /** The alias that the portal's room should have; `undefined` where it should have none. */
  aliasOf(portal: Portal): Promise<RoomAlias | undefined>;
  /** Brings portals to their end that were being linked when the process stopped. Throws `TryLater` when one can't be yet. */
  finishOpen(): Promise<void>;
}

export function createLinking(context: PortalContext): Linking {
  return {
    link: (request) => link(context, request),
    unlink: (portal, actor) => unlink(context, portal, actor),
    setPolicy: (portal, change, actor) => setPolicy(context, portal, change, actor),
    aliasOf: (portal) => aliasOfRoom(context, portal),
    finishOpen: () => finishOpen(context),
  };
}

async function link(context: PortalContext, request: LinkRequest): Promise<Portal> {
  const { room, actor, otherBridges } = request;
  const existing = existingPortal(context, request);
  if (existing?.status === 'live') return existing;
  const { by } = request;
  const channel = by === undefined ? await enterChannel(context, request.channel) : request.channel;
  const policy = existing?.policy ?? { otherBridges };
  const pair = {
    room,
    channel,
    policy: { ...policy, otherBridges: policy.otherBridges || otherBridges },
    ...(by !== undefined && ({ through: 'people', seen: channel } as const)),
  };
  const rights = await context.matrix.rights(room);
  if (rights.joined) await encryptIfRequired(context, room, await encryptionOf(context, pair));
  const obstacle = await findObstacle(context, pair);
  if (obstacle) throw new CannotBridge(obstacle.kind, obstacle.message);
  const through = by === undefined ? 'bot' : 'people';
  if (by !== undefined) await context.readers.add(channel, [by]);
  const portal = existing ?? (await create(context, room, channel, through));
  if (portal.through !== through) await context.portals.setThrough(portal.id, through);
  if (otherBridges) await context.portals.setPolicy(portal.id, { otherBridges });
  if (request.ownRoom) await context.portals.setPolicy(portal.id, { name: true });
  const live = await fill(context, portal);
  await giveAlias(context, live).catch(untilTheNextLook(context, live));
  const details = { room, team: channel.team, channel: channel.channel, name: channel.name, otherBridges };
  await context.audit.record({ actor, action: 'link', portal: portal.id, details });
  return live;
}

/** What a room shows of itself holds up no link. */
function untilTheNextLook({ log }: PortalContext, { id }: Portal): (error: unknown) => void {
  return (error) => {
    if (!(error instanceof TryLater)) throw error;
    log.debug('A room’s alias was not looked at', { portal: id, error });
  };
}

/** The portal of just this pair; a room or a channel that belongs to another one is refused. */
function existingPortal(context: PortalContext, { room, channel }: LinkRequest): Portal | undefined {
  const ofRoom = context.portals.byRoom(room);
  const ofChannel = context.portals.byChannel(channel.team, channel.channel);
  if (ofRoom && ofRoom.id !== ofChannel?.id) {
    const title = channelTitle(context, ofRoom.channels[0]);
    throw new CannotBridge('room-linked', `This room is linked to ${title} already. Unlink it first.`);
  }
  if (ofChannel && ofChannel.id !== ofRoom?.id) {
    const address = `https://matrix.to/#/${encodeURIComponent(ofChannel.room)}`;
    throw new CannotBridge(
      'channel-linked',
      `${channelTitle(context, channel)} is linked already, to the room ${address}. Unlink it there first.`,
    );
  }
  return ofRoom;
}

/** The bot as a member: it joins public channels by itself; into a private one a member has to invite it. */
async function enterChannel(context: PortalContext, channel: SlackChannel): Promise<SlackChannel> {
  if (channel.member || channel.archived) return channel;
  if (channel.private) {
    throw new CannotBridge(
      'not-invited',
      `${channelTitle(context, channel)} is private. A member has to invite the bridge's app there first, with /invite in Slack.`,
    );
  }
  await context.slack.join(channel);
  context.slack.channelChanged(channel);
  return { ...channel, member: true };
}

async function create(
  context: PortalContext,
  room: RoomId,
  channel: SlackChannel,
  through: ReadThrough,
): Promise<Portal> {
  const { team, channel: id, name } = channel;
  return context.portals.create({
    room,
    channel: { team, channel: id, name },
    since: nowTs(context.clock),
    through,
  });
}

async function fill(context: PortalContext, portal: Portal): Promise<Portal> {
  await context.portals.setStatus(portal.id, 'filling');
  await describe(context, portal, true);
  return context.portals.setStatus(portal.id, 'live');
}

async function describe(context: PortalContext, portal: Portal, linked: boolean): Promise<void> {
  const channel = portal.channels[0];
  const team = context.slack.team(channel.team);
  const described = {
    ...channel,
    teamName: team?.name ?? channel.team,
    url: team?.url ?? 'https://slack.com/',
  };
  await context.matrix.describeBridge(portal.room, described, linked);
}

/** Frozen first: while the ghosts leave, nothing brings one back. Unlinked last: until then it can be repeated. */
export async function unlink(context: PortalContext, portal: Portal, actor: string): Promise<void> {
  const { matrix } = context;
  await context.portals.setStatus(portal.id, 'frozen', 'It is being unlinked.');
  if ((await matrix.rights(portal.room)).joined) {
    await describe(context, portal, false);
    await reopenRoom(context, portal);
    for (const user of await matrix.joinedMembers(portal.room)) {
      if (user !== matrix.bot && matrix.isOurs(user)) await matrix.leave(portal.room, user);
    }
  }
  await withdrawAliases(context, portal);
  await context.portals.setStatus(portal.id, 'unlinked');
  const { team, channel, name } = portal.channels[0];
  const details = { room: portal.room, team, channel, name };
  await context.audit.record({ actor, action: 'unlink', portal: portal.id, details });
}

async function setPolicy(
  context: PortalContext,
  portal: Portal,
  change: Partial<PortalPolicy>,
  actor: string,
): Promise<Portal> {
  const changed = await context.portals.setPolicy(portal.id, change);
  await context.audit.record({ actor, action: 'set', portal: portal.id, details: { ...change } });
  if (change.readOnly === false) await reopenRoom(context, changed);
  const toMatrix = changed.status === 'live' && changed.policy.direction !== 'to-slack';
  if (change.name === true && toMatrix) {
    await shareName(context, changed);
    await giveAlias(context, changed);
  }
  const cause = `set:${context.clock.now()}`;
  if (change.encryption !== undefined) await encryptionChosen(context, changed, cause);
  if (changed.status === 'paused') await resumePortal(context, changed, cause);
  return context.portals.byId(portal.id) ?? changed;
}

/** What was chosen holds at once: the room is encrypted where it has to be, or the portal pauses. */
async function encryptionChosen(context: PortalContext, portal: Portal, cause: string): Promise<void> {
  const pair = { ...portal, channel: portal.channels[0] };
  await encryptIfRequired(context, portal.room, await encryptionOf(context, pair));
  if (portal.status !== 'live') return;
  const obstacle = await findObstacle(context, pair);
  if (obstacle) await pausePortal(context, portal, obstacle, cause);
}

async function finishOpen(context: PortalContext): Promise<void> {
  let failure: unknown;
  for (const portal of context.portals.all()) {
    if (portal.status !== 'pending' && portal.status !== 'filling') continue;
    await finish(context, portal).catch((error: unknown) => {
      failure = error;
    });
  }
  if (failure !== undefined) throw new TryLater('a portal could not be finished', { cause: failure });
}

async function finish(context: PortalContext, portal: Portal): Promise<void> {
  if (portal.kind !== 'channel' && (await context.chats.isWaiting(chatLane(portal.channels[0])))) return; // what waits there ends it
  const obstacle = await findObstacle(context, { ...portal, channel: portal.channels[0] });
  if (!obstacle) {
    await fill(context, portal);
    return;
  }
  await context.portals.setStatus(portal.id, 'paused', reasonOf(obstacle));
  context.log.warn('A portal could not be finished', { portal: portal.id, kind: obstacle.kind });
}
