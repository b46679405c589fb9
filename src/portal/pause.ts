import { CannotBridge, TryLater } from '../errors.ts';
import { textDoc } from '../format/doc.ts';
import type { PortalContext, PortalMemory, Side } from './context.ts';
import type { Obstacle } from './obstacle-kind.ts';
import { findObstacle } from './obstacles.ts';
import type { Portal } from './ports.ts';

/** How often a paused portal's items look whether the cause is gone. */
const examineEvery = 30_000;
/** How long its lanes rest between two tries; so soon after its return a portal goes on. */
const restFor = 5_000;

/**
 * Stops a portal: nothing goes through it, nothing is lost, and the room is told why. `cause` names the item that led
 * to it, so that repeating the item says it once.
 */
export async function pausePortal(
  context: PortalContext,
  portal: Portal,
  obstacle: Obstacle,
  cause: string,
): Promise<void> {
  if (portal.status === 'frozen' || portal.status === 'unlinked') return;
  const because = reasonOf(obstacle);
  if (portal.status !== 'paused' || portal.pausedBecause !== because) {
    await context.portals.setStatus(portal.id, 'paused', because);
    context.log.warn('A portal is paused', { portal: portal.id, kind: obstacle.kind });
    const details = { kind: obstacle.kind, because };
    await context.audit.record({ actor: 'bridge', action: 'pause', portal: portal.id, details });
  }
  await tellRoom(context, portal, `The bridge to Slack is paused. ${because}`, `paused:${cause}`);
}

/** What people of a portal are told: what it is, and what they can do where the obstacle itself doesn't say it. */
export function reasonOf({ kind, message }: Obstacle): string {
  if (kind !== 'other-bridge') return message;
  return `${message} It goes on when the other one's bot has left the room. If it is an app in Slack, or wanted here, say “!slack set other-bridges on”.`;
}

/** Lets a paused portal go on if nothing is in its way any more; otherwise the answer is what is. */
export async function resumePortal(
  context: PortalContext,
  portal: Portal,
  cause: string,
): Promise<Obstacle | undefined> {
  if (portal.status !== 'paused') return undefined;
  const { room, policy, channels } = portal;
  const obstacle = await findObstacle(context, { room, policy, channel: channels[0] });
  if (obstacle) {
    const because = reasonOf(obstacle);
    if (because !== portal.pausedBecause) await context.portals.setStatus(portal.id, 'paused', because);
    return obstacle;
  }
  await context.portals.setStatus(portal.id, 'live');
  context.log.info('A portal goes on', { portal: portal.id });
  await context.audit.record({ actor: 'bridge', action: 'resume', portal: portal.id, details: {} });
  const words = 'The bridge to Slack goes on; what was written meanwhile follows.';
  await tellRoom(context, portal, words, `resumed:${cause}`);
  return undefined;
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
  { from, cause }: { readonly from: Side; readonly cause: string },
): Promise<boolean> {
  switch (portal.status) {
    case 'live':
      return true;
    case 'frozen':
    case 'unlinked':
      return false;
    case 'pending':
    case 'filling':
      throw new TryLater('the portal is being linked', { after: 1_000, target: `room:${portal.room}` });
    case 'paused': {
      const kind = await examine(context, memory, portal, cause);
      if (kind === undefined) return true;
      if (kind === 'bot-removed' && from === 'matrix') return false;
      throw new TryLater('the portal is paused', { after: restFor, target: `room:${portal.room}` });
    }
  }
}

/** What keeps a paused portal from going on; undefined when it goes on. */
async function examine(
  context: PortalContext,
  memory: PortalMemory,
  portal: Portal,
  cause: string,
): Promise<Obstacle['kind'] | undefined> {
  const known = memory.examined.get(portal.id);
  if (known && context.clock.now() - known.at < examineEvery) return known.kind;
  context.slack.channelChanged(portal.channels[0]);
  const obstacle = await resumePortal(context, portal, cause);
  if (obstacle) memory.examined.set(portal.id, { at: context.clock.now(), kind: obstacle.kind });
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
