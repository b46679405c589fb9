import { CannotBridge, TryLater } from '../errors.ts';
import { textDoc } from '../format/doc.ts';
import type { PortalContext, PortalMemory, Side } from './context.ts';
import type { Obstacle, ObstacleKind } from './obstacle-kind.ts';
import { findObstacle } from './obstacles.ts';
import type { Portal } from './ports.ts';
import { closeRoom, reopenRoom } from './shown/closed-room.ts';

/** How often a paused portal's items look whether the cause is gone. */
const examineEvery = 30_000;
/** How long its lanes rest between two tries, unless they are told that it goes on. */
const restFor = 5_000;

/**
 * Stops a live portal: nothing goes through it, nothing is lost, and people are told why. `cause` names what led to it,
 * so that repeating that after a crash says it once. One that is paused already isn't talked about again.
 *
 * The notice comes before the pause, so that none is forgotten; unless people may read what isn't theirs: then every
 * message counts.
 */
export async function pausePortal(
  context: PortalContext,
  portal: Portal,
  obstacle: Obstacle,
  cause: string,
): Promise<void> {
  await context.pauses.inTurn(portal.id, async () => {
    if (context.portals.byId(portal.id)?.status !== 'live') return;
    const because = reasonOf(obstacle);
    const closed = obstacle.kind === 'archived' && (await closeRoom(context, portal));
    const words = `The bridge to Slack is paused. ${because}${closed ? ` ${untilThen}` : ''}`;
    const tell = (): Promise<void> => tellRoom(context, portal, words, `paused:${cause}`);
    const urgent = obstacle.kind === 'exposed';
    if (!urgent) await tell();
    await context.portals.setStatus(portal.id, 'paused', because);
    context.pauses.kinds.set(portal.id, obstacle.kind);
    context.log.warn('A portal is paused', { portal: portal.id, kind: obstacle.kind });
    const details = { kind: obstacle.kind, because };
    await context.audit.record({ actor: 'bridge', action: 'pause', portal: portal.id, details });
    if (urgent) await tell();
    if (!inSlack.has(obstacle.kind) && portal.through === 'bot') await tellChannel(context, portal, because);
  });
}

const untilThen = 'Until then only who looks after this room can write here.';

/** What the people of the channel see or did themselves, or can't be told. */
const inSlack: ReadonlySet<ObstacleKind> = new Set(['team', 'channel-gone', 'archived', 'bot-left']);

/** What people of a portal are told: what it is, and what they can do where the obstacle itself doesn't say it. */
export function reasonOf({ kind, message }: Obstacle): string {
  if (kind !== 'other-bridge') return message;
  return `${message} It goes on when the other one's bot has left the room. If it is an app in Slack, or wanted here, say “!slack set other-bridges on”.`;
}

/** Lets a paused portal go on if nothing is in its way any more; otherwise the answer is what is. */
export function resumePortal(
  context: PortalContext,
  portal: Portal,
  cause: string,
): Promise<Obstacle | undefined> {
  return context.pauses.inTurn(portal.id, async () => {
    const now = context.portals.byId(portal.id);
    if (now?.status !== 'paused') return undefined;
    const find = () => findObstacle(context, { ...now, channel: now.channels[0] });
    let obstacle = await find();
    if (!saysNothing.has(obstacle?.kind) && (await reopenRoom(context, now))) obstacle = await find();
    if (obstacle) {
      await stayPaused(context, now, obstacle, cause);
      return obstacle;
    }
    await context.portals.setStatus(portal.id, 'live');
    context.pauses.kinds.delete(portal.id);
    context.log.info('A portal goes on', { portal: portal.id });
    await context.audit.record({ actor: 'bridge', action: 'resume', portal: portal.id, details: {} });
    const words = 'The bridge to Slack goes on; what was written meanwhile follows.';
    await tellRoom(context, now, words, `resumed:${cause}`);
    return undefined;
  });
}

/** With these in the way the channel is archived, or nobody knows whether it still is. */
const saysNothing: ReadonlySet<ObstacleKind | undefined> = new Set(['archived', 'channel-gone', 'team']);

