import type { SlackEvent } from '../../events.ts';
import type { PortalContext } from '../context.ts';
import { findObstacle } from '../obstacles.ts';
import { pausePortal, resumePortal } from '../pause.ts';
import type { Portal, PortalChannel } from '../ports.ts';
import type { PortalTurn } from '../turn.ts';
import { aliasToMatrix } from '../shown/alias.ts';
import { pauseIfExposed } from './watch-privacy.ts';

type ChannelEvent = Extract<SlackEvent, { readonly type: 'channel' }>;

/** What happened to a linked channel: its portal pauses, goes on, or takes the channel's new name. */
export async function channelChanged(
  context: PortalContext,
  portal: Portal,
  event: ChannelEvent,
  turn: PortalTurn,
): Promise<void> {
  for (const channel of portal.channels) context.slack.channelChanged(channel);
  const cause = String(turn.item.seq);
  switch (event.change) {
    case 'moved':
      return moveChannel(context, portal, event);
    case 'converted':
      await aliasToMatrix({ context, portal, turn });
      if (portal.status === 'paused') await resumePortal(context, portal, cause);
      return pauseIfBlocked(context, portal, cause);
    case 'archived':
    case 'deleted':
    case 'bot-left':
      return pauseIfBlocked(context, portal, cause);
    case 'bot-joined':
      if (portal.kind === 'channel' && portal.through === 'people') await readByBot(context, portal);
      await resumePortal(context, portal, cause);
      return;
    case 'unarchived':
      await resumePortal(context, portal, cause);
      return;
    case 'renamed':
      return rename(context, portal, event, turn);
  }
}

/** The bot was invited to a private channel that only people read: from now on everybody in the room reaches it. */
async function readByBot(context: PortalContext, portal: Portal): Promise<void> {
  await context.portals.setThrough(portal.id, 'bot');
  const details = { through: 'bot' };
  await context.audit.record({ actor: 'bridge', action: 'read-through', portal: portal.id, details });
}

/** Asks how things stand now: the event may be old, and the channel back by the time it is read. */
async function pauseIfBlocked(context: PortalContext, portal: Portal, cause: string): Promise<void> {
  const obstacle = await findObstacle(context, { ...portal, channel: portal.channels[0] });
  if (obstacle) await pausePortal(context, portal, obstacle, cause);
}

/**
 * The channel has another id from now on; its messages keep theirs. What waits under the old id is still found, and the
 * link is made anew, so that the history tells what came under the new id before this was known.
 */
async function moveChannel(
  context: PortalContext,
  portal: Portal,
  { team, channel, to }: Extract<ChannelEvent, { readonly change: 'moved' }>,
): Promise<void> {
  const place = portal.channels[0];
  const isDone = place.channel === to;
  if (place.team !== team || !(isDone || place.channel === channel))
    return context.metrics.ignored('slack', 'old-move');
  const moved = isDone ? portal : await context.portals.moveChannel(portal.id, { ...place, channel: to });
  context.slack.channelChanged(moved.channels[0]);
  const details = { team, from: channel, to };
  await context.audit.record({ actor: 'bridge', action: 'move-channel', portal: portal.id, details });
  await describe(context, moved, { ...place, channel }, false);
  if (moved.status !== 'live') return;
  await context.portals.setStatus(portal.id, 'filling');
  await describe(context, moved, moved.channels[0], true);
  await context.portals.setStatus(portal.id, 'live');
}

/** What a private channel is called from now on is nothing for an open room either. */
async function rename(
  context: PortalContext,
  portal: Portal,
  event: ChannelEvent,
  turn: PortalTurn,
): Promise<void> {
  const isShown = portal.status === 'live' && !(await pauseIfExposed({ context, portal, turn }));
  const channel = await context.slack.channel(event.team, event.channel);
  if (!channel) return;
  await context.portals.renameChannel(event.team, event.channel, channel.name);
  if (isShown) await describe(context, portal, channel, true);
}

async function describe(
  { matrix, slack }: PortalContext,
  { room }: Portal,
  { team: id, channel, name }: PortalChannel,
  linked: boolean,
): Promise<void> {
  const team = slack.team(id);
  if (!team) return;
  const described = { team: id, channel, name, teamName: team.name, url: team.url };
  await matrix.describeBridge(room, described, linked);
}
