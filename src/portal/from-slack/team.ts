import type { SlackEvent } from '../../events.ts';
import type { TeamId } from '../../ids.ts';
import type { PortalContext } from '../context.ts';
import { teamObstacle } from '../obstacles.ts';
import { pausePortal, resumePortal } from '../pause.ts';
import type { Portal } from '../ports.ts';
import type { PortalTurn } from '../turn.ts';

type TeamEvent = Extract<SlackEvent, { readonly type: 'team' }>;

/** The app was taken out of a workspace, or its token revoked: all its portals sleep until it is back. */
export async function teamChanged(context: PortalContext, event: TeamEvent, turn: PortalTurn): Promise<void> {
  if (event.change === 'rate-limited') {
    context.log.warn('Slack holds back events of a workspace: too many an hour', { team: event.team });
    return;
  }
  await teamFailed(context, event.team, String(turn.item.seq));
}

/** A workspace can't be used: its portals pause, each with one notice, however many messages wait. */
export async function teamFailed(context: PortalContext, team: TeamId, cause: string): Promise<void> {
  await eachOf(portalsOf(context, team), async (portal) => {
    const obstacle = teamObstacle(context, team);
    if (obstacle && portal.status === 'live') await pausePortal(context, portal, obstacle, cause);
  });
}

/** A workspace can be used again: its paused portals go on, unless something else is in their way. */
export async function teamReturned(context: PortalContext, team: TeamId, cause: string): Promise<void> {
  await eachOf(portalsOf(context, team), async (portal) => {
    for (const channel of portal.channels) context.slack.channelChanged(channel);
    await resumePortal(context, portal, cause);
  });
}

function portalsOf(context: PortalContext, team: TeamId): readonly Portal[] {
  return context.portals.all().filter((portal) => portal.channels[0].team === team);
}

const atOnce = 8;

/** Several at a time, so that the last of hundreds hears of it in time. What fails for one doesn't keep the others. */
async function eachOf(portals: readonly Portal[], work: (portal: Portal) => Promise<void>): Promise<void> {
  const waiting = portals.values();
  const failures: unknown[] = [];
  const workers = Array.from({ length: atOnce }, async () => {
    for (const portal of waiting) await work(portal).catch((error: unknown) => failures.push(error));
  });
  await Promise.all(workers);
  if (failures.length > 0) throw failures[0];
}
