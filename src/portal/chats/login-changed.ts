import { CannotBridge } from '../../errors.ts';
import type { SlackUserId, TeamId } from '../../ids.ts';
import type { PortalContext } from '../context.ts';
import { findObstacle } from '../obstacles.ts';
import { pausePortal, resumePortal } from '../pause.ts';
import type { Portal } from '../ports.ts';
import { gather } from './make-chat.ts';
import { readersOf } from './readers.ts';

/** Whose login came, went or changed. */
export interface ChangedLogin {
  readonly team: TeamId;
  readonly user: SlackUserId;
}

/**
 * What only people read goes on with who has logged in now, and pauses when nobody is left. Who comes gets the chats that are
 * there already.
 */
export async function loginChanged(
  context: PortalContext,
  { team, user }: ChangedLogin,
  cause: string,
): Promise<void> {
  const portals = context.portals
    .all()
    .filter(({ channels, through }) => through === 'people' && channels[0].team === team);
  const isUsable = context.puppets.ofSlackUser(team, user) !== undefined;
  for (const portal of portals) {
    const changed = isUsable ? came(context, portal, user, cause) : went(context, portal, cause);
    await changed.catch((error: unknown) => {
      if (!(error instanceof CannotBridge)) throw error;
      context.log.debug('A login changes nothing for a portal', { portal: portal.id, reason: error.reason });
    });
  }
}

async function came(context: PortalContext, portal: Portal, user: SlackUserId, cause: string): Promise<void> {
  const [place] = portal.channels;
  const isKnown = context.readers.of(place).includes(user);
  if (!isKnown && !(await isThere(context, portal, user))) return;
  const chat = await context.slack.chat(place, user);
  if (!chat?.members.includes(user)) return;
  if (!isKnown) {
    await context.readers.add(place, [user]);
    if (portal.kind !== 'channel') await gather(context, portal, chat.members);
  }
  context.slack.channelChanged(place);
  if (portal.status === 'paused') await resumePortal(context, portal, cause);
}

/** Slack isn't asked about chats in which they surely aren't: until they logged in, their ghost stood for them. */
async function isThere(
  { matrix, puppets }: PortalContext,
  { room, channels: [{ team }] }: Portal,
  user: SlackUserId,
): Promise<boolean> {
  const members = await matrix.joinedMembers(room);
  const own = puppets.ofSlackUser(team, user)?.matrixUser;
  return members.includes(matrix.ghostOf(team, user)) || (own !== undefined && members.includes(own));
}

async function went(context: PortalContext, portal: Portal, cause: string): Promise<void> {
  const [place] = portal.channels;
  if (portal.status !== 'live' || readersOf(context, place).length > 0) return;
  context.slack.channelChanged(place);
  const obstacle = await findObstacle(context, { ...portal, channel: place });
  if (obstacle) await pausePortal(context, portal, obstacle, cause);
}
