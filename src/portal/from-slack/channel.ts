import type { SlackEvent } from '../../events.ts';
import type { PortalContext } from '../context.ts';
import { findObstacle } from '../obstacles.ts';
import { pausePortal, resumePortal } from '../pause.ts';
import type { Portal } from '../ports.ts';
import type { PortalTurn } from '../turn.ts';

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
    case 'archived':
    case 'deleted':
    case 'bot-left':
      return pauseIfBlocked(context, portal, cause);
    case 'unarchived':
    case 'bot-joined':
      await resumePortal(context, portal, cause);
      return;
    case 'renamed':
      return rename(context, portal, event);
  }
}

/** Asks how things stand now: the event may be old, and the channel back by the time it is read. */
async function pauseIfBlocked(context: PortalContext, portal: Portal, cause: string): Promise<void> {
  const obstacle = await findObstacle(context, { ...portal, channel: portal.channels[0] });
  if (obstacle) await pausePortal(context, portal, obstacle, cause);
}

async function rename(context: PortalContext, portal: Portal, event: ChannelEvent): Promise<void> {
  const channel = await context.slack.channel(event.team, event.channel);
  if (!channel) return;
  await context.portals.renameChannel(event.team, event.channel, channel.name);
  const team = context.slack.team(event.team);
  if (portal.status !== 'live' || !team) return;
  const { team: id, channel: channelId, name } = channel;
  const described = { team: id, channel: channelId, name, teamName: team.name, url: team.url };
  await context.matrix.describeBridge(portal.room, described, true);
}