/** The first cause is gone, and people would wait in vain: they are told of the next one. */
async function stayPaused(
  context: PortalContext,
  portal: Portal,
  obstacle: Obstacle,
  cause: string,
): Promise<void> {
  const because = reasonOf(obstacle);
  const before = context.pauses.kinds.get(portal.id);
  if (before !== undefined && before !== obstacle.kind)
    await tellRoom(context, portal, `The bridge to Slack is still paused. ${because}`, `still:${cause}`);
  context.pauses.kinds.set(portal.id, obstacle.kind);
  if (obstacle.kind === 'archived') await closeRoom(context, portal);
  if (because !== portal.pausedBecause) await context.portals.setStatus(portal.id, 'paused', because);
}

/** What an item of a portal is told that doesn't go on yet. */
export function whilePaused(portal: Portal): TryLater {
  return new TryLater('the portal is paused', { after: restFor, target: `portal:${portal.id}` });
}

interface Passing {
  readonly from: Side;
  readonly seq: number;
}

/**
 * Lets an item of a live portal pass. Items of a portal that is being linked or is paused wait in their lane, each
 * looking now and then whether the cause of the pause is gone: a portal comes back even if nobody says so.
 * `false`: the item isn't for the other side at all (the portal was moved for good, or the room sent the bot away).
 */
export async function mayPass(
  context: PortalContext,
  memory: PortalMemory,
  portal: Portal,
  { from, seq }: Passing,
): Promise<boolean> {
  const withoutBot = from === 'matrix' ? context.pauses.cameWithoutBot(portal.id, seq) : false;
  if (withoutBot === true) return false;
  switch (portal.status) {
    case 'live':
      return true;
    case 'frozen':
    case 'unlinked':
      return false;
    case 'pending':
    case 'filling':
      throw new TryLater('the portal is being linked', { after: 1_000, target: `portal:${portal.id}` });
    case 'paused': {
      const kind = await examine(context, memory, portal, `${from}:${seq}`);
      if (context.portals.byId(portal.id)?.status === 'live') return true;
      if (kind === 'bot-removed' && from === 'matrix' && withoutBot === undefined) return false;
      throw whilePaused(portal);
    }
  }
}

/** What keeps a paused portal from going on; undefined when it goes on. */
async function examine(
  context: PortalContext,
  memory: PortalMemory,
  portal: Portal,
  cause: string,
): Promise<ObstacleKind | undefined> {
  const known = memory.examined.get(portal.id);
  const fresh = known && context.clock.now() - known.at < examineEvery;
  if (fresh && known.because === portal.pausedBecause) return known.kind;
  for (const channel of portal.channels) context.slack.channelChanged(channel);
  const obstacle = await resumePortal(context, portal, cause);
  const because = context.portals.byId(portal.id)?.pausedBecause;
  if (obstacle) memory.examined.set(portal.id, { at: context.clock.now(), kind: obstacle.kind, because });
  else memory.examined.delete(portal.id);
  return obstacle?.kind;
}

/** As the bot. A room that doesn't take it goes without: what it would be told is in the audit log. */
async function tellRoom(context: PortalContext, portal: Portal, words: string, part: string): Promise<void> {
  const key = { fact: `portal:${portal.id}`, part };
  try {
    await context.matrix.send(context.matrix.bot, portal.room, { kind: 'notice', text: textDoc(words) }, key);
  } catch (error) {
    if (!(error instanceof CannotBridge)) throw error;
    context.log.warn('A room takes no notice from the bot', { portal: portal.id, reason: error.reason });
  }
}

/** A kindness, and the room was told: when Slack can't take it now, the channel goes without. */
async function tellChannel(context: PortalContext, portal: Portal, because: string): Promise<void> {
  const words = `The bridge to the Matrix room is paused. ${because} What you write here waits until it goes on.`;
  try {
    if (await context.notices.toChannel(portal.channels[0], words)) return;
    context.log.warn('A channel takes no notice from the bot', { portal: portal.id });
  } catch (error) {
    if (!(error instanceof TryLater)) throw error;
    context.log.warn('A channel could not be told of a pause', { portal: portal.id, error });
  }
}
